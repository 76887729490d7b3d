"""Plugins that would end the process in the middle of a command: exit 3 with package and version, never 0."""

import signal
from pathlib import Path
from typing import Any

import pytest

from keisei_core.cli import main
from keisei_core.plugins.ctrl_c import is_ctrl_c, noting_ctrl_c
from keisei_core.plugins.installed import installed_entries

LATER = """
import signal
import sys

import click

calls = 0


def end():
    global calls
    calls += 1
    if calls == {call}:
        {way}
"""
DECIDER = """
from keisei_core.decide import PolicyDecider


class Wrong(PolicyDecider):
    def decide(self, games, evaluator, stream):
        end()
        return super().decide(games, evaluator, stream)
"""
ALGORITHM = """
from keisei_plugins_ppo.options import PPOOptions
from keisei_plugins_ppo.ppo import PPO


class Wrong(PPO):
    def __init__(self, context):
        super().__init__(context, PPOOptions())

    def learn(self, segment, progress, stop):
        end()
        return super().learn(segment, progress, stop)
"""
TEACHER = """
from keisei_core.learn import Taught


class Wrong:
    columns = ()

    def __init__(self, context):
        pass

    def weight(self, progress):
        return 1.0

    def teach(self, segment, rows, random):
        end()
        return Taught()
"""
MODEL = """
from torch import nn


class Wrong(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.policy, self.value = nn.Conv2d(len(channels), 27, 1), nn.Linear(81 * len(channels), 1)

    def forward(self, planes):
        end()
        return self.policy(planes).flatten(1), self.value(planes.flatten(1)).squeeze(1)
"""
PLANES = """
from keisei_core.observe import Channel


class Wrong:
    channels = (Channel(name="nothing", scale=1.0),)

    def __init__(self, context):
        pass

    def encode(self, positions, out):
        end()
        out[:] = 0
"""
PLAYER = """
from keisei_core.arena import RandomPlayer


class Wrong(RandomPlayer):
    def choose(self, positions, legal):
        end()
        return super().choose(positions, legal)
"""
CONFIG = """
run = { plies = 96, threads = 1, device = "cpu" }
model = { name = "baseline", channels = 1 }
selfplay = { games = 4, rollout_plies = 4, max_plies = 20 }
learning = { minibatch = 8 }
evaluation = { every_updates = 0, final_games = 2, max_plies = 10 }
checkpoint = { every_updates = 1 }
"""
PLACES = [
    pytest.param("keisei_deciders", DECIDER, "decider.name='wrong'", id="decide"),
    pytest.param("keisei_algorithms", ALGORITHM, "algorithm.name='wrong'", id="learn"),
    pytest.param("keisei_teachers", TEACHER, "teaching.teachers=['wrong']", id="teach"),
    pytest.param("keisei_models", MODEL, "model={name='wrong'}", id="forward"),
    pytest.param("keisei_feature_planes", PLANES, "input.features='core46+wrong'", id="encode"),
    pytest.param("keisei_players", PLAYER, "evaluation.opponent='wrong'", id="choose"),
]
WAYS = {
    "sys.exit(0)": "SystemExit: 0",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
    "raise EOFError": "EOFError",
    "raise click.exceptions.Exit(0)": "Exit: 0",
    "raise click.Abort": "Abort",
    "raise type('Way', (BaseException,), {})('out')": "Way: out",
}


@pytest.fixture
def keisei(workshop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the tiny config with a plugin that ends the process; returns (exit code, stdout, stderr)."""
    installed = installed_entries()
    monkeypatch.setattr("keisei_core.plugins.loader.installed_entries", lambda: [*installed, *workshop.entries()])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(CONFIG)

    def run(hook: str, thing: str, change: str, way: str = "sys.exit(0)", call: int = 3) -> tuple[int, str, str]:
        source = LATER.replace("{call}", str(call)).replace("{way}", way) + thing
        workshop.wrong(hook, source)
        code = main(["run", "tiny.toml", "--run-dir", "r", "--set", change])
        return (code, *capsys.readouterr())

    return run


@pytest.mark.parametrize(("hook", "thing", "change"), PLACES)
def test_exit_anywhere_in_a_run_ends_with_3_and_names_the_package(keisei, hook, thing, change):
    code, out, err = keisei(hook, thing, change)

    assert (code, out) == (3, "")
    told = "keisei: error: SystemExit: 0 would have ended the command without a word; raised in plugin "
    assert f"{told}keisei-plugins-wrong 3.2.1 (" in err
    assert "thing.py:" in err
    assert "Traceback" not in err
    assert not Path("r/result.json").exists()


@pytest.mark.parametrize("way", WAYS)
def test_whatever_ends_a_process_without_a_word_is_told(keisei, way):
    code, _, err = keisei("keisei_deciders", DECIDER, "decider.name='wrong'", way)

    assert code == 3
    told = f"keisei: error: {WAYS[way]} would have ended the command without a word; raised in plugin"
    assert f"{told} keisei-plugins-wrong 3.2.1 (" in err


@pytest.mark.parametrize("way", ["sys.exit(0)", "raise KeyboardInterrupt"])
def test_exit_while_a_part_is_built_ends_with_3_and_names_the_package(keisei, way):
    built = "class Wrong:\n    def __init__(self, context):\n        end()\n"

    code, out, err = keisei("keisei_deciders", built, "decider.name='wrong'", way, call=1)

    assert (code, out) == (3, "")
    assert f"decider 'wrong' of keisei-plugins-wrong 3.2.1 can't be used: {'workshop_'}" in err
    assert ("SystemExit: 0" if "exit" in way else "KeyboardInterrupt") in err


@pytest.mark.parametrize("way", ["sys.exit(0)", "raise KeyboardInterrupt"])
def test_exit_while_a_part_is_imported_ends_with_3_and_names_the_package(keisei, way):
    code, out, err = keisei("keisei_deciders", "end()\nclass Wrong: pass\n", "decider.name='wrong'", way, call=1)

    assert (code, out) == (3, "")
    assert "decider 'wrong' of keisei-plugins-wrong 3.2.1 can't be used" in err


COMMAND = """
import click


@click.command()
def Wrong():
    end()
"""


@pytest.mark.parametrize(
    ("way", "code", "told"),
    [
        ("sys.exit(0)", 3, "SystemExit: 0 would have ended the command"),
        ("raise KeyboardInterrupt", 3, "KeyboardInterrupt would have ended the command"),
        ("raise EOFError", 3, "EOFError would have ended the command"),
        ("click.get_current_context().exit(5)", 5, ""),
        ("signal.raise_signal(signal.SIGINT)", 130, ""),
    ],
)
def test_command_of_a_plugin_ends_as_clicks_commands_do(keisei, monkeypatch, capsys, way, code, told):
    keisei("keisei_commands", COMMAND, "decider.name='policy'", way, call=1)

    assert main(["wrong"]) == code
    assert told in capsys.readouterr().err


def test_ctrl_c_is_told_from_an_exception_of_the_same_name():
    raised = KeyboardInterrupt()
    assert is_ctrl_c(raised)  # nobody took note

    with noting_ctrl_c():
        assert not is_ctrl_c(raised)
        with pytest.raises(KeyboardInterrupt) as pressed:
            signal.raise_signal(signal.SIGINT)
        assert is_ctrl_c(pressed.value)
        assert not is_ctrl_c(SystemExit())

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_deafness_to_ctrl_c_stays():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with noting_ctrl_c():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
