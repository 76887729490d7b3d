"""How a check says that a plugin does not keep its contract, or that it does not ask this of the plugin."""


class ContractError(AssertionError):
    """A plugin does not do what its extension point asks: expected what, got what."""


class NotAskedError(Exception):
    """A check does not apply, by what the author declared; the text says which declaration."""


def require(kept: bool, complaint: str) -> None:
    """Raises a `ContractError` with this complaint unless `kept`."""
    if not kept:
        raise ContractError(complaint)


def ask_only_if(applies: bool, otherwise: str) -> None:
    """Raises a `NotAskedError` with the author's declaration unless the check applies."""
    if not applies:
        raise NotAskedError(otherwise)
