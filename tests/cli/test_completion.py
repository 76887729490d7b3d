"""What a shell is offered for a line that is being typed."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from keisei_core.cli import main
from keisei_core.cli.completing.shells import words_of
from keisei_core.config.tables import CORE_TABLES
from keisei_core.plugins.core_commands import CORE_COMMANDS

OPTIONS = """
import attrs

from keisei_core.config import setting
from keisei_core.config.checks import one_of


@attrs.frozen(kw_only=True)
class Options:
    width: int = setting(8, "how wide")
    form: str = setting("round", "which form", one_of("round", "square"))
    is_deep: bool = setting(False, "deeper")
"""


@pytest.fixture
def offered(keisei: Any, workshop: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Returns what may stand at the end of a line: kinds and meanings by value."""
    workshop.model("wide", options=OPTIONS)
    for place in ("mine/checkpoints/update-000002", "other"):
        Path("runs", place).mkdir(parents=True)
    for file in ("mine/config.toml", "other/config.toml", "mine/checkpoints/update-000002/manifest.json"):
        Path("runs", file).touch()

    def ask(line: str, shell: str = "fish") -> dict[str, tuple[str, str]]:
        monkeypatch.setenv("_KEISEI_COMPLETE", f"{shell}_complete")
        monkeypatch.setenv("COMP_LINE", line)
        with pytest.raises(SystemExit):
            main(())
        out, err = capsys.readouterr()
        assert err == ""
        rows = [row.split("\t") for row in out.splitlines() if row]
        return {value: (kind, meaning) for kind, value, meaning in rows}

    return ask


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("keisei mat", ["match"]),
        ("keisei plugins ne", ["new"]),
        ("keisei run --input-f", ["--input-features"]),
        ("keisei run --model ", ["toy", "wide"]),
        ("keisei run --model=w", ["--model=wide"]),
        ("keisei run --model toy --device ", ["auto", "cpu", "cuda"]),
        ("keisei run --input-features plain+f", ["plain+fancy"]),
        ("keisei run --input-features pl", ["plain"]),
        ("keisei run --set selfplay.ga", ["selfplay.games="]),
        ("keisei run --set=selfplay.ga", ["--set=selfplay.games="]),
        ("keisei run --set model.name=t", ["model.name=toy"]),
        ("keisei run --set model.wi", ["model.width="]),
        ("keisei run --set model.is_deep=", ["model.is_deep=true", "model.is_deep=false"]),
        ("keisei run --set model.form=", ["model.form=round", "model.form=square"]),
        ("keisei run --set run.device=c", ["run.device=cpu", "run.device=cuda"]),
        ("keisei run --set run.seed=", ["run.seed=0"]),
        ("keisei run --set run.nosuch=", []),
        ("keisei match rand", ["random", ""]),
        ("keisei match random runs/", ["runs/other", "runs/mine", ""]),
        ("keisei match runs/mine/", ["runs/mine/checkpoints/update-000002", ""]),
        ("keisei match runs/mine:b", ["runs/mine:best"]),
        ("keisei match runs/mine:temp", ["runs/mine:temperature="]),
        ("keisei match runs/mine:temperature=0,avoid_repetition=t", ["runs/mine:temperature=0,avoid_repetition=true"]),
        ("keisei resume ", ["runs/other", "runs/mine", ""]),
        ("keisei games runs/m", ["runs/mine", ""]),
        ("keisei plugins show to", ["toy"]),
        ("keisei plugins list --kind mo", ["model"]),
        ("keisei completion ", ["bash", "zsh", "fish"]),
        ("cd elsewhere; FOO=1 keisei plugins sh", ["show"]),
        ("keisei nosuch ", []),
        ("keisei run --plugin nosuch.py --mod", ["--model"]),
        ("keisei run 'not closed", [""]),
        ("keisei run keisei.toml no_more_arguments", []),
    ],
)
def test_line_is_completed(offered: Any, line: str, values: list[str]) -> None:
    assert list(offered(line)) == values


def test_every_command_and_every_key_of_the_core_is_offered(offered: Any) -> None:
    assert {name: ("plain", command.summary) for name, command in CORE_COMMANDS.items()} == offered("keisei ")
    assert {f"{table}." for table in CORE_TABLES} <= offered("keisei run --set ").keys()
    for table, cls in CORE_TABLES.items():
        keys = offered(f"keisei run --set {table}.")
        for field in cls.__attrs_attrs__:
            assert keys[f"{table}.{field.name}="] == ("more", field.metadata["help"])


def test_option_behind_a_player_is_offered_once(offered: Any) -> None:
    assert "runs/mine:temperature=0,temperature=" not in offered("keisei match runs/mine:temperature=0,")


def test_bash_gets_the_part_behind_its_last_break(offered: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMP_WORDBREAKS", " \"'><=;|&(:")

    assert list(offered("keisei match runs/mine:temp", "bash")) == ["temperature="]
    assert list(offered("keisei run --set=model.form=s", "bash")) == ["square"]


def test_path_that_would_command_a_terminal_is_not_offered(offered: Any) -> None:
    for name in ("runs/a\x1b[2J", "runs/a\tb"):
        Path(name).mkdir()
        Path(name, "config.toml").touch()
    Path("runs/a b").mkdir()
    Path("runs/a b/config.toml").touch()

    assert list(offered("keisei resume runs/a")) == ["runs/a b", ""]
    assert list(offered("keisei resume runs/a", "bash")) == ["runs/a\\ b", ""]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("keisei run", ["keisei", "run"]),
        ("a | keisei run 'x y'", ["keisei", "run", "x y"]),
        ("keisei run 'x y", ["keisei", "run", "x y"]),
        ("keisei run x\\", ["keisei", "run", "x"]),
        ("keisei run # x", ["keisei", "run", "#", "x"]),
        ("a;", []),
    ],
)
def test_line_is_taken_apart(line: str, words: list[str]) -> None:
    assert words_of(line) == words


def test_completing_loads_neither_torch_nor_numba_nor_numpy() -> None:
    script = (
        "import os, sys\n"
        "from keisei_core.cli import main\n"
        "for line in ('keisei ', 'keisei run --set model.', 'keisei match alphabeta:', 'keisei resume '):\n"
        "    os.environ |= {'_KEISEI_COMPLETE': 'zsh_complete', 'COMP_LINE': line}\n"
        "    try: main(())\n"
        "    except SystemExit: pass\n"
        "print([name for name in ('torch', 'numba', 'numpy') if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)

    assert done.stderr == "[]\n"
    assert "model.tower_width=" in done.stdout
