"""One check: a plain function that takes what is under test and raises where the contract is not kept.

A check that the author expects to fail must fail: once it passes, the expectation is a defect by itself.
"""

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any

import attrs

from keisei_core.testing.contract_error import NotAskedError, require

Check = Callable[[Any], None]
"""`check_<what it finds>(under_test)`; raises `ContractError`, or whatever the plugin raises itself."""


class Outcome(StrEnum):
    """How a check ended that did not fail."""

    PASSED = "passed"
    FAILED_AS_EXPECTED = "failed as expected"
    NOT_ASKED = "not asked"
    """By a declaration of the author."""


@attrs.frozen
class Finding:
    """What came of one check."""

    check: str
    outcome: Outcome
    reason: str = ""
    """The author's, where the check did not simply pass."""


def name_of(check: Check) -> str:
    """Returns a check's name, as it stands in a test's id and in `expected_failures`."""
    return check.__name__.removeprefix("check_")


def perform(check: Check, under_test: object, expected: str | None = None) -> Finding:
    """Runs one check.

    Args:
        check: the check.
        under_test: what it takes.
        expected: why it is expected to fail; None where it is not.

    Raises:
        ContractError: the contract is not kept, or the check passes though it was expected to fail.
    """
    name = name_of(check)
    try:
        check(under_test)
    except NotAskedError as reason:
        require(expected is None, f"{name} is expected to fail but not asked ({reason}); remove one of the two")
        return Finding(name, Outcome.NOT_ASKED, str(reason))
    except Exception:
        if expected is None:
            raise
        return Finding(name, Outcome.FAILED_AS_EXPECTED, expected)
    require(expected is None, f"{name} is expected to fail ({expected}) but passes; remove it from expected_failures")
    return Finding(name, Outcome.PASSED)


def run_checks(
    checks: Collection[Check], under_test: object, expected_failures: Mapping[str, str] | None = None
) -> tuple[Finding, ...]:
    """Runs checks in order, without pytest.

    Returns:
        One finding for each check; their number is the number of checks run.

    Raises:
        ContractError: the first thing that is wrong.
    """
    expected = expected_failures or {}
    refuse_unknown(checks, expected)
    return tuple(perform(check, under_test, expected.get(name_of(check))) for check in checks)


def failures(checks: Collection[Check], under_test: object) -> dict[str, Exception]:
    """Runs every check and returns what those raised that failed, by name."""
    found = {}
    for check in checks:
        try:
            perform(check, under_test)
        except Exception as error:
            found[name_of(check)] = error
    return found


def refuse_unknown(checks: Collection[Check], expected_failures: Mapping[str, str]) -> None:
    """Refuses expectations about checks that there are not, and those without a reason.

    Raises:
        ContractError: there is one.
    """
    unknown = sorted(set(expected_failures) - {name_of(check) for check in checks})
    require(not unknown, f"expected_failures names no check of this contract: {', '.join(unknown)}")
    silent = sorted(name for name, reason in expected_failures.items() if not reason.strip())
    require(not silent, f"expected_failures must give a reason for {', '.join(silent)}")
