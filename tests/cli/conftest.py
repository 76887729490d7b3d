"""The command line in this process, with plugins from the workshop and a stand-in for what it starts."""

import signal
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from keisei_core.cli import main
from keisei_core.errors import DivergedError


class Runs(ModuleType):
    """Stands in for `keisei_core.run` and `succession`, which would load torch: remembers what it was called with."""

    def __init__(self) -> None:
        super().__init__("keisei_core.run")
        self.calls: list[tuple[Any, ...]] = []
        self.code = 0
        self.telling: dict[str, bool] = {}
        """What the last call was to tell."""
        self.given: Any = ()
        """The flags over a run's config."""

    def train(self, settings: Any, run_dir: Path | None, **telling: bool) -> int:
        self.calls.append(("train", settings, run_dir))
        self.telling = telling
        return self.code

    def train_or_resume(self, settings: Any, run_dir: Path, typed: str, **telling: bool) -> int:
        self.calls.append(("train_or_resume", settings, run_dir, typed))
        self.telling = telling
        return self.code

    def check(self, settings: Any, **telling: bool) -> int:
        self.calls.append(("check", settings))
        self.telling = telling
        return self.code

    def resume(self, run_dir: Path, overrides: Any, **telling: bool) -> int:
        self.calls.append(("resume", run_dir))
        self.given = overrides
        self.telling = telling
        if run_dir.name == "diverging":
            raise DivergedError("loss is nan")
        if run_dir.name == "interrupted":
            signal.raise_signal(signal.SIGINT)
        return self.code

    def train_from(
        self, settings: Any, source: Path, run_dir: Path | None, *, is_migrating: bool, command: str, **telling: bool
    ) -> int:
        self.calls.append(("train_from", settings, source, run_dir, is_migrating, command))
        self.telling = telling
        return self.code

    def migrate(self, settings: Any, source: Path, run_dir: Path | None, **wishes: Any) -> int:
        self.calls.append(("migrate", settings, source, run_dir, wishes))
        return self.code

    @property
    def settings(self) -> Any:
        """The settings of the last call."""
        return self.calls[-1][1]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    stand_in = Runs()
    for module in ("run", "succession"):
        monkeypatch.setitem(sys.modules, f"keisei_core.{module}", stand_in)
    return stand_in


PLANES = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_feature_planes():
    return [Component(name=name, target="a:b", summary="planes") for name in ("plain", "fancy")]
"""
CONFIG = """
[input]
features = "plain"
[model]
name = "toy"
depth = 4
[run]
seed = 1
"""


@pytest.fixture
def keisei(
    workshop: Any, runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Runs a command in an empty folder with a good keisei.toml; returns (exit code, stdout, stderr)."""
    workshop.plugin(PLANES, distribution="keisei-plugins-planes", entry="planes")
    workshop.model("toy")
    for module in ("loader", "entries"):
        monkeypatch.setattr(f"keisei_core.plugins.{module}.installed_entries", workshop.all_entries)
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "keisei.toml").write_text(CONFIG)
    monkeypatch.chdir(folder)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return call
