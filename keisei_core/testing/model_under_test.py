"""A network as its checks get it, with the observation that it is built for."""

from collections.abc import Callable

import attrs
import torch
from torch import Tensor, nn

from keisei_core.observe import Channel, FeatureSet
from keisei_core.testing.corpus import corpus
from keisei_core.testing.under_test import UnderTest


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

    def observe(self, num_positions: int | None = None) -> Tensor:
        """Returns the last positions of the corpus, or all, as the network sees them: float32 [B, C, 9, 9]."""
        positions = corpus(self.features.needs.history)
        if num_positions:
            positions = positions[-num_positions:]
        planes = self.features.encode(positions) * self.features.scales[:, None, None]
        return torch.from_numpy(planes)
