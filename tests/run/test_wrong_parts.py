"""An algorithm or a decider that does what no run can do with is told by package and version, before it does harm."""

from pathlib import Path
from typing import Any

import pytest

from keisei_core.cli import main
from keisei_core.plugins.plugin_file import PluginFile

CONFIG = """
run = { plies = 64, threads = 1, device = "cpu" }
model = { name = "baseline", channels = 8 }
selfplay = { games = 8, rollout_plies = 4, max_plies = 40 }
learning = { minibatch = 16 }
evaluation = { games = 2, final_games = 2, max_plies = 20 }
"""
WRONG = """
import numpy as np

from keisei_core import hookimpl
from keisei_core.decide import Column, PolicyDecider
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_algorithms():
    return [Component(name="asker", target="wrong:Asker", summary="asks for what nobody gives")]


@hookimpl
def keisei_deciders():
    return [Component(name="cheat", target="wrong:Cheat", summary="plays an illegal action")]


class Asker:
    columns = (Column("visits", np.int16, (4,)),)

    def __init__(self, context):
        pass

    def learn(self, segment, progress, stop):
        raise NotImplementedError

    def state(self):
        return {}, {}

    def load_state(self, arrays, data):
        pass


class Cheat(PolicyDecider):
    def decide(self, games, evaluator, stream):
        decision = super().decide(games, evaluator, stream)
        decision.action[1] = games.legal[1].argmin()
        return decision
"""


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ('algorithm.name="asker"', "algorithm 'asker' of wrong.py {} asks for the column visits int16 [4]"),
        ('decider.name="cheat"', "decider 'cheat' of wrong.py {} must return legal actions, got 0 in game 1"),
    ],
)
def test_wrong_part_ends_the_run_with_exit_3_and_its_name(
    chosen: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("keisei.toml").write_text(CONFIG)
    Path("wrong.py").write_text(WRONG)

    code = main(["run", "keisei.toml", "--plugin", "wrong.py", "--set", chosen, "--run-dir", "run"])

    assert code == 3
    assert told.format(PluginFile.read(Path("wrong.py")).owner.version) in capsys.readouterr().err
