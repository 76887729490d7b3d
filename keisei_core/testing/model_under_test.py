"""A network as its checks get it, with the observation that it is built for."""

from collections.abc import Callable
from typing import Final

import attrs
import numpy as np
import torch
from torch import Tensor, nn

from keisei_core.experience import Segment
from keisei_core.learn import Batch
from keisei_core.observe import Channel, FeatureSet
from keisei_core.shogi import Ending, legal_moves, material
from keisei_core.testing.corpus import corpus
from keisei_core.testing.under_test import UnderTest

CPU: Final = torch.device("cpu")
PLIES: Final = 4
"""Of the games that further outputs are asked about."""


@attrs.frozen(kw_only=True)
class ModelUnderTest(UnderTest):
    """A network and the observation it is built for."""

    make: Callable[[tuple[Channel, ...]], nn.Module]
    features: FeatureSet
    trains_as_it_acts: bool = True
    """True where train mode changes nothing; False e.g. for dropout or batch normalisation."""

    def build(self, seed: int = 0) -> nn.Module:
        """Builds the network under this seed of torch's global random stream."""
        torch.manual_seed(seed)
        return self.make(self.features.channels)

    def plies(self, is_known: bool = True, device: torch.device = CPU) -> Batch:
        """Returns the first positions of the corpus as the plies of a minibatch, for the loss of further outputs.

        Args:
            is_known: whether some games end, and others go on; else nothing is known of what came after any ply.
            device: where the minibatch is.
        """
        num_earlier = self.features.needs.history
        positions = corpus(num_earlier)
        num_plies = PLIES if is_known else 1
        num_games = len(positions) // PLIES * PLIES // num_plies
        segment = Segment.empty(num_plies, num_games, (), num_earlier=num_earlier)
        rows = np.arange(segment.num_plies)
        if is_known:
            segment.ending[1, ::3], segment.ending[-1, 1::3] = Ending.MATE, Ending.REPETITION
        for ply in range(num_plies):
            segment.put(ply, positions[ply * num_games : (ply + 1) * num_games])
        moves = legal_moves(segment.positions)
        segment.action.reshape(-1)[:] = moves[:, 0]
        return Batch(
            segment=segment,
            rows=rows,
            planes=torch.from_numpy(self.features.encode(segment.positions_of(rows))).to(device),
            material=torch.from_numpy(material(segment.positions)).to(device),
            moves=torch.from_numpy(moves).to(device),
        )

    def observe(self, num_positions: int | None = None) -> Tensor:
        """Returns the last positions of the corpus, or all, as the network sees them: float32 [B, C, 9, 9]."""
        positions = corpus(self.features.needs.history)
        if num_positions:
            positions = positions[-num_positions:]
        planes = self.features.encode(positions) * self.features.scales[:, None, None]
        return torch.from_numpy(planes)
