"""A network as a player: greedy or sampled, kept from repetition, with or without a rule for mates.

The policy's plain argmax repeats a won position until the game is drawn by four-fold repetition, and so does a sharp
policy sampled. A player that avoids repetition is not offered moves that bring a position of the game back.
"""

import time
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.arena.thinking import Info, Limits, Line, Stop, Tell, Thought, offered
from keisei_core.evaluate import Evaluator, sample
from keisei_core.shogi import Branches, Ending, Positions, action_to_usi
from keisei_core.shogi.games import MAX_MAX_PLIES
from keisei_core.shogi.mates import find_mates


class NetworkPlayer:
    """Plays by a network's policy."""

    def __init__(
        self,
        evaluator: Evaluator,
        *,
        temperature: float,
        seed: int,
        avoids_repetition: bool = True,
        mates_in_one: bool = False,
    ) -> None:
        """Takes a network to play.

        Args:
            evaluator: the network.
            temperature: 0 plays the move the policy likes best; 1 samples the policy as trained.
            seed: of the player's own random stream.
            avoids_repetition: see `Player`.
            mates_in_one: plays a mate in one where there is one, whatever the policy says.
        """
        self.evaluator = evaluator
        self.temperature = temperature
        self.avoids_repetition = avoids_repetition
        self.needs = evaluator.features.needs
        self.mates_in_one = mates_in_one
        self.generator = torch.Generator(device=evaluator.device).manual_seed(seed)
        self.values: NDArray[np.float32] | None = None
        """float32 [N], see `Player`."""

    def choose(self, positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Chooses for each position; see `Player.choose`.

        Raises:
            DivergedError: the network's outputs are nan or inf.
            PluginError: its values are nothing like results.
        """
        return self._choose(positions, legal)[0]

    def think(self, position: Positions, past: Branches | None, limits: Limits, stop: Stop, tell: Tell) -> Thought:
        """Chooses a move of one game; see `keisei_core.arena.Thinker`. It ends by itself, two evaluations later.

        What its lines are worth is what the network says after their first moves.
        """
        started = time.monotonic()
        legal = offered(self, position, past, limits)
        actions, logs = self._choose(position, legal)
        log_probs = np.where(legal[0], logs[0].cpu().numpy(), -np.inf)
        likeliest = np.argsort(-log_probs, kind="stable")[: int(legal.sum())]
        moves = [int(actions[0]), *(int(action) for action in likeliest if action != actions[0])]
        game = Branches.of_positions(position, MAX_MAX_PLIES) if past is None else past
        lines = self._lines(game, moves[: limits.lines])
        nodes = 1 + len(lines)
        seldepth = max(len(line.moves) for line in lines)
        info = Info(lines=lines, seldepth=seldepth, nodes=nodes, seconds=time.monotonic() - started)
        tell(info)
        return Thought(action=moves[0], info=info)

    def _lines(self, game: Branches, actions: list[int]) -> tuple[Line, ...]:
        """Returns a line for each action: it, the likeliest reply, and what the position between them is worth."""
        after = game.copy(np.zeros(len(actions), np.int64))
        after.play(np.array(actions, np.int32))
        goes_on = np.flatnonzero(after.ending == Ending.NONE)
        replies, values = np.full(len(actions), -1), after.reward.astype(np.float64)
        if len(goes_on):
            positions = after.positions[goes_on]
            log_probs, worth = self.evaluator.policy_and_value(positions, after.legal[goes_on])
            replies[goes_on] = log_probs.argmax(dim=1).cpu().numpy()
            values[goes_on] = -worth.cpu().numpy()
        return tuple(
            Line(
                moves=tuple(_moves(game, action, after, row, int(replies[row]))),
                value=float(np.clip(values[row], -1, 1)),
                mate=1 if after.ending[row] == Ending.MATE else None,
                visits=1,
            )
            for row, action in enumerate(actions)
        )

    def _choose(self, positions: Positions, legal: NDArray[np.uint8]) -> tuple[NDArray[np.int32], torch.Tensor]:
        """Returns the actions chosen, int32 [N], and how likely each was: logarithms, [N, A]."""
        self.evaluator.network.eval()
        self.evaluator.watch()
        if self.mates_in_one:
            legal = only_mates(positions, legal)
        temperature = np.full(len(positions), self.temperature or 1.0, np.float32)
        log_probs, values = self.evaluator.policy_and_value(positions, legal, temperature)
        chosen = sample(log_probs, self.generator) if self.temperature else log_probs.argmax(dim=1)
        actions: NDArray[np.int32] = chosen.to(torch.int32).cpu().numpy()
        self.evaluator.require_values()
        self.values = values.cpu().numpy()
        if not legal[np.arange(len(actions)), actions].all():  # drawn from nan
            self.evaluator.require_logits()
        return actions, log_probs


def _moves(game: Branches, action: int, after: Branches, row: int, reply: int) -> Iterator[str]:
    """Yields an action of a game and the reply to it, -1 for none, as USI writes them."""
    yield action_to_usi(game.positions, action)
    if reply >= 0:
        yield action_to_usi(after.positions, reply, row)


def only_mates(positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Leaves only the moves that mate at once, where there are any."""
    mates = find_mates(positions, legal)
    return np.where(mates.any(axis=1, keepdims=True), mates, legal)
