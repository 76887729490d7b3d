"""Opponents of tests: a random one, one with a network, and ones that do as they are told."""

import threading
from typing import Any

import numpy as np

from keisei_core.arena import Info, Line, RandomPlayer, Thought
from keisei_core.shogi import action_to_usi, legal_mask, usi_to_action
from keisei_plugins_watch.game import Opponent
from keisei_plugins_watch.game.session import Session


class Told:
    """Plays moves that it is told in USI, then the first legal one; waits before each until it may."""

    def __init__(self, *moves: str) -> None:
        self.moves = list(moves)
        self.asked: list[str] = []
        self.may = threading.Event()
        self.may.set()
        self.was_stopped = 0

    def think(self, position: Any, past: Any, limits: Any, stop: Any, tell: Any) -> Thought:
        while not self.may.is_set() and not stop.is_set():
            self.may.wait(0.01)
        self.was_stopped += stop.is_set()
        action = usi_to_action(position, self.moves.pop(0)) if self.moves else int(legal_mask(position)[0].argmax())
        self.asked.append(limits.simulations)
        lines = (Line(moves=(action_to_usi(position, action),), value=0.25),)
        return Thought(action=action, info=Info(lines=lines, seldepth=1, nodes=1, seconds=0.0))


class Follower:
    """An engine from outside: gets games, and resigns after some moves."""

    follows_games = True

    def __init__(self, answers: Any) -> None:
        self.answers = list(answers)
        self.games: list[Any] = []

    def choose(self, positions: Any, legal: Any, games: Any) -> list[Any]:
        self.games += games
        answer = self.answers.pop(0)
        return [usi_to_action(positions, answer) if isinstance(answer, str) else answer]


def random_opponent(seed: int = 0) -> Opponent:
    player = RandomPlayer.__new__(RandomPlayer)
    player.random = np.random.default_rng(seed)  # type: ignore[attr-defined]
    return Opponent("random", player, searches=False)


def session_with(player: Any, *, searches: bool = False) -> Session:
    opponent = Opponent("told", player, searches=False)
    opponent.searches = searches
    return Session(lambda: opponent)
