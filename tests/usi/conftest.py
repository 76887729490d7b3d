"""An engine as clients register it; real clients and engines are started here, as `make usi-clients` asks for."""

import os
from pathlib import Path

import pytest

from keisei_plugins_usi.engine.launcher import write_launcher

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
    """The launcher of the committed network, in a folder called what users' folders are called."""
    return write_launcher(tmp_path_factory.mktemp("engines") / "My 将棋 エンジン", "new", [str(NETWORK)])
