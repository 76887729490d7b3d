"""A run tells what its opponents lose otherwise than by playing, and names one that can't be played against."""

import attrs
import pytest

from keisei_core.arena import FaultsError, Forfeit, ForfeitKind
from keisei_core.arena.forfeit import Faults
from keisei_core.run.matches import faults_told


@attrs.frozen
class Game:
    """What is looked at of a game."""

    points: float
    forfeit: Forfeit | None = None


SILENCE = Forfeit(kind=ForfeitKind.SILENCE, last_words=("readyok", "(no bestmove within 60 s)"))
RESIGNATION = Forfeit(kind=ForfeitKind.RESIGNATION)


def told(caplog, *games):
    with caplog.at_level("WARNING", "keisei"), faults_told("usi:slow", games):
        pass
    return caplog.messages


def test_faults_of_the_opponent_are_told_with_the_last_words(caplog):
    (line,) = told(caplog, Game(1.0, SILENCE), Game(1.0, RESIGNATION), Game(0.0), Game(1.0))

    assert line.startswith("usi:slow lost 1 of 4 games by faults of its own: silence 1; its last words:\n  | readyok")


def test_nothing_is_told_of_resignations_and_of_losses_of_the_network(caplog):
    assert told(caplog, Game(1.0, RESIGNATION), Game(0.0), Game(0.5)) == []


def test_opponent_with_too_many_faults_is_named():
    faults = Faults()
    for _ in range(6):
        faults.note(SILENCE)

    with pytest.raises(FaultsError) as raised, faults_told("usi:slow", ()):
        faults.require_few(1, 6)
    assert raised.value.__notes__ == ["the player is usi:slow"]
