"""Has a player think about the positions of a game, and makes of it what USI answers."""

import gc
import time
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from keisei_core.arena import Info, Limits, Line, Player, Thought, think
from keisei_core.errors import IllegalMoveError
from keisei_core.observe import needs_of
from keisei_core.shogi import OPPONENT, PIECE_LETTERS, Branches, may_declare, usi_to_action
from keisei_plugins_usi.engine.game import Game, MatedError
from keisei_plugins_usi.engine.mate import NO_MATE, solve
from keisei_plugins_usi.engine.order import RESIGN, WIN, Found, Order
from keisei_plugins_usi.engine.said import Place
from keisei_plugins_usi.engine.timer import Timer

KING: Final = PIECE_LETTERS.index("K")
TELL_EVERY_S: Final = 0.1
"""Between two looks at how far a search is."""
LEAST_TOLD: Final = 4
"""Looks at a search while its time runs, however short that is."""
LEAST_LINES: Final = 2
"""Of play that are asked for: the second tells how sure the first is."""
NODES_OF_DEPTH: Final = 1_000
"""Positions for each ply of a depth that is asked for, after which a search ends though no line is so long."""
WARM_NODES: Final = 32
WARM_MOVES: Final = 3
WARM_PLACE: Final = Place(moves=("7g7f", "3c3d"))


class Searcher:
    """Answers orders by a player, which it makes."""

    def __init__(self, player_of: Callable[[Mapping[str, str]], tuple[Player, int | None]]) -> None:
        """Has no player yet.

        Args:
            player_of: makes one with options by their names, and says how many simulations it is to make for a move;
                None: as many as there is time for.
        """
        self._player_of: Final = player_of
        self._made_with: dict[str, str] | None = None
        self._player: Player | None = None
        self._simulations: int | None = None
        self._game = Game(0)

    def load(self, values: dict[str, str]) -> None:
        """Makes the player, unless it is there, and has it think once: then every kernel is compiled.

        Raises:
            KeiseiError: there is none; and whatever a plugin raises.
        """
        if values == self._made_with:
            return
        self._made_with = None
        self._player, self._simulations = self._player_of(values)
        self._game = Game(needs_of(self._player).history)
        self._warm_up()
        self._made_with = values

    def _warm_up(self) -> None:
        """Thinks about some moves of a game, so that nothing is loaded or compiled on somebody's clock.

        What is there then stays: a collection of garbage that goes through all of torch and numba takes .1 s.
        """
        place = WARM_PLACE
        for _ in range(WARM_MOVES):
            branches = self._game.stand_at(place)
            may_declare(branches.positions)
            solve(branches, Timer())
            thought = self._think(branches, Limits(nodes=WARM_NODES, lines=LEAST_LINES), Timer(), lambda _: None)
            place = Place(place.start, (*place.moves, thought.info.lines[0].moves[0]))
        gc.collect()
        gc.freeze()

    def search(self, order: Order, tell: Callable[[Info], None]) -> Found:
        """Answers an order.

        Args:
            order: what is asked.
            tell: told now and then how far it is.

        Raises:
            KeiseiError: the position is none; and whatever a plugin raises.
        """
        self.load(order.values)
        try:
            branches = self._game.stand_at(order.place, order.max_plies)
        except MatedError:
            return Found(order, RESIGN if order.go.mate is None else NO_MATE)
        if order.go.mate is not None or not has_both_kings(branches):
            return self._solve(order, branches)
        if order.may_declare and may_declare(branches.positions)[0]:
            return Found(order, WIN)
        if branches.num_legal[0] == 1 and order.timer.budget.saves:
            order.timer.finish()
        moves, problem = wanted_moves(order, branches)
        thought = self._think(branches, self._limits(order, moves), order.timer, watching(order, tell))
        order.timer.wait(order.least_ms / 1000)
        return Found(order, answer_of(thought, order), thought.info, problem)

    def _think(self, branches: Branches, limits: Limits, timer: Timer, tell: Callable[[Info], None]) -> Thought:
        assert self._player is not None
        return think(self._player, branches.positions, branches, limits, timer, tell)

    def _limits(self, order: Order, moves: tuple[int, ...]) -> Limits:
        return Limits(
            moves=moves,
            lines=max(order.lines, LEAST_LINES) if hasattr(self._player, "think") else order.lines,
            nodes=order.max_nodes or None,
            simulations=None if order.go.is_infinite else self._simulations,
            tell_every=min(TELL_EVERY_S, order.timer.budget.planned / LEAST_TOLD),
        )

    def _solve(self, order: Order, branches: Branches) -> Found:
        """Answers by a mate; where a move is asked for in a problem of mate, resigns if none is found."""
        started = time.monotonic()
        line, moves = solve(branches, order.timer)
        info = None
        if moves:
            first = Line(moves=moves, value=1.0, mate=len(moves))
            info = Info(lines=(first,), seldepth=len(moves), nodes=0, seconds=time.monotonic() - started)
        if order.go.mate is None:
            line = f"bestmove {moves[0]}" if moves else RESIGN
        return Found(order, line, info)


def wanted_moves(order: Order, branches: Branches) -> tuple[tuple[int, ...], str]:
    """Returns the actions that alone are to be looked at, none for all, and what is said of those that are not legal.

    Args:
        order: what is asked.
        branches: where the game stands.
    """
    actions, problem = [], ""
    for move in order.go.moves:
        try:
            actions.append(usi_to_action(branches.positions, move))
        except IllegalMoveError as error:
            problem = problem or f"searchmoves: {error}"
    return tuple(actions), problem


def watching(order: Order, tell: Callable[[Info], None]) -> Callable[[Info], None]:
    """Returns `tell` for a search that may end by what it tells: once it is settled, or deep enough."""

    def watch(info: Info) -> None:
        tell(info)
        order.timer.weigh(info.lines[0].moves[0], [line.visits for line in info.lines], info.nodes)
        depth = order.max_depth
        if depth and (info.depth >= depth or info.nodes >= NODES_OF_DEPTH * depth):
            order.timer.finish()

    return watch


def has_both_kings(branches: Branches) -> bool:
    """Tells whether the position is one of a game, not a problem that leaves out a king."""
    return int(np.isin(branches.positions.board[0], (KING, KING + OPPONENT)).sum()) == 2


def answer_of(thought: Thought, order: Order) -> str:
    """Returns the move to play and what is expected after it, or that the game is given up."""
    line = thought.info.lines[0]
    score = line.score(order.centipawns)
    if score is not None and score <= -order.resigns_at:
        return RESIGN
    return " ".join(["bestmove", line.moves[0], *(["ponder", thought.ponder] if thought.ponder else [])])
