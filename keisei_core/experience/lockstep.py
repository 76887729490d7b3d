"""The network playing against itself, many games side by side, both sides learned from.

Shape key: T plies, B games.
"""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.distribution import DistributionBackend, never
from keisei_core.errors import DivergedError, StoppedError
from keisei_core.evaluate import Evaluator, sample
from keisei_core.experience.game_record import GameRecord, GameRecorder
from keisei_core.experience.opponent_pool import OpponentPool
from keisei_core.experience.segment import Rollout
from keisei_core.experience.soundness import require_sound
from keisei_core.shogi import Ending, Games


@attrs.define(kw_only=True)
class SelfPlayReport:
    """What happened while one rollout was played."""

    endings: list[int] = attrs.field(factory=lambda: [0] * len(Ending))
    """Finished games by `Ending`."""
    finished_plies: int = 0
    """Sum of the lengths of the finished games."""
    act_s: float = 0.0
    environment_s: float = 0.0
    records: list[GameRecord] = attrs.field(factory=list)
    pool_scores: list[float] = attrs.field(factory=list)
    """The learner's result in each game that ended against an opponent of the pool, unless cut off: 1, 1/2 or 0."""

    @property
    def num_finished(self) -> int:
        """Games that ended, cut off ones included."""
        return sum(self.endings[Ending.MATE :])

    def add_up(self, backend: DistributionBackend) -> None:
        """Makes the counts of games those of all processes; seconds and records stay this one's."""
        counts = torch.tensor([*self.endings, self.finished_plies], dtype=torch.int64, device=backend.device)
        *self.endings, self.finished_plies = backend.sum(counts).tolist()


class SelfPlay:
    """Plays rollouts. The games go on from one rollout to the next."""

    def __init__(
        self,
        games: Games,
        evaluator: Evaluator,
        generator: torch.Generator,
        num_recorded: int = 0,
        pool: OpponentPool | None = None,
    ) -> None:
        """Takes over the games.

        Args:
            games: changed in place.
            evaluator: the network that plays both sides.
            generator: consumed; lives on the evaluator's device.
            num_recorded: how many of the games have their moves written down.
            pool: opponents in some of the games; None where the network plays itself in all.
        """
        self.games = games
        self.evaluator = evaluator
        self.generator = generator
        self.recorder = GameRecorder(games, num_recorded)
        self.pool = pool

    def play(self, num_plies: int, stop: Callable[[], bool] = never) -> tuple[Rollout, SelfPlayReport]:
        """Advances every game by `num_plies`; a game that ends is followed by another in its place.

        Args:
            num_plies: T.
            stop: asked before every ply whether to give up.

        Raises:
            StoppedError: `stop` said so.
            DivergedError: the network's outputs are nan or inf, so that there is nothing to choose moves by.
        """
        num_games = len(self.games.positions)
        rollout, report = Rollout.empty(num_plies, num_games), SelfPlayReport()
        started = perf_counter()
        self.evaluator.network.eval()
        for ply in range(num_plies):
            if stop():
                raise StoppedError("asked to stop during self-play")
            self._act(rollout, ply)
            acted = perf_counter()
            self._advance(rollout, ply, report)
            report.act_s += acted - started
            started = perf_counter()
            report.environment_s += started - acted
        rollout.value[num_plies] = self.evaluator.value(self.games.positions)
        report.act_s += perf_counter() - started
        return rollout, report

    def _act(self, rollout: Rollout, ply: int) -> None:
        """Chooses an action for every game and stores all that is known before it is played."""
        games, num_games = self.games, rollout.action.shape[1]
        log_probs, value = self.evaluator.policy_and_value(games.positions, games.legal)
        actions = sample(log_probs, self.generator)
        if self.pool is not None:
            rollout.learned[ply] = self._let_opponents_act(self.pool, actions)
        rollout.positions[ply * num_games : (ply + 1) * num_games] = games.positions
        rollout.action[ply] = actions.cpu().numpy()
        rollout.log_prob[ply] = log_probs.gather(1, actions[:, None])[:, 0].cpu().numpy()
        rollout.value[ply] = value.cpu().numpy()
        if not (np.isfinite(rollout.log_prob[ply]).all() and np.isfinite(rollout.value[ply]).all()):
            raise DivergedError(
                "expected finite outputs of the network in self-play, got nan or inf; lower ppo.learning_rate in the "
                "run's config.toml, or try another precision, and resume from the last checkpoint"
            )

    def _let_opponents_act(self, pool: OpponentPool, actions: Tensor) -> NDArray[np.bool_]:
        """Puts in the actions of opponents whose turn it is; returns where it is the network's, bool [B]."""
        games = self.games
        turns = pool.is_opponents_turn(games.positions.side_to_move)
        rows = np.flatnonzero(turns)
        if len(rows):
            chosen = pool.act(games.positions, games.legal, rows, self.generator)
            actions[torch.from_numpy(rows).to(actions.device)] = chosen
        return ~turns

    def _advance(self, rollout: Rollout, ply: int, report: SelfPlayReport) -> None:
        """Plays the chosen actions and stores what came of them."""
        games, actions = self.games, rollout.action[ply].astype(np.int32)
        movers = games.positions.side_to_move.copy()
        self.recorder.before_step(actions)
        games.step(actions)
        report.records += self.recorder.after_step()
        rollout.reward[ply] = games.reward
        rollout.ending[ply] = games.ending
        self._look_beyond_the_cut(rollout, ply)
        counts = np.bincount(games.ending, minlength=len(Ending))
        report.endings = [total + int(count) for total, count in zip(report.endings, counts, strict=True)]
        has_ended = games.ending != Ending.NONE
        report.finished_plies += int(games.final.ply[has_ended].sum())
        if self.pool is not None:
            report.pool_scores += self.pool.score(games.reward, has_ended & (games.ending != Ending.MAX_PLIES), movers)
            self.pool.begin(has_ended)

    def _look_beyond_the_cut(self, rollout: Rollout, ply: int) -> None:
        """Evaluates the last position of each game cut off: it was worth something, not a draw."""
        cut: NDArray[np.intp] = np.flatnonzero(self.games.ending == Ending.MAX_PLIES)
        if len(cut):
            final = self.games.final[cut]
            rollout.cut_value[ply, cut] = self.evaluator.value(final)

    def state(self) -> tuple[dict[str, NDArray[np.generic]], list[dict[str, Any]]]:
        """Returns the games (arrays) and the move lists in progress (plain data)."""
        return self.games.state(), self.recorder.state()

    def load_state(self, games: Mapping[str, NDArray[np.generic]], records: list[Mapping[str, Any]]) -> None:
        """Takes back what `state` gave.

        Raises:
            ValueError: it is of other games, or of none that could be in progress.
        """
        self.games.load_state(dict(games))
        require_sound(self.games)
        self.recorder.load_state(records)
