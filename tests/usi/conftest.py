"""An engine as clients register it; real clients and engines are started here, as `make usi-clients` asks for."""

import os
import shlex
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NETWORK = ROOT / "docs" / "results" / "gate" / "new"
ASKED_FOR = "KEISEI_USI_CLIENTS"
"""The folder of the clients' programs; where it is not set nothing here is run."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves out what takes minutes unless it is asked for."""
    reason = f"real clients of USI take minutes: `make usi-clients` installs them and sets {ASKED_FOR}"
    for item in items:
        if item.path.parent == Path(__file__).parent and ASKED_FOR not in os.environ:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder of the clients' programs."""
    return Path(os.environ[ASKED_FOR])


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that starts the committed network; it takes no arguments, and its folder has what users' folders have."""
    path = tmp_path_factory.mktemp("engines") / "My 将棋 エンジン" / "keisei"
    path.parent.mkdir()
    words = [str(Path(sys.executable).with_name("keisei")), "usi", str(NETWORK)]
    path.write_text(f"#!/bin/sh\nexec {shlex.join(words)}\n", encoding="utf-8")
    path.chmod(0o755)
    return path
