"""Test classes for plugin packages: derive from one, name the component, and let pytest collect it.

    class TestResNet(ModelContract):
        component = "resnet"
        options = {"tower_depth": 2}

The component is looked up as a run looks it up, so that the entry point is proven too.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any, ClassVar

import attrs

from keisei_core.observe import FeatureSet, PlaneContext
from keisei_core.plugins import Choice, Kind, Registry, load_registry
from keisei_core.testing.feature_planes import FEATURE_PLANES_CHECKS, PlanesUnderTest
from keisei_core.testing.models import MODEL_CHECKS, ModelUnderTest

DEFAULT_FEATURES = "core46"


class FeaturePlanesContract:
    """Every check of `keisei_core.testing.feature_planes` on one component."""

    component: ClassVar[str]
    """`name` or `distribution:name`, as a config would say it."""
    absolute: ClassVar[Collection[str]] = ()
    """Names of channels that depend on the mover's colour."""
    mirrors: ClassVar[bool] = True
    """Whether a left-right mirrored position gives mirrored planes."""

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Makes one test of every check."""
        _one_test_per_check(metafunc, FEATURE_PLANES_CHECKS)

    def test_contract(self, check: Callable[[PlanesUnderTest], None]) -> None:
        """Runs one check."""
        choice = _registry().resolve(Kind.FEATURES, self.component)
        check(PlanesUnderTest(make=choice.build, absolute=self.absolute, mirrors=self.mirrors))


class ModelContract:
    """Every check of `keisei_core.testing.models` on one component with some options."""

    component: ClassVar[str]
    """`name` or `distribution:name`, as a config would say it."""
    options: ClassVar[Mapping[str, object]] = {}
    """Options that differ from their defaults."""
    features: ClassVar[str] = DEFAULT_FEATURES
    """The observation, as a config would say it."""

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Makes one test of every check."""
        _one_test_per_check(metafunc, MODEL_CHECKS)

    def test_contract(self, check: Callable[[ModelUnderTest], None]) -> None:
        """Runs one check."""
        choice = _with_options(_registry().resolve(Kind.MODEL, self.component), self.options)
        check(ModelUnderTest(make=choice.build, features=feature_set(self.features)))


def feature_set(features: str) -> FeatureSet:
    """Builds an observation from installed planes, named as in a config."""
    context = PlaneContext(max_plies=512)
    return FeatureSet([choice.build(context) for choice in _registry().resolve_features(features)])


@cache
def _registry() -> Registry:
    return load_registry()


def _with_options(choice: Choice, options: Mapping[str, object]) -> Choice:
    options_class = choice.load_options_class()
    return choice if options_class is None else attrs.evolve(choice, options=options_class(**options))


def _one_test_per_check(metafunc: Any, checks: tuple[Callable[[Any], None], ...]) -> None:
    """Parametrises without importing pytest, which whoever imports this package may not have."""
    if "check" in metafunc.fixturenames:
        metafunc.parametrize("check", checks, ids=[check.__name__.removeprefix("check_") for check in checks])
