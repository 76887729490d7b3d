"""How a hook is taken out of the plugin API: marked for at least one minor, and told to all who implement it.

@hookspec(warn_on_impl=deprecated("keisei_old", instead="keisei_new", gone_in=(3, 0)))
"""


class DeprecatedHookWarning(FutureWarning):
    """A plugin implements what will go; the plugin loads all the same."""


def deprecated(hook: str, *, instead: str, gone_in: tuple[int, int]) -> DeprecatedHookWarning:
    """Makes the mark of a hook.

    Args:
        hook: its name.
        instead: what to implement in its place.
        gone_in: the first version of the plugin API without it.
    """
    major, minor = gone_in
    return DeprecatedHookWarning(f"implements {hook}, which goes in plugin API {major}.{minor}; use {instead} instead")
