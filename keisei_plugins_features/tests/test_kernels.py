"""The kernels without a compiler, and with bounds checks, write what the compiled ones write."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from keisei_core.shogi import UInt8Array
from keisei_core.testing import corpus, feature_set

ENCODE = """
import sys
import numpy as np
from keisei_core.observe import FeatureSet, PlaneContext
from keisei_core.plugins import load_registry
from keisei_core.shogi import Positions

choices = load_registry().resolve_features(sys.argv[3])
features = FeatureSet([choice.build(PlaneContext(max_plies=512)) for choice in choices])
np.save(sys.argv[2], features.encode(Positions.from_arrays(np.load(sys.argv[1]))))
"""
WITHOUT_SAFE = "core46+all+attacks+history"


def encode_in_a_process(folder: Path, names: str, **environment: str) -> UInt8Array:
    """Encodes the stored positions of `folder` in a fresh interpreter."""
    command = [sys.executable, "-c", ENCODE, str(folder / "positions.npz"), str(folder / "planes.npy"), names]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    planes: UInt8Array = np.load(folder / "planes.npy")
    return planes


@pytest.mark.parametrize(
    ("environment", "names", "num_positions"),
    [
        pytest.param({"NUMBA_DISABLE_JIT": "1"}, WITHOUT_SAFE, 40, id="plain-python"),
        pytest.param({"NUMBA_DISABLE_JIT": "1"}, "safe", 4, id="plain-python-exchanges"),
        pytest.param({"NUMBA_BOUNDSCHECK": "1"}, f"{WITHOUT_SAFE}+safe", None, id="bounds-checked"),
    ],
)
def test_kernels_run_another_way_write_the_same_planes(
    environment: dict[str, str], names: str, num_positions: int | None, tmp_path: Path
) -> None:
    positions = corpus(history=7)[:num_positions]
    np.savez(tmp_path / "positions.npz", **positions.arrays())
    planes = encode_in_a_process(tmp_path, names, NUMBA_CACHE_DIR=str(tmp_path), **environment)
    np.testing.assert_array_equal(planes, feature_set(names).encode(positions))
