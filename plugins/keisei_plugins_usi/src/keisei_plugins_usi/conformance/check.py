"""Puts an engine into one situation after the other, whatever it does."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing

from keisei_plugins_usi.conformance.client import Client
from keisei_plugins_usi.conformance.heard import Heard
from keisei_plugins_usi.conformance.limits import Limits
from keisei_plugins_usi.conformance.situation import Begin, Situation
from keisei_plugins_usi.conformance.verdict import Finding, NotAskedError, Verdict, WrongError


class Check:
    """One engine under test: a process that most situations share, and one for each that needs its own."""

    def __init__(self, command: Sequence[str], limits: Limits) -> None:
        """Starts nothing yet."""
        self._command, self._limits = command, limits
        self._heard = Heard()
        self._shared: Client | None = None
        self._refusal = ""

    def findings(self, situations: Sequence[Situation]) -> Iterator[Finding]:
        """Yields what comes of each situation; every process has ended when the iterator is closed.

        Raises:
            ConfigError: the command can't be started.
        """
        end = time.monotonic() + self._limits.total
        try:
            for situation in situations:
                is_over = time.monotonic() > end
                yield (
                    _left_out(situation, f"the {self._limits.total:.0f} s are over")
                    if is_over
                    else self._ask(situation)
                )
        finally:
            self._drop()

    def _ask(self, situation: Situation) -> Finding:
        started = time.monotonic()
        verdict, came = Verdict.OK, ""
        try:
            came = self._ask_in_process(situation)
        except NotAskedError as reason:
            verdict, came = Verdict.NOT_ASKED, str(reason)
        except WrongError as error:
            verdict, came = Verdict.WRONG, str(error)
        return Finding(situation, verdict, came, time.monotonic() - started)

    def _ask_in_process(self, situation: Situation) -> str:
        if situation.begin is Begin.STARTED:
            with closing(Client(self._command, self._limits, self._heard)) as fresh:
                return situation.ask(fresh)
        try:
            return situation.ask(self._ready())
        except WrongError:
            self._drop()  # it may still have something to say, which must not meet the next situation
            raise
        finally:
            if self._shared and (situation.ends or not self._shared.settle()):
                self._drop()

    def _ready(self) -> Client:
        """Returns the shared process after `readyok`, a fresh one where the last has ended.

        Raises:
            NotAskedError: the engine does not get that far; it is not tried twice.
        """
        if self._refusal:
            raise NotAskedError(self._refusal)
        if self._shared is None:
            self._shared = Client(self._command, self._limits, self._heard)
            try:
                self._shared.hello(self._limits.ready)
                self._shared.ready()
            except WrongError as error:
                self._refusal = "the engine does not get ready"
                raise NotAskedError(f"{self._refusal}: {error}") from error
        return self._shared

    def _drop(self) -> None:
        if self._shared is not None:
            self._shared.close()
            self._shared = None


def _left_out(situation: Situation, reason: str) -> Finding:
    return Finding(situation, Verdict.NOT_ASKED, reason, 0.0)
