"""Evaluating positions with a network without learning from them.

Shape key: N positions, A = 2,187 actions.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.errors import DivergedError, PluginError
from keisei_core.evaluate.actor_critic import ActorCritic
from keisei_core.evaluate.outputs import size_problem
from keisei_core.evaluate.policy import log_policy
from keisei_core.observe import FeatureSet
from keisei_core.precision import PrecisionPolicy
from keisei_core.shogi import Positions, material


class Evaluator:
    """Encodes positions, runs the network in the run's precision, and masks its policy."""

    def __init__(
        self, network: ActorCritic, features: FeatureSet, precision: PrecisionPolicy, device: torch.device
    ) -> None:
        self.network = network
        self.features = features
        self.precision = precision
        self.device = device
        self._last: tuple[Tensor, Tensor] | None = None
        """Of the latest positions the logits, and the mean size of V; looked at by whoever needs to rely on them."""

    @torch.inference_mode()
    def raw(self, positions: Positions) -> tuple[Tensor, Tensor]:
        """Returns logits float32 [N, A], unmasked, and the mover's value float32 [N]."""
        planes = torch.from_numpy(self.features.encode(positions)).to(self.device)
        balance = torch.from_numpy(material(positions)).to(self.device)
        with self.precision.autocast():
            logits, value, _ = self.network(planes, balance)
        self._last = logits, value.abs().mean()
        return logits, value

    def require_values(self) -> None:
        """Looks at the values of the latest positions; quick enough to be asked at every ply.

        Raises:
            DivergedError: nan or inf is among them.
            PluginError: they are nothing like results.
        """
        if self._last is None:
            return
        mean = float(self._last[1])
        if not math.isfinite(mean):
            raise self._diverged("value")
        problem = size_problem(mean)
        if problem is not None:
            remedy = "if training led there, lower optimizer.learning_rate and resume from the last checkpoint"
            raise PluginError(f"{self.network.owner}: {problem}; {remedy}")

    def require_logits(self) -> None:
        """Looks at the logits of the latest positions.

        Raises:
            DivergedError: nan or inf is among them.
        """
        if self._last is not None and not bool(self._last[0].isfinite().all()):
            raise self._diverged("logits")

    def _diverged(self, where: str) -> DivergedError:
        return DivergedError(
            f"expected finite outputs of the network in play, got nan or inf in {where} of {self.network.owner}; lower "
            "optimizer.learning_rate in the run's config.toml, or try another precision, and resume from the last "
            "checkpoint"
        )

    def policy_and_value(
        self, positions: Positions, legal: NDArray[np.uint8], temperature: NDArray[np.float32] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Returns log-probabilities float32 [N, A] over legal actions, and the mover's value float32 [N].

        Args:
            positions: N positions.
            legal: uint8 [N, A], 1 = legal.
            temperature: float32 [N], logits are divided by it; 1 everywhere if not given.
        """
        logits, value = self.raw(positions)
        with torch.inference_mode():
            if temperature is not None:
                logits = logits / torch.from_numpy(temperature).to(self.device)[:, None]
            return log_policy(logits, torch.from_numpy(legal).to(self.device)), value

    def value(self, positions: Positions) -> NDArray[np.float32]:
        """Returns the mover's value, float32 [N]."""
        values: NDArray[np.float32] = self.raw(positions)[1].cpu().numpy()
        return values
