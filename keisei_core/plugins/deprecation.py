"""How a hook is taken out of the plugin API: marked for at least one minor, and told to all who implement it.

    @hookspec(warn_on_impl=deprecated("keisei_old", instead="keisei_new", gone_in=(3, 0)))

An argument of a hook is marked alike, by `warn_on_impl_args={"name": deprecated(...)}`.
"""


class DeprecatedHookWarning(FutureWarning):
    """A plugin implements what will go; the plugin loads all the same."""


def deprecated(what: str, *, instead: str, gone_in: tuple[int, int]) -> DeprecatedHookWarning:
    """Makes the mark of a hook, or of an argument of one.

    Args:
        what: the hook or the argument that will go.
        instead: what to implement in its place.
        gone_in: the first version of the plugin API without it.
    """
    major, minor = gone_in
    return DeprecatedHookWarning(f"implements {what}, which goes in plugin API {major}.{minor}; use {instead} instead")
