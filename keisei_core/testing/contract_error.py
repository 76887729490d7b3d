"""How a check says that a plugin does not keep its contract."""


class ContractError(AssertionError):
    """A plugin does not do what its extension point asks: expected what, got what."""


def require(kept: bool, complaint: str) -> None:
    """Raises a `ContractError` with this complaint unless `kept`."""
    if not kept:
        raise ContractError(complaint)
