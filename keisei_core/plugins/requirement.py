"""`[plugins] require`: packages that a run can't do without, and the versions of them that will do."""

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion

from keisei_core.errors import ConfigError, PluginError
from keisei_core.plugins.bundled import canonical
from keisei_core.plugins.plugin import Status
from keisei_core.plugins.registry import Registry
from keisei_core.shown import command_line, first_line


def check_required(text: str, registry: Registry) -> None:
    """Makes sure that a required plugin is installed, new enough, and loads.

    Args:
        text: as a package's own dependencies are written, e.g. `keisei-plugins-foo>=0.2`.
        registry: the plugins of this process.

    Raises:
        ConfigError: the text is no requirement.
        PluginError: the plugin is absent, of another version, disabled, or did not load.
    """
    try:
        wanted = Requirement(text)
    except InvalidRequirement as error:
        raise ConfigError(
            [f"require: expected a requirement such as keisei-plugins-foo>=0.2, got {text!r}; {first_line(error)}"]
        ) from None
    found = [plugin for plugin in registry.plugins if canonical(plugin.owner.distribution) == canonical(wanted.name)]
    # Without what a stranger's config could say of where to get it.
    install = command_line("pip", "install", f"{wanted.name}{wanted.specifier}")
    if not found:
        raise PluginError(f"requires {text}: no such plugin is installed (keisei plugins list); {install}")
    if not _is_allowed(wanted, found[0].owner.version):
        raise PluginError(f"requires {text}, but {found[0].owner} is installed; {install}")
    for plugin in found:
        if plugin.status is Status.DISABLED:
            raise PluginError(f"requires {text}, but {plugin.owner} is disabled; enable it or take it out of require")
        if plugin.failed:
            raise PluginError(f"requires {text}, but {plugin.story()}")


def _is_allowed(wanted: Requirement, version: str) -> bool:
    """Compares a version as pip does, but takes pre-releases too; a version that is none satisfies no limit."""
    try:
        return wanted.specifier.contains(version, prereleases=True)
    except InvalidVersion:
        return not wanted.specifier
