"""What came of a situation: kept, broken, or not asked."""

from enum import StrEnum

import attrs

from keisei_plugins_usi.conformance.situation import Situation


class Verdict(StrEnum):
    """How an engine did in one situation."""

    OK = "ok"
    WRONG = "wrong"
    NOT_ASKED = "not asked"
    """It does not apply to this engine, or can't be seen from outside."""


class WrongError(Exception):
    """The engine does not do what clients count on; the text says what came instead."""


class NotAskedError(Exception):
    """The situation was left out; the text says why."""


@attrs.frozen
class Finding:
    """What came of one situation."""

    situation: Situation
    verdict: Verdict
    came: str
    """What the engine did, or why it was not asked."""
    seconds: float
    """How long the situation took."""


def require(kept: bool, came: str) -> None:
    """Raises a `WrongError` saying what came unless `kept`."""
    if not kept:
        raise WrongError(came)


def ask_only_if(applies: bool, otherwise: str) -> None:
    """Raises a `NotAskedError` with the reason unless the situation applies."""
    if not applies:
        raise NotAskedError(otherwise)
