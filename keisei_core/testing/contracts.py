"""One contract for each extension point, with what its author may declare.

    class TestResNet(ModelContract):
        name = "resnet"
        options = {"tower_depth": 2}

The component is looked up as a run looks it up, so that the entry point is proven too.
"""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import ClassVar, Final

from keisei_core.observe import FeatureSet, PlaneContext
from keisei_core.plugins import Kind
from keisei_core.testing.contract import Contract, installed
from keisei_core.testing.feature_planes import FEATURE_PLANES_CHECKS, PlanesUnderTest
from keisei_core.testing.models import MODEL_CHECKS, ModelUnderTest
from keisei_core.testing.players import PLAYER_CHECKS, PlayerUnderTest
from keisei_core.testing.precision import PRECISION_CHECKS, PrecisionUnderTest
from keisei_core.testing.trackers import TRACKER_CHECKS, Logged, TrackerUnderTest

DEFAULT_FEATURES: Final = "core46"
MAX_PLIES: Final = 512


class FeaturePlanesContract(Contract):
    """Observation planes."""

    kind = Kind.FEATURES
    own_checks = FEATURE_PLANES_CHECKS

    absolute: ClassVar[Collection[str]] = ()
    """Names of channels that depend on the mover's colour."""
    mirrors: ClassVar[bool] = True
    """Whether a left-right mirrored position gives mirrored planes."""

    @classmethod
    def under_test(cls) -> PlanesUnderTest:
        """Returns the planes with what is declared of them."""
        return PlanesUnderTest(**cls.found(), absolute=cls.absolute, mirrors=cls.mirrors)


class ModelContract(Contract):
    """Actor-critic networks."""

    kind = Kind.MODEL
    own_checks = MODEL_CHECKS

    features: ClassVar[str] = DEFAULT_FEATURES
    """The observation, as a config would say it."""

    @classmethod
    def under_test(cls) -> ModelUnderTest:
        """Returns the network with the observation it is built for."""
        return ModelUnderTest(**cls.found(), features=feature_set(cls.features))


class PrecisionContract(Contract):
    """Precision policies."""

    kind = Kind.PRECISION
    own_checks = PRECISION_CHECKS

    tolerance: ClassVar[float] = 0.05
    """How much a small network's outputs may differ from float32's, relative to the largest of them."""
    scales_loss: ClassVar[bool] = False
    """Whether the loss is scaled, by a number that falls when a gradient overflows."""
    device: ClassVar[str] = "cpu"

    @classmethod
    def under_test(cls) -> PrecisionUnderTest:
        """Returns the policy with what is declared of it."""
        return PrecisionUnderTest(
            **cls.found(), tolerance=cls.tolerance, scales_loss=cls.scales_loss, device=cls.device
        )


class PlayerContract(Contract):
    """Players."""

    kind = Kind.PLAYER
    own_checks = PLAYER_CHECKS

    deterministic: ClassVar[bool] = True
    """Whether the seed decides every choice."""
    device: ClassVar[str] = "cpu"

    @classmethod
    def under_test(cls) -> PlayerUnderTest:
        """Returns the player with what is declared of it."""
        return PlayerUnderTest(**cls.found(), deterministic=cls.deterministic, device=cls.device)


class TrackerContract(Contract):
    """Trackers."""

    kind = Kind.TRACKER
    own_checks = TRACKER_CHECKS

    read: ClassVar[Callable[[Path], Logged] | None] = None
    """A static method that takes the run folder and returns what is kept there as pairs of update and metrics, in the
    order kept. None where nothing can be read back, e.g. from a server: the checks that read are then not asked."""

    @classmethod
    def under_test(cls) -> TrackerUnderTest:
        """Returns the tracker with how to read it back."""
        return TrackerUnderTest(**cls.found(), read=cls.read)


def feature_set(features: str) -> FeatureSet:
    """Builds an observation from installed planes, named as in a config."""
    context = PlaneContext(max_plies=MAX_PLIES)
    return FeatureSet([choice.build(context) for choice in installed().resolve_features(features)])
