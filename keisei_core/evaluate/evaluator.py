"""Evaluating positions with a network without learning from them.

Shape key: N positions, A = 2,187 actions.
"""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.errors import DivergedError, PluginError
from keisei_core.evaluate.actor_critic import ActorCritic
from keisei_core.evaluate.device_queue import Answer, DeviceQueue
from keisei_core.evaluate.health import Health
from keisei_core.evaluate.inputs import Inputs
from keisei_core.evaluate.legal_bits import LegalBits
from keisei_core.evaluate.outputs import size_problem
from keisei_core.evaluate.policy import log_policy
from keisei_core.evaluate.recording import recorded
from keisei_core.observe import FeatureSet
from keisei_core.precision import PrecisionPolicy
from keisei_core.shogi import Positions
from keisei_core.shown import one_line
from keisei_core.streams import say

IN_TURN: Final = 2
"""Rooms for inputs: one is filled while the device reads the other."""
KEPT: Final = 8_192
"""Positions of the largest batch whose room is kept for the next one: some 60 MB each."""

Program = Callable[[Tensor, Tensor, Tensor, torch.Generator], Tensor]
"""What is made of a network's outputs on the device: gets logits float32 [N, A], the mover's value float32 [N], what is
legal, bool [N, A], and a random stream of the device; returns one tensor, which alone is brought back to the host."""


class Evaluator:
    """Encodes positions, runs the network in the run's precision, and masks its policy; for one thread at a time."""

    def __init__(
        self,
        network: ActorCritic,
        features: FeatureSet,
        precision: PrecisionPolicy,
        device: torch.device,
        queue: DeviceQueue | None = None,
    ) -> None:
        """Takes a network that is on a device.

        Args:
            network: in eval mode whenever it is asked.
            features: encodes its planes.
            precision: it runs in this one.
            device: where it is.
            queue: how the device is asked; its own if not given.
        """
        self.network = network
        self.features = features
        self.precision = precision
        self.device = device
        self.queue = queue or DeviceQueue(device)
        self.records = self.queue.is_apart
        """Whether work that comes again and again is recorded as a CUDA graph."""
        self._health = Health(device)
        self._bits = LegalBits(device)
        self._rings: defaultdict[object, deque[Inputs]] = defaultdict(self._new_ring)
        """Inputs that take turns: some for whoever comes, and some for each computation that is recorded."""

    @torch.inference_mode()
    def raw(self, positions: Positions) -> tuple[Tensor, Tensor]:
        """Returns logits float32 [N, A], unmasked, and the mover's value float32 [N]."""
        inputs = self._filled(positions, legal=None)
        outputs = self.queue.run(lambda: self._outputs(*inputs.send()[:2]))
        inputs.release()
        return outputs

    @torch.inference_mode()
    def policy_and_value(
        self, positions: Positions, legal: NDArray[np.uint8], temperature: NDArray[np.float32] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Returns log-probabilities float32 [N, A] over legal actions, and the mover's value float32 [N].

        Args:
            positions: N positions.
            legal: uint8 [N, A], 1 = legal.
            temperature: float32 [N], logits are divided by it; 1 everywhere if not given.
        """
        inputs = self._filled(positions, legal)

        def work() -> tuple[Tensor, Tensor]:
            planes, balance, bits = inputs.send()
            logits, value = self._outputs(planes, balance)
            if temperature is not None:
                logits = logits / torch.from_numpy(temperature).to(self.device)[:, None]
            return log_policy(logits, self._bits.unpack(bits)), value

        found = self.queue.run(work)
        inputs.release()
        return found

    def value(self, positions: Positions) -> NDArray[np.float32]:
        """Returns the mover's value, float32 [N]."""
        values: NDArray[np.float32] = self.raw(positions)[1].cpu().numpy()
        return values

    @torch.inference_mode()
    def submit(
        self,
        positions: Positions,
        legal: NDArray[np.uint8],
        program: Program,
        stream: torch.Generator,
        *,
        repeats: bool = False,
    ) -> Answer:
        """Asks for what a program makes of the network's outputs, and does not wait for it.

        Args:
            positions: N positions; free to be changed once this returns, as `legal` is.
            legal: uint8 [N, A], 1 = legal.
            program: runs on the device.
            stream: consumed by it; on the device.
            repeats: True where the same number of positions will come again and again, with the same program: a GPU is
                then given the whole work in one call, up to `KEPT` positions. The program must look at no number on the
                way.

        Returns:
            Whose `collect` waits for what the program found. Several may be asked for before the first is collected.
        """
        is_recorded = repeats and self.records and len(positions) <= KEPT  # a recording is made for inputs that stay
        inputs = self._filled(positions, legal, (len(positions), program, stream) if is_recorded else None)

        def work() -> Tensor:
            planes, balance, bits = inputs.send()

            def compute() -> Tensor:
                return program(*self._outputs(planes, balance), self._bits.unpack(bits), stream)

            if not is_recorded:
                return compute()
            if inputs.replay is None:
                inputs.replay = self._recorded(compute, stream)
            return inputs.replay()

        answer = self.queue.launch(work)
        inputs.release()
        return answer

    def watch(self) -> None:
        """Begins to look out for outputs that no network may give; what was given before is forgotten."""
        self._health.begin()

    def require_values(self) -> None:
        """Looks at the values given since `watch`; waits for the device, so it is asked once a rollout.

        Raises:
            DivergedError: nan or inf is among them.
            PluginError: those of some call are nothing like results.
        """
        mean = self._health.mean_value()
        if not math.isfinite(mean):
            raise self._diverged("value")
        problem = size_problem(mean)
        if problem is not None:
            remedy = "if training led there, lower optimizer.learning_rate and resume from the last checkpoint"
            raise PluginError(f"{self.network.owner}: {problem}; {remedy}")

    def require_logits(self) -> None:
        """Looks at the logits given since `watch`.

        Raises:
            DivergedError: nan or inf is among them.
        """
        if not self._health.has_finite_logits():
            raise self._diverged("logits")

    def _outputs(self, planes: Tensor, balance: Tensor) -> tuple[Tensor, Tensor]:
        """Runs the network: logits float32 [N, A] and value float32 [N]."""
        with self.precision.autocast():
            logits, value, _ = self.network(planes, balance)
        self._health.note(logits, value)
        return logits, value

    def _filled(self, positions: Positions, legal: NDArray[np.uint8] | None, whose: object = None) -> Inputs:
        """Returns inputs that hold positions: those whose turn it is of a recorded computation, or of all others."""
        ring = self._rings[whose] if len(positions) <= KEPT else self._new_ring()
        ring.rotate()
        if ring[0].capacity < len(positions):
            ring[0] = Inputs(len(positions), self.features, self.queue)
        ring[0].fill(positions, legal)
        return ring[0]

    def _new_ring(self) -> deque[Inputs]:
        return deque(Inputs(0, self.features, self.queue) for _ in range(IN_TURN))

    def _recorded(self, compute: Callable[[], Tensor], stream: torch.Generator) -> Callable[[], Tensor]:
        """Records a computation; one that can't be recorded runs as it is, and none is tried after it."""
        try:
            return recorded(compute, stream)
        except RuntimeError as error:
            self.records = False
            say(f"warning: {self.network.owner} is run without CUDA graphs, it can't be recorded: {one_line(error)}")
            return compute

    def _diverged(self, where: str) -> DivergedError:
        return DivergedError(
            f"expected finite outputs of the network in play, got nan or inf in {where} of {self.network.owner}; lower "
            "optimizer.learning_rate in the run's config.toml, or try another precision, and resume from the last "
            "checkpoint"
        )
