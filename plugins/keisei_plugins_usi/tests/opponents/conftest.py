"""Engines that fail on purpose, and players of them."""

import os
import sys
from pathlib import Path

import pytest

from keisei_plugins_usi.opponents.engine_table import EngineTable
from keisei_plugins_usi.opponents.options import UsiOptions
from keisei_plugins_usi.opponents.player import UsiPlayer

BAD_ENGINE = Path(__file__).parents[1] / "bad_engine.py"


def _table(what="plays", ply=0, mark="", **settings):
    """Returns the table of an engine that does wrong from a ply on; see bad_engine.py."""
    command = (sys.executable, "-S", "-E", str(BAD_ENGINE), what, str(ply), mark)
    return EngineTable(command=command, **settings)


@pytest.fixture
def running():
    """Returns the processes whose command line has a word in it."""

    def found(mark):
        pids = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in folder.joinpath("cmdline").read_text(errors="replace") and int(folder.name) != os.getpid():
                    pids.append(int(folder.name))
            except OSError:  # it ended meanwhile
                continue
        return pids

    return found


@pytest.fixture
def bad_table():
    """Makes tables of bad engines."""
    return _table


@pytest.fixture
def bad():
    """Makes players of bad engines, and closes them."""
    players = []

    def build(what="plays", ply=0, mark="", **settings):
        table = _table(what, ply, mark, **settings)
        players.append(UsiPlayer(None, UsiOptions(engine="bad", engines={"bad": table})))
        return players[-1]

    yield build
    for player in players:
        player.close()
