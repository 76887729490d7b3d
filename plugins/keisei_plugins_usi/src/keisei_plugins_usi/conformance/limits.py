"""How much time an engine gets."""

import attrs


@attrs.frozen(kw_only=True)
class Limits:
    """How long the engine may take, in seconds."""

    timeout: float = 10.0
    """For an answer that has no limit of its own."""
    ready: float = 120.0
    """For `readyok`, which no client limits that is told so."""
    slack: float = 1.0
    """Times every other limit: above 1 for a machine that has other work."""
    hush: float = 0.4
    """How long nothing must come for it to count as nothing."""
    total: float = 900.0
    """After which nothing further is asked."""
