"""One contract for each extension point, with what its author may declare.

    class TestResNet(ModelContract):
        name = "resnet"
        options = {"tower_depth": 2}

The component is looked up as a run looks it up, so that the entry point is proven too.
"""

from collections.abc import Collection
from typing import ClassVar, Final

from keisei_core.observe import FeatureSet, PlaneContext
from keisei_core.plugins import Kind
from keisei_core.testing.contract import Contract, installed
from keisei_core.testing.feature_planes import FEATURE_PLANES_CHECKS, PlanesUnderTest
from keisei_core.testing.models import MODEL_CHECKS, ModelUnderTest

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


def feature_set(features: str) -> FeatureSet:
    """Builds an observation from installed planes, named as in a config."""
    context = PlaneContext(max_plies=MAX_PLIES)
    return FeatureSet([choice.build(context) for choice in installed().resolve_features(features)])
