"""The base of all contracts: finds the component, and makes one test of every check.

    class TestMine(ModelContract):
        name = "mine"

Nothing here imports pytest until pytest itself runs it.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from keisei_core.config.structure import structure
from keisei_core.plugins import Choice, Kind, Registry, load_registry
from keisei_core.testing.check import Check, Outcome, name_of, perform, refuse_unknown
from keisei_core.testing.component import COMPONENT_CHECKS
from keisei_core.testing.contract_error import require
from keisei_core.testing.tally import Tally
from keisei_core.testing.under_test import UnderTest

if TYPE_CHECKING:  # whoever runs the checks without pytest may not have it
    import pytest


class Contract:
    """A test class to derive from: say what is tested and what it can do, pytest does the rest."""

    kind: ClassVar[Kind]
    own_checks: ClassVar[tuple[Check, ...]]
    """Of this extension point, beside those of every component."""

    name: ClassVar[str] = ""
    """`name` or `distribution:name` of an installed component, as a config would say it."""
    target: ClassVar[Callable[..., Any] | None] = None
    """In place of a name: what the component's target would be, not packaged yet."""
    options: ClassVar[Any] = None
    """A table as in a config, or an instance of the options class; None takes the defaults."""
    expected_failures: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """The reason why a check fails, by the check's name. It must fail: once it passes, the test fails."""

    prepared: ClassVar[UnderTest]
    tally: ClassVar[Tally | None] = None

    @classmethod
    def checks(cls) -> tuple[Check, ...]:
        """Returns every check, in order."""
        return (*COMPONENT_CHECKS, *cls.own_checks)

    @classmethod
    def under_test(cls) -> UnderTest:
        """Returns what the checks get; made once for all of them."""
        raise NotImplementedError

    @classmethod
    def found(cls) -> dict[str, Any]:
        """Returns `make` and `choice` of an `UnderTest`.

        Raises:
            ConfigError: no plugin, or more than one, provides the name.
            ContractError: neither name nor target is given, or the options are not those of the component.
        """
        target = cls.target
        require(bool(cls.name) != bool(target), f"{cls.__name__} must say name = '...' or target = ..., one of the two")
        if target is None:
            choice = with_options(installed().resolve(cls.kind, cls.name), cls.options)
            return {"make": choice.build, "choice": choice}
        return {"make": partial(build_target, target, cls.options)}

    def pytest_generate_tests(self, metafunc: "pytest.Metafunc") -> None:
        """Makes one test of every check."""
        if "check" in metafunc.fixturenames:
            refuse_unknown(self.checks(), self.expected_failures)
            Tally.of(metafunc.definition.session).enter(type(self))
            metafunc.parametrize("check", self.checks(), ids=name_of)

    def test_contract(self, check: Check, request: "pytest.FixtureRequest") -> None:
        """Runs one check."""
        import pytest

        contract = type(self)
        contract.tally = Tally.of(request.session)
        contract.tally.begin(contract, name_of(check))
        finding = perform(check, contract.prepared, self.expected_failures.get(name_of(check)))
        contract.tally.add(contract, finding)
        if finding.outcome is Outcome.FAILED_AS_EXPECTED:
            pytest.xfail(finding.reason)
        if finding.outcome is Outcome.NOT_ASKED:
            pytest.skip(f"not asked: {finding.reason}")

    @classmethod
    def setup_class(cls) -> None:
        """Finds what is under test."""
        cls.prepared = cls.under_test()

    @classmethod
    def teardown_class(cls) -> None:
        """Asserts that as many checks were run as there are."""
        if cls.tally is not None:
            cls.tally.verify(cls, len(cls.checks()))


@cache
def installed() -> Registry:
    """Returns the installed plugins, as a run finds them."""
    return load_registry()


def build_target(target: Callable[..., Any], options: Any, *arguments: Any) -> Any:
    """Calls a target as a run would: with options where there are any."""
    return target(*arguments) if options is None else target(*arguments, options)


def with_options(choice: Choice, options: Any) -> Choice:
    """Gives a choice its options, read as strictly as from a config.

    Args:
        choice: an installed component.
        options: a table, an instance of the component's options class, or None for the defaults.

    Raises:
        ContractError: they are not options of this component.
    """
    if options is None:
        return choice
    cls = choice.load_options_class()
    require(cls is not None, f"{choice.kind} {choice.name!r} takes no options, got {options!r}")
    assert cls is not None
    if isinstance(options, cls):
        return attrs.evolve(choice, options=options)
    require(isinstance(options, Mapping), f"options must be a table or a {cls.__name__}, got {options!r}")
    read = structure(cls, options)
    problems = "; ".join(text for _, text in read.problems)
    require(not problems, f"options of {choice.name!r}: {problems}")
    return attrs.evolve(choice, options=read.value)
