"""What Keisei asks of a distribution backend; its worlds of real processes are a long proof."""

import os
from importlib.util import find_spec

import pytest

from keisei_core.testing import DistributionContract

LONG = os.environ.get("KEISEI_DISTRIBUTED") == "1" and find_spec("ray") is not None
# Two processes on one of two machines with a CPU each.
TOGETHER = {"cpus": 0.5, "strategy": "STRICT_PACK", "place_timeout_s": 120}


@pytest.fixture(scope="module", autouse=LONG)
def on_the_cluster(shared):
    """Lets this process find the cluster that all long proofs share."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in shared.get().variables.items():
            patched.setenv(name, value)
        yield


class TestRay(DistributionContract):
    name = "ray"
    worlds = {size: {"processes": size, **TOGETHER} for size in (1, 2)} if LONG else {}
    restarts = {"processes": 2, "max_restarts": 1, **TOGETHER} if LONG else None
    limit_s = 400.0
