"""The network playing against itself, many games side by side, both sides learned from.

Shape key: T plies, B games, N of them in a half.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from time import perf_counter
from typing import Any, Final, TypeGuard

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.decide import Column, Decider, Decision
from keisei_core.distribution import never
from keisei_core.errors import PluginError, StoppedError
from keisei_core.evaluate import Evaluator
from keisei_core.experience.dealing import Hand
from keisei_core.experience.game_record import GameRecorder
from keisei_core.experience.halves import Half, decide, halves_of
from keisei_core.experience.opponent_pool import OpponentPool
from keisei_core.experience.resignations import NOBODY, Resignations
from keisei_core.experience.segment import REWARDS, Segment
from keisei_core.experience.soundness import require_sound
from keisei_core.experience.source import Arrays, PlayReport
from keisei_core.shogi import NUM_ACTIONS, Ending, Games, Positions, Starts, UInt8Array
from keisei_core.shogi.rules.games import LEAVE

Cut = tuple[NDArray[np.int64], Positions]
"""Rows of a segment after which games were cut off, and the last positions of these games."""
NO_GAMES: Final = np.zeros(0, np.intp)


class Lockstep:
    """Plays segments: all games move on by one ply, then by the next. They go on from one segment to the next."""

    is_exact = True

    def __init__(
        self,
        games: Games,
        decider: Decider,
        evaluator: Evaluator,
        stream: torch.Generator,
        *,
        num_plies: int,
        columns: Iterable[Column],
        num_recorded: int = 0,
        pool: OpponentPool | None = None,
        owner: str = "",
        in_halves: bool = False,
        played_on: float = 0.0,
    ) -> None:
        """Takes over the games.

        Args:
            games: changed in place.
            decider: chooses the plies of both sides.
            evaluator: the network that it chooses with.
            stream: consumed; lives on the evaluator's device.
            num_plies: T.
            columns: what is kept of the decider's decisions; those that it does not give stay at their defaults.
            num_recorded: how many of the games have their moves written down.
            pool: opponents in some of the games; None where the network plays itself in all.
            owner: whose the decider is, for what is said of a wrong decision.
            in_halves: whether one half of the games is played while the device evaluates the other.
            played_on: share of the games in which nobody's giving up counts, to see how often it would have been wrong.
        """
        self.games = games
        self.decider = decider
        self.evaluator = evaluator
        self.stream = stream
        self.num_plies = num_plies
        self.columns = tuple(columns)
        self.recorder = GameRecorder(games, num_recorded)
        self.pool = pool
        self.owner = owner
        self.resignations = Resignations(len(games), played_on)
        self.halves = halves_of(games, 2 if in_halves and len(games) > 1 else 1)

    def next(self, version: int = 0, stop: Callable[[], bool] = never) -> tuple[Segment, PlayReport]:
        """Advances every game by T plies; a game that ends is followed by another in its place.

        Args:
            version: updates that the network has seen.
            stop: asked before every ply whether to give up.

        Raises:
            StoppedError: `stop` said so.
            DivergedError: the network's outputs are nan or inf, so that there is nothing to choose moves by.
            PluginError: the decider returned no decision for these games, or the network no values.
        """
        num_earlier = self.games.positions.num_earlier
        segment = Segment.empty(self.num_plies, len(self.games), self.columns, version, num_earlier)
        report = PlayReport()
        cut: list[Cut] = []
        started = perf_counter()
        self.evaluator.network.eval()
        self.evaluator.watch()
        for half in self.halves:
            self._begin(half)
        for ply, half in product(range(self.num_plies), self.halves):
            if stop():
                raise StoppedError("asked to stop during self-play")
            self._act(segment, ply, half)
            acted = perf_counter()
            self._advance(segment, ply, half, report, cut)
            report.act_s += acted - started
            started = perf_counter()
            report.environment_s += started - acted
            if ply + 1 < self.num_plies:
                self._begin(half)
        self.evaluator.require_values()
        report.endings = np.bincount(segment.ending.reshape(-1), minlength=len(Ending)).tolist()
        report.act_s += perf_counter() - started
        return self._with_ends(segment, cut), report

    def _begin(self, half: Half) -> None:
        half.begin(self.games, self.decider, self.evaluator, self.stream, self.pool)

    def _act(self, segment: Segment, ply: int, half: Half) -> None:
        """Waits for an action for every game of a half, and stores all that is known before it is played."""
        decision = self._sound(decide(half, [other for other in self.halves if other is not half]), half)
        rows = half.rows
        segment.put(ply, half.view.positions, rows)
        segment.learned[ply, rows] = half.view.turns
        segment.action[ply, rows] = decision.action
        for column in self.decider.columns:
            if column.name in segment.columns:
                segment.columns[column.name][ply, rows] = decision.columns[column.name]
        if half.answers is not None:
            segment.action[ply, half.opponents] = self._opponents_actions(half.answers, half.opponents)

    def _opponents_actions(self, answers: Tensor, rows: NDArray[np.intp]) -> NDArray[np.int64]:
        """Waits for the actions of opponents whose turn it is."""
        chosen: NDArray[np.int64] = answers.cpu().numpy()
        if self.pool is not None and not self.games.legal[rows, chosen].all():  # drawn from nan
            self.pool.require_finite()
        return chosen

    def _sound(self, decision: object, half: Half) -> Decision:
        """Returns what a decider returned, unless it can't be played or kept.

        Raises:
            PluginError: an action is not legal, a column or where games are given up is not what it should be; or a
                column is not finite though the network's outputs are.
            DivergedError: a column has nan or inf in it, which comes from the network.
        """
        if not isinstance(decision, Decision):
            raise self._fault(f"must return a Decision, got {type(decision).__name__}")
        # First: of outputs that are nan no legal action can be drawn, and that is not the decider's doing.
        for column in self.decider.columns:
            self._require_column(column, decision.columns.get(column.name), len(half.view))
        num_games = len(half.view)
        action = np.asarray(decision.action)
        if action.shape != (num_games,) or action.dtype.kind not in "iu":
            raise self._fault(f"must return actions, int32 [{num_games}], got {action.dtype} {list(action.shape)}")
        given_up = decision.gives_up
        if given_up is not None and not _is_array(given_up, np.dtype(np.bool_), (num_games,)):
            raise self._fault(f"must tell where games are given up, bool [{num_games}], got {_kind(given_up)}")
        for row in self._illegal(action, half.view.legal)[:1]:
            self._require_network()
            raise self._fault(f"must return legal actions, got {int(action[row])} in game {half.rows.start + row}")
        return decision

    def _illegal(self, action: NDArray[np.integer], legal: UInt8Array) -> NDArray[np.intp]:
        """Returns the rows in which an action, int [N], is not among the legal ones, uint8 [N, 2187]."""
        places = np.arange(len(action))
        if action.min() >= 0 and action.max() < NUM_ACTIONS:
            return np.flatnonzero(legal[places, action] == 0)
        inside = (action >= 0) & (action < NUM_ACTIONS)
        return np.flatnonzero(~inside | (legal[places, np.where(inside, action, 0)] == 0))

    def _require_column(self, column: Column, array: object, num_games: int) -> None:
        shape = (num_games, *column.shape)
        if not _is_array(array, column.dtype, shape):
            wanted = f"{column.dtype} {list(shape)}"
            raise self._fault(f"must return the column {column.name}, {wanted}, got {_kind(array)}")
        if column.dtype.kind == "f" and not np.isfinite(array).all():
            self._require_network()
            got = f"got nan or inf in {column.name} where the network's outputs are finite"
            raise self._fault(f"must give finite numbers, {got}")

    def _require_network(self) -> None:
        """Asks whether the network is to blame for a wrong decision, before the decider is."""
        self.evaluator.require_values()
        self.evaluator.require_logits()

    def _fault(self, text: str) -> PluginError:
        return PluginError(f"decider {self.owner or type(self.decider).__qualname__} {text}")

    def _advance(self, segment: Segment, ply: int, half: Half, report: PlayReport, cut: list[Cut]) -> None:
        """Plays the chosen actions of a half, the other half's games wait; stores what came of them.

        Args:
            segment: gets the endings.
            ply: 0 to T - 1.
            half: whose decision is there.
            report: counts the games that end.
            cut: gets those that are cut off.
        """
        games, rows = self.games, half.rows
        actions = np.full(len(games), LEAVE, np.int32)
        actions[rows] = segment.action[ply, rows]
        movers = games.positions.side_to_move.copy()
        given_up = self._given_up(half, movers)
        actions[given_up] = LEAVE
        report.finished_plies += int(games.positions.ply[given_up].sum())
        self.recorder.before_step(actions)
        games.step(actions)
        report.finished_plies += int(games.final.ply[games.ending != Ending.NONE].sum())
        ending = self._with_given_up(given_up)
        report.records += self.recorder.after_step(ending, movers)
        segment.ending[ply, rows] = ending[rows]
        ended = np.flatnonzero(ending)
        self._count(report, ended, ending, movers)
        cut_off = ended[ending[ended] == Ending.MAX_PLIES]
        if len(cut_off):
            cut.append((ply * len(games) + cut_off, games.final[cut_off]))

    def _given_up(self, half: Half, movers: NDArray[np.uint8]) -> NDArray[np.intp]:
        """Returns which of all games end because the decider gives up at its own turn in this half."""
        if half.decision is None or half.decision.gives_up is None:
            return NO_GAMES
        gives_up = np.zeros(len(self.games), np.bool_)
        gives_up[half.rows] = half.decision.gives_up & half.view.turns
        return np.flatnonzero(self.resignations.accept(gives_up, movers))

    def _with_given_up(self, given_up: NDArray[np.intp]) -> NDArray[np.uint8]:
        """Returns how each game ended in this step, uint8 [B]; games given up are begun anew."""
        games = self.games
        if not len(given_up):
            return games.ending
        ending, begun = games.ending.copy(), np.zeros(len(games), np.bool_)
        ending[given_up], begun[given_up] = Ending.RESIGNATION, True
        games.reset(begun)
        return ending

    def _count(
        self, report: PlayReport, ended: NDArray[np.intp], ending: NDArray[np.uint8], movers: NDArray[np.uint8]
    ) -> None:
        """Takes note of the games that have just ended, and lets the pool draw opponents for the next ones."""
        if not len(ended):
            return
        reward = REWARDS[ending]
        self.resignations.count(ended, ending, reward, movers, report)
        if self.pool is not None:
            has_ended = ending != Ending.NONE
            report.pool_scores += self.pool.score(reward, has_ended & (ending != Ending.MAX_PLIES), movers)
            self.pool.begin(has_ended)

    def _with_ends(self, segment: Segment, cut: list[Cut]) -> Segment:
        """Adds the positions after the plies: those that the games have come to, and those in which some were cut."""
        segment.after[:] = self.games.positions
        if not cut:
            return segment
        rows, positions = zip(*cut, strict=True)
        return attrs.evolve(segment, cut=Positions.concatenate(positions), cut_rows=np.concatenate(rows))

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """Returns the games; and the move lists in progress, the random stream and who plays whom."""
        return self.games.state(), {
            "records": self.recorder.state(),
            "stream": self.stream.get_state().numpy().tobytes().hex(),
            "pool": self.pool.state() if self.pool else None,
            "resignations": self.resignations.state(),
        }

    def load_state(self, arrays: Mapping[str, NDArray[np.generic]], data: Mapping[str, Any]) -> None:
        """Takes back what `state` gave.

        Raises:
            ValueError: it is of other games, or of none that could be in progress.
        """
        self.load_games(arrays)
        self.recorder.load_state(data["records"])
        self.resignations.load_state(data.get("resignations", NOBODY))  # older checkpoints have none
        stream = np.frombuffer(bytes.fromhex(data["stream"]), np.uint8).copy()
        self.stream.set_state(torch.from_numpy(stream))
        if self.pool:
            self.pool.load_state(data["pool"])

    def load_dealt(self, hand: Hand, *, seed: int, pool_seed: int) -> None:
        """Goes on from games that other processes played; recorded ones are followed from where they stand.

        Args:
            hand: of as many games.
            seed: of this process's stream for deciding, which begins anew.
            pool_seed: of the draw of opponents, likewise.

        Raises:
            ValueError: there could be no such games in progress.
        """
        self.load_games(hand.arrays)
        self.recorder.begin()
        self.resignations.load_state(hand.loser)
        self.stream.manual_seed(seed)
        if self.pool:
            self.pool.take_over(hand.opponent, hand.side)
            self.pool.draw = np.random.default_rng(pool_seed)

    def begin_anew(self, starts: Starts, seeds: Mapping[str, int]) -> None:
        """Goes on with games that begin, as where a checkpoint holds none.

        Args:
            starts: where they begin.
            seeds: of the streams that begin anew: `games`, those of the games; `act`, for deciding; `pool`, the draw of
                opponents.
        """
        games = self.games
        fresh = Games(
            len(games),
            max_plies=games.max_plies,
            starts=starts,
            seed=seeds["games"],
            history=games.positions.num_earlier,
        )
        self.load_games(fresh.state())
        self.recorder.begin()
        self.stream.manual_seed(seeds["act"])
        if self.pool:
            self.pool.draw = np.random.default_rng(seeds["pool"])

    def load_games(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Goes on from other games; the move lists of those in progress are given up.

        Raises:
            ValueError: there could be no such games in progress.
        """
        self.games.load_state(dict(arrays))
        require_sound(self.games)
        self.recorder.load_state([])
        self.resignations.load_state(NOBODY)


def _is_array(array: object, dtype: np.dtype[Any], shape: tuple[int, ...]) -> TypeGuard[NDArray[Any]]:
    """Tells whether something is an array of a dtype and shape."""
    return isinstance(array, np.ndarray) and array.dtype == dtype and array.shape == shape


def _kind(given: object) -> str:
    """Says what was given in the place of an array."""
    if isinstance(given, np.ndarray):
        return f"{given.dtype} {list(given.shape)}"
    return "nothing" if given is None else type(given).__name__
