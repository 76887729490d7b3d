"""Opponents of tests: ones that do as they are told, and a session against them."""

import threading
from collections.abc import Callable
from typing import Any

from keisei_core.arena import Info, Line, PlayerContext, RandomPlayer, Thought
from keisei_core.shogi import action_to_usi, legal_mask, usi_to_action
from keisei_plugins_watch.game.opponent import Opponent
from keisei_plugins_watch.game.session import Session

WAIT_S = 600.0


class Told:
    """Plays moves that it is told in USI, then the first legal one; waits before each until it may, or is stopped."""

    def __init__(self, *moves: str) -> None:
        self.moves = list(moves)
        self.asked: list[Any] = []
        """Simulations of each question."""
        self.may = threading.Event()
        self.may.set()
        self.is_asked, self.is_stopped = threading.Event(), threading.Event()

    def think(self, position: Any, past: Any, limits: Any, stop: Any, tell: Any) -> Thought:
        self.asked.append(limits.simulations)
        self.is_asked.set()
        while not self.may.wait(0.01):
            if stop.is_set():
                self.is_stopped.set()
                break
        action = int(legal_mask(position)[0].argmax())
        if self.moves and not stop.is_set():
            action = usi_to_action(position, self.moves.pop(0))
        lines = (Line(moves=(action_to_usi(position, action),), value=0.25),)
        return Thought(action=action, info=Info(lines=lines, seldepth=1, nodes=1, seconds=0.0))


class Follower:
    """A program from outside: gets games, and answers with moves or forfeits."""

    follows_games = True

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.games: list[Any] = []

    def choose(self, positions: Any, _: Any, games: Any) -> list[Any]:
        self.games += games
        answer = self.answers.pop(0)
        return [usi_to_action(positions, answer) if isinstance(answer, str) else answer]


class Failing:
    """Fails as often as it is told."""

    def __init__(self, error: Exception, times: int = 1) -> None:
        self.error, self.times = error, times

    def choose(self, positions: Any, legal: Any) -> Any:
        if self.times:
            self.times -= 1
            raise self.error
        return legal.argmax(axis=1).astype("int32")


class Stubborn:
    """Chooses until it is closed, whatever else one tells it."""

    def __init__(self) -> None:
        self.is_asked, self.is_closed = threading.Event(), threading.Event()

    def choose(self, positions: Any, legal: Any) -> Any:
        self.is_asked.set()
        self.is_closed.wait(WAIT_S)
        return legal.argmax(axis=1).astype("int32")

    def close(self) -> None:
        self.is_closed.set()


def random_player(seed: int = 1) -> RandomPlayer:
    return RandomPlayer(PlayerContext(seed=seed, device=None))  # type: ignore[arg-type]


class Watched:
    """A session with one opponent, and what waits for it."""

    def __init__(self, session: Session, **setup: Any) -> None:
        self.session = session
        self.changed = threading.Event()
        self.session.listen(self.changed.set)
        self.session.begin(setup)

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Waits until the game is as wanted, and returns it."""
        while not holds(game := self.session.view()["game"]):
            assert self.changed.wait(WAIT_S), self.session.view()
            self.changed.clear()
        return dict(game)

    def yours(self) -> dict[str, Any]:
        """Waits for the person's turn, or for the end."""
        return self.until(lambda game: bool(game["legal"] or game["ending"]))

    def play(self, *moves: str) -> dict[str, Any]:
        """Plays moves of the person, each once the opponent has answered the one before."""
        for usi in moves:
            self.session.play(usi, len(self.yours()["moves"]))
        return self.yours()


def watched(player: Any, *, searches: bool = False, **setup: Any) -> Watched:
    """Begins a game against a player."""
    return against(Opponent("toy @0123", player, searches=searches), **setup)


def against(opponent: Opponent, **setup: Any) -> Watched:
    """Begins a game against an opponent."""
    return Watched(Session(lambda: opponent), **setup)
