"""The network alone: what self-play and learning could reach if everything else took no time.

Shape key: B positions, C channels.
"""

from time import perf_counter

import torch
from torch import Tensor

from keisei_core.run import Training
from keisei_core.shogi import Positions, material


class BareNetwork:
    """The network of a training, run on one batch of planes that is on the device already."""

    def __init__(self, training: Training) -> None:
        self.training = training
        self.device = training.device

    def inputs(self, positions: Positions) -> tuple[Tensor, Tensor]:
        """Puts the planes of positions, uint8 [B, C, 9, 9], and their material, float32 [B], on the device."""
        planes = torch.from_numpy(self.training.features.encode(positions)).to(self.device)
        return planes, torch.from_numpy(material(positions)).to(self.device)

    @torch.inference_mode()
    def forward_s(self, inputs: tuple[Tensor, Tensor], num_times: int) -> float:
        """Returns the seconds that so many forward passes take, as self-play makes them."""
        network = self.training.network.eval()
        # Made in inference mode, as an evaluator's: a compiled network knows the difference.
        planes, balance = (tensor.clone() for tensor in inputs)
        started = self._now()
        for _ in range(num_times):
            with self.training.precision.autocast():
                network(planes, balance)
        return self._now() - started

    def backward_s(self, inputs: tuple[Tensor, Tensor], num_times: int) -> float:
        """Returns the seconds that so many forward and backward passes take; no weight changes."""
        network = self.training.network.train()
        started = self._now()
        for _ in range(num_times):
            with self.training.precision.autocast():
                logits, value, extra = network(*inputs)
            outputs = (logits, value, *(tensor for tensor in extra.values() if tensor.requires_grad))
            losses = torch.stack([output.square().mean() for output in outputs])
            losses.sum().backward()  # type: ignore[no-untyped-call]
            network.zero_grad(set_to_none=True)
        return self._now() - started

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return perf_counter()
