"""The parts of a run around an algorithm or a decider, as small as they come: games, a network, gradient steps.

Shape key: T plies, B games.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import cache
from typing import Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from keisei_core.config.adam_options import AdamOptions
from keisei_core.config.tables import LearningTable, ValueTable
from keisei_core.decide import Column, Decider, GamesView
from keisei_core.distribution import Single
from keisei_core.evaluate import ActorCritic, Evaluator
from keisei_core.experience import Lockstep, Segment
from keisei_core.learn import Adam, AlgorithmContext, Batches, GradientSteps, Lecturer, Teaching
from keisei_core.observe import Channel, FeatureSet
from keisei_core.precision import Fp32
from keisei_core.shogi import (
    NUM_ACTIONS,
    OPPONENT,
    Ending,
    Games,
    Positions,
    Starts,
    UInt8Array,
    legal_mask,
    parse_sfen,
)
from keisei_core.shogi.hard_positions import HARD_SFENS

WIDTH: Final = 16
NUM_GAMES: Final = 8
NUM_PLIES: Final = 16
SHORT_PLIES: Final = 4
"""Of a segment of games that a single ply decides."""
MAX_PLIES: Final = 12
"""Of a game: within a segment every game ends at least once, and is cut off where nobody mated."""
MINIBATCH: Final = 48
RATE: Final = 0.01
NO_LIMIT: Final = 1_000_000
BACK_RANK: Final = "8k/7pp/9/9/9/9/9/9/K8 b R 1"
"""A rook dropped on the last rank mates."""
LONG_GAMES: Final = 5_100
"""Longer than the latest of the hard positions."""
SPREAD: Final = (0, 1, 2, 7, 30, 60)
"""Plies of random play after which games are looked at."""

Verdict = Callable[[NDArray[np.int32]], NDArray[np.bool_]]
"""Says which of the actions, int32 [B], win: bool [B]."""


class PiecePlanes:
    """What stands on each square, for a network that needs no plugin."""

    channels = (Channel("piece", 1 / OPPONENT), Channel("their_piece", 1 / OPPONENT))

    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        """Writes the codes of the mover's pieces, and of the others'."""
        board = positions.board.reshape(-1, 9, 9)
        planes[:, 0] = np.where(board > OPPONENT, 0, board)
        planes[:, 1] = np.where(board > OPPONENT, board - OPPONENT, 0)


class SmallNetwork(nn.Module):
    """One hidden layer."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Linear(len(PiecePlanes.channels) * 81, WIDTH)
        self.policy = nn.Linear(WIDTH, NUM_ACTIONS)
        self.value = nn.Linear(WIDTH, 1)
        self.is_spoiled = False
        """Whether outputs are nan where gradients are recorded: in learning, and never in play."""
        self.recorded_gradients = False
        """Whether the network has been run with gradients recorded."""

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        """Returns logits [B, 2187] and the mover's value [B]."""
        self.recorded_gradients |= torch.is_grad_enabled()
        features = torch.tanh(self.body(planes.flatten(1)))
        logits = self.policy(features)
        if self.is_spoiled and torch.is_grad_enabled():
            logits = logits * torch.nan
        return logits, torch.tanh(self.value(features))[:, 0]


