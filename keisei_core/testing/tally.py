"""Counts the checks that a pytest run made, so that a green run says how much was asked."""

import os
from typing import TYPE_CHECKING, Any, Final

from keisei_core.testing.check import Finding, Outcome
from keisei_core.testing.contract_error import require

if TYPE_CHECKING:  # whoever runs the checks without pytest may not have it
    import pytest

PLUGIN_NAME: Final = "keisei-contracts"


class Tally:
    """A plugin of pytest that is there once a contract was collected: it prints a line for each contract."""

    def __init__(self, session: "pytest.Session") -> None:
        self.session = session
        self.run: dict[type[Any], set[str]] = {}
        """Names of the checks that were begun, by contract class; none yet for a class that was only collected."""
        self.findings: dict[type[Any], list[Finding]] = {}

    @classmethod
    def of(cls, session: "pytest.Session") -> "Tally":
        """Returns the session's tally."""
        manager = session.config.pluginmanager
        tally: Tally | None = manager.get_plugin(PLUGIN_NAME)
        if tally is None:
            tally = cls(session)
            manager.register(tally, PLUGIN_NAME)
        return tally

    def enter(self, contract: type[Any]) -> None:
        """Takes note of a contract that was collected, so that one that is skipped as a whole is told too."""
        self.run.setdefault(contract, set())

    def begin(self, contract: type[Any], check: str) -> None:
        """Counts a check as run."""
        self.run.setdefault(contract, set()).add(check)

    def add(self, contract: type[Any], finding: Finding) -> None:
        """Takes in what came of a check that did not fail."""
        self.findings.setdefault(contract, []).append(finding)

    def verify(self, contract: type[Any], num_checks: int) -> None:
        """Compares the number of checks run with the number that the contract has.

        Nothing is asked where the user chose some of the tests, or stopped at the first failure.

        Raises:
            ContractError: some did not run.
        """
        spread_over_workers = "PYTEST_XDIST_WORKER" in os.environ
        if (
            self.num_chosen(contract) < num_checks
            or spread_over_workers
            or self.session.shouldstop
            or self.session.shouldfail
        ):
            return
        num_run = len(self.run[contract])
        require(num_run == num_checks, f"{contract.__name__} has {num_checks} checks, but {num_run} were run")

    def num_chosen(self, contract: type[Any]) -> int:
        """Returns how many tests of a contract are to run."""
        return sum(getattr(item, "cls", None) is contract for item in self.session.items)

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Prints the counts."""
        terminalreporter.section("contracts")
        for contract in filter(self.num_chosen, self.run):
            terminalreporter.write_line(self.line(contract))

    def line(self, contract: type[Any]) -> str:
        """Writes how many checks of a contract were run and what came of them."""
        findings, begun = self.findings.get(contract, []), len(self.run[contract])
        parts = [f"{begun - len(findings)} failed"] if begun > len(findings) else []
        for outcome in Outcome:
            told = [finding for finding in findings if finding.outcome is outcome]
            reasons = "; ".join(f"{finding.check}: {finding.reason}" for finding in told if finding.reason)
            parts += [f"{len(told)} {outcome}{f' ({reasons})' if reasons else ''}"] if told else []
        counts = f"{contract.__name__}: {begun} of {len(contract.checks())} checks run"
        return f"{counts}: {', '.join(parts)}" if parts else counts
