"""What tests of several folders use: settings of a run of seconds, commands in the test's own process, and a workshop
where plugins are made.

Plugins of the workshop are real distributions with metadata, in a folder of their own.
"""

import sys
from collections.abc import Callable, Collection, Iterator
from importlib.metadata import EntryPoint, distribution, distributions
from itertools import count
from pathlib import Path

import pytest

from keisei_core.plugins import Registry, Settings, load_registry, read_settings
from keisei_core.plugins.notices import forget_notices

_NUMBERS = count()

TINY = {
    "run.plies": 512,
    "run.device": "cpu",
    "run.threads": 1,
    "selfplay.games": 8,
    "selfplay.rollout_plies": 8,
    "selfplay.max_plies": 40,
    "learning.minibatch": 32,
    "model.tower_depth": 1,
    "model.tower_width": 8,
    "evaluation.every_updates": 4,
    "evaluation.games": 2,
    "evaluation.final_games": 4,
    "evaluation.max_plies": 60,
    "checkpoint.every_updates": 2,
}

WRONG_HOOKS = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def {hook}():
    return [Component(name="wrong", target="{module}.thing:Wrong", summary="a wrong one")]
"""
MODEL_HOOKS = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_models():
    options = "{module}.options:Options"
    return [Component(name="{name}", target="{module}.thing:Thing", summary="a toy", options=options)]
"""
OPTIONS = """
import attrs

from keisei_core.config import at_least, setting


@attrs.frozen(kw_only=True)
class Options:
    depth: int = setting(2, "how deep", at_least(1))
    ratio: float = setting(0.5, "how wide")
    deep_heads: bool = setting(False, "whether heads are deep")
"""
THING = """
class Thing:
    def __init__(self, *arguments):
        self.arguments = arguments
"""


class Workshop:
    """Makes distributions in a folder on `sys.path`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def plugin(
        self,
        hooks: str,
        *,
        distribution: str = "keisei-plugins-toy",
        entry: str = "toy",
        version: str = "1.2.3",
        name: str = "toy",
        files: dict[str, str] | None = None,
    ) -> str:
        """Writes a distribution and returns its import package; `{module}` and `{name}` in sources are filled in."""
        module = f"workshop_{next(_NUMBERS)}"
        package = self.folder / module
        package.mkdir(parents=True)
        for file, source in {"__init__": "", "hooks": hooks, **(files or {})}.items():
            text = source.replace("{module}", module).replace("{name}", name)
            (package / f"{file}.py").write_text(text)
        card = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        card.mkdir(exist_ok=True)
        metadata = f"Metadata-Version: 2.4\nName: {distribution}\nVersion: {version}\n"
        (card / "METADATA").write_text(f"{metadata}Project-URL: Homepage, https://example.org/{distribution}\n")
        with (card / "entry_points.txt").open("a") as file:
            file.write(f"[keisei]\n{entry} = {module}.hooks\n" if not file.tell() else f"{entry} = {module}.hooks\n")
        return module

    def model(self, name: str = "toy", *, options: str = OPTIONS, distribution: str = "", thing: str = THING) -> str:
        """Writes a distribution with one model."""
        return self.plugin(
            MODEL_HOOKS,
            name=name,
            distribution=distribution or f"keisei-plugins-{name}",
            entry=name,
            files={"options": options, "thing": thing},
        )

    def wrong(self, hook: str, thing: str) -> str:
        """Writes keisei-plugins-wrong 3.2.1, whose class `Wrong` in `thing` is what a hook offers as `wrong`."""
        hooks, names = WRONG_HOOKS.replace("{hook}", hook), {"distribution": "keisei-plugins-wrong", "entry": "wrong"}
        return self.plugin(hooks, version="3.2.1", files={"thing": thing}, **names)

    def entries(self) -> list[EntryPoint]:
        """Returns the entry points of what was made here."""
        found = distributions(path=[str(self.folder)])
        return [entry for card in found for entry in card.entry_points if entry.group == "keisei"]

    def all_entries(self) -> list[EntryPoint]:
        """Returns those, the core's own and the default algorithm's, without anything else that is installed."""
        own = [entry for name in ("keisei", "keisei-plugins-ppo") for entry in distribution(name).entry_points]
        return [*(entry for entry in own if entry.group == "keisei"), *self.entries()]

    def registry(self, disable: Collection[str] = ()) -> Registry:
        """Loads what was made here, the core's own plugin and PPO's."""
        return load_registry(disable, self.all_entries())


@pytest.fixture(scope="session")
def tiny() -> Callable[..., Settings]:
    """Settings of a run of seconds; keyword arguments name keys as table__key."""

    def make(**changes: object) -> Settings:
        keys = TINY | {name.replace("__", "."): value for name, value in changes.items()}
        return read_settings(None, [(key, value) for key, value in keys.items()])

    return make


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delenv("KEISEI_DISABLE_PLUGINS", raising=False)
    forget_notices()
    yield Workshop(folder)
    for module in [name for name in sys.modules if name.startswith("workshop_")]:
        del sys.modules[module]


@pytest.fixture
def keisei(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command in this process, where torch is loaded; returns (exit code, stdout, stderr)."""
    from tests.in_process import exit_code_of

    def call(*arguments: object) -> tuple[int, str, str]:
        forget_notices()
        code = exit_code_of(*arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return call
