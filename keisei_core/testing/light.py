"""The checks that `keisei plugins check` runs: quick, and without anything that an author would have to declare."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from keisei_core.plugins import Choice, Kind
from keisei_core.testing.check import Check, name_of, perform
from keisei_core.testing.component import component_checks
from keisei_core.testing.contracts import DEFAULT_FEATURES, feature_set
from keisei_core.testing.feature_planes import (
    PlanesUnderTest,
    check_any_number_of_positions,
    check_channels_are_declared,
    check_every_element_is_written,
    check_hard_positions,
    check_neighbours_are_left_alone,
    check_same_positions_give_same_planes,
    check_seen_values_are_finite,
    check_values_fit_a_byte,
)
from keisei_core.testing.models import ModelUnderTest, check_shapes, check_value_is_in_range
from keisei_core.testing.under_test import UnderTest

LIGHT_CHECKS: Final[Mapping[Kind, tuple[Check, ...]]] = {
    Kind.FEATURES: (
        check_channels_are_declared,
        check_any_number_of_positions,
        check_hard_positions,
        check_values_fit_a_byte,
        check_seen_values_are_finite,
        check_every_element_is_written,
        check_neighbours_are_left_alone,
        check_same_positions_give_same_planes,
    ),
    Kind.MODEL: (check_shapes, check_value_is_in_range),
}


def light_checks(choice: Choice) -> list[tuple[str, Callable[[], object]]]:
    """Returns the quick checks of an installed component with its options, or with the defaults where it has none.

    Each is a name and a function to call, which raises where the contract is not kept: a `ContractError` that says
    what is wrong, a `PluginError` where the component can't be built, or whatever the plugin's own code raised.
    """
    under_test = _under_test(choice)
    checks = (*component_checks(choice.kind), *LIGHT_CHECKS.get(choice.kind, ()))
    return [(name_of(check), partial(perform, check, under_test)) for check in checks]


def _under_test(choice: Choice) -> UnderTest:
    if choice.kind is Kind.FEATURES:
        return PlanesUnderTest(make=choice.build, choice=choice)
    if choice.kind is Kind.MODEL:
        return ModelUnderTest(make=choice.build, choice=choice, features=feature_set(DEFAULT_FEATURES))
    return UnderTest(make=choice.build, choice=choice)