class SmallRun:
    """A network and all that an algorithm is built with, always the same under a seed."""

    def __init__(self, device: str = "cpu", seed: int = 0, teachers: Sequence[Lecturer] = ()) -> None:
        """Builds everything.

        Args:
            device: where the network is.
            seed: of the network's weights and of the order of minibatches.
            teachers: teach along.
        """
        self.device = torch.device(device)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.model = SmallNetwork()
        self.network = ActorCritic(self.model, PiecePlanes.channels, ValueTable(material=0.0)).to(self.device)
        precision, backend = Fp32(self.device), Single(self.device)
        self.evaluator = Evaluator(self.network, FeatureSet([PiecePlanes()]), precision, self.device)
        self.batches = Batches(
            self.evaluator.features, Teaching(teachers), backend, device=self.device, size=MINIBATCH, seed=seed
        )
        adam = Adam(tuple(self.model.named_parameters()), AdamOptions(learning_rate=RATE, final_learning_rate=RATE))
        table = LearningTable(minibatch=MINIBATCH, max_skipped_steps=NO_LIMIT)
        self.steps = GradientSteps(self.network, adam, precision, backend, table)
        self.context = AlgorithmContext(
            evaluator=self.evaluator, batches=self.batches, steps=self.steps, backend=backend, device=self.device
        )

    def stream(self, seed: int = 0) -> torch.Generator:
        """Returns a stream for a decider."""
        return torch.Generator(device=self.device).manual_seed(seed)

    def play(self, decider: Decider, columns: Sequence[Column], seed: int = 0) -> Segment:
        """Plays a segment of games that are won, lost, cut off and not over, in some of which an opponent has a turn.

        Args:
            decider: for `NUM_GAMES` games.
            columns: what is kept of its decisions.
            seed: of games and decisions.
        """
        games = short_games(seed + 1)
        source = Lockstep(games, decider, self.evaluator, self.stream(seed), num_plies=NUM_PLIES, columns=columns)
        segment, _ = source.next()
        learned = np.ones((NUM_PLIES, NUM_GAMES), np.bool_)
        learned[::2, : NUM_GAMES // 4] = False
        return attrs.evolve(segment, learned=learned)

    def play_once(
        self,
        decider: Decider,
        columns: Sequence[Column],
        wins: Verdict,
        seed: int,
    ) -> Segment:
        """Plays a segment of games that a single ply decides, which the network as it is chooses in many positions.

        Args:
            decider: for as many games as `hard_games()` has.
            columns: what is kept of its decisions.
            wins: says which of the actions win their games.
            seed: of decisions.
        """
        games, stream = hard_games(), self.stream(seed)
        segment = Segment.empty(SHORT_PLIES, len(games), columns)
        self.network.eval()
        for ply in range(SHORT_PLIES):
            decision = decider.decide(GamesView(games), self.evaluator, stream)
            segment.put(ply, games.positions)
            segment.action[ply] = decision.action
            segment.ending[ply] = np.where(wins(decision.action), Ending.MATE, Ending.PERPETUAL_CHECK_BY_MOVER)
            for column in decider.columns:
                if column.name in segment.columns:
                    segment.columns[column.name][ply] = decision.columns[column.name]
        segment.after[:] = games.positions
        return segment

    def weights(self) -> dict[str, Tensor]:
        """Copies the network's parameters."""
        return {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}

    def take_over(self, other: "SmallRun") -> None:
        """Goes on from where another run stands, but for what the algorithm itself keeps."""
        self.model.load_state_dict(other.weights())
        self.steps.optimizer.load_state_dict(deepcopy(other.steps.optimizer.state_dict()))
        self.batches.order.bit_generator.state = other.batches.order.bit_generator.state


def short_games(seed: int) -> Games:
    """Returns games that end soon: some are won, the others cut off."""
    return Games(NUM_GAMES, max_plies=MAX_PLIES, starts=Starts.from_sfens([BACK_RANK, "startpos"]), seed=seed)


def hard_games(rows: slice = slice(None)) -> Games:
    """Returns games that stand in the hard positions with a legal move, then games after 0 to 60 random plies.

    Args:
        rows: which of them; all if not given.
    """
    state = {name: array[rows] for name, array in _hard_state().items()}
    games = Games(len(state["num_legal"]), max_plies=LONG_GAMES)
    games.load_state(state)
    return games


@cache
def _hard_state() -> dict[str, NDArray[np.generic]]:
    """Returns the state of all of them; only to be read."""
    playable = [sfen for sfen in HARD_SFENS.values() if legal_mask(parse_sfen(sfen)).any()]
    states = [Games(1, max_plies=LONG_GAMES, starts=Starts.from_sfens([sfen])).state() for sfen in playable]
    crowd = Games(3, max_plies=LONG_GAMES, starts=Starts.standard(mirror=True), seed=1)
    for ply in range(max(SPREAD) + 1):
        if ply in SPREAD:
            states.append(crowd.state())
        crowd.step(crowd.sample())
    return {name: np.concatenate([state[name] for state in states]) for name in states[0]}
