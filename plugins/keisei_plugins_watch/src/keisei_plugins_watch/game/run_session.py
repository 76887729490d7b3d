"""A session against the network of a run, which may be training."""

from pathlib import Path

from keisei_core.plugins import load_registry
from keisei_core.plugins.component_text import PATH
from keisei_core.plugins.players import CHECKPOINT
from keisei_core.run.device import chosen_device
from keisei_plugins_watch.game.opponent import Opponent
from keisei_plugins_watch.game.session import Session


def session_of_run(run: Path) -> Session:
    """Returns a session against a run's newest checkpoint of the moment when a game begins.

    It thinks on one core of the CPU: the run has the rest.
    """
    text = f"{CHECKPOINT}:{PATH}={run.absolute()}"
    return Session(lambda: Opponent.find(text, load_registry(), chosen_device("cpu", 1)))
