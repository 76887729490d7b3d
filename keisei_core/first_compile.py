"""What a command does before its process compiles its first kernel. Loads nothing; see `keisei_core.warm`."""

from collections.abc import Callable

_prepare: Callable[[], None] | None = None


def before_compiling(prepare: Callable[[], None] | None) -> None:
    """Decides what is done, once, before this process compiles a kernel that no disk has; None: nothing."""
    global _prepare
    _prepare = prepare


def prepare_to_compile() -> None:
    """Does what was decided, the first time."""
    global _prepare
    prepare, _prepare = _prepare, None
    if prepare is not None:
        prepare()
