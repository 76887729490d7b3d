"""What a module with hooks declares: its hooks are called, and what they return is checked."""

import inspect
import re
import warnings
from collections.abc import Iterable
from itertools import islice
from types import ModuleType
from typing import Any, Final

import attrs
import pluggy

from keisei_core.plugins import hookspecs
from keisei_core.plugins.components import Bundle, Component, Kind
from keisei_core.plugins.core_commands import CORE_COMMANDS
from keisei_core.plugins.deprecation import DeprecatedHookWarning
from keisei_core.plugins.installed import GROUP
from keisei_core.plugins.plugin import Status

MOST_ITEMS: Final = 10_000
"""A hook that returns more is taken for an endless one."""


class RejectedError(Exception):
    """A plugin breaks a rule; carries the status it gets and the cause."""

    def __init__(self, status: Status, cause: str) -> None:
        self.status = status
        super().__init__(cause)


@attrs.frozen(kw_only=True)
class Declarations:
    """What one plugin provides, and what its author should hear of it."""

    components: tuple[tuple[Kind, Component], ...]
    bundles: tuple[Bundle, ...]
    warnings: tuple[str, ...]
    """A line each: hooks that will go, names that are not free."""


def declarations(module: ModuleType, name: str) -> Declarations:
    """Registers a module with pluggy, alone, and collects what its hooks return.

    Args:
        module: with implementations of hooks.
        name: of the plugin.

    Raises:
        RejectedError: it breaks a rule.
        PluginError: a component's field does not have the form it must have; so does whatever a hook raises.
    """
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    try:
        deprecated = _register(module, name, manager)
    except pluggy.PluginValidationError as error:
        raise RejectedError(Status.INVALID, _hook_complaint(str(error), module)) from error
    return _collected(manager, deprecated)


def _register(module: ModuleType, name: str, manager: pluggy.PluginManager) -> list[str]:
    """Registers a module; returns what is to be told of hooks that will go."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DeprecatedHookWarning)
        manager.register(module, name=name)
        manager.check_pending()
    return [str(found.message) for found in caught if isinstance(found.message, DeprecatedHookWarning)]


def _collected(manager: pluggy.PluginManager, deprecated: list[str]) -> Declarations:
    """Calls every hook that is implemented."""
    components: list[tuple[Kind, Component]] = []
    bundles: list[Bundle] = []
    for name, kind in hookspecs.KIND_OF_HOOK.items():
        for implementation in getattr(manager.hook, name).get_hookimpls():
            for item in _call(name, implementation):
                if isinstance(item, Bundle) and kind is Kind.FEATURES:
                    bundles.append(item)
                elif isinstance(item, Component):
                    components.append((kind, item))
                else:
                    raise RejectedError(Status.INVALID, f"{name}() must return Component objects, got {item!r}")
    _check_declarations(components, bundles)
    told = (*deprecated, *_taken_names(components))
    return Declarations(components=tuple(components), bundles=tuple(bundles), warnings=told)


def _taken_names(components: list[tuple[Kind, Component]]) -> list[str]:
    """Tells of commands that are called like one of the core, which always wins."""
    taken = [
        component.name for kind, component in components if kind is Kind.COMMAND and component.name in CORE_COMMANDS
    ]
    return [f"command {name!r} is Keisei's own and never this plugin's; give it another name" for name in taken]


def _call(name: str, implementation: Any) -> list[object]:
    """Calls one hook implementation."""
    if implementation.hookwrapper or implementation.wrapper or inspect.iscoroutinefunction(implementation.function):
        raise RejectedError(Status.INVALID, f"{name}() must be a plain function, not a wrapper and not async")
    if implementation.argnames or implementation.kwargnames:
        arguments = ", ".join((*implementation.argnames, *implementation.kwargnames))
        raise RejectedError(Status.INVALID, f"{name}() takes no arguments, but asks for {arguments}")
    result = implementation.function()
    if not isinstance(result, Iterable):
        raise RejectedError(Status.INVALID, f"{name}() must return a list of Component, got {result!r}")
    items = list(islice(result, MOST_ITEMS + 1))
    if len(items) > MOST_ITEMS:
        raise RejectedError(Status.INVALID, f"{name}() must come to an end, got more than {MOST_ITEMS:,} items")
    return items


def _hook_complaint(message: str, module: ModuleType) -> str:
    """Shortens pluggy's report to one line, with the hook that was probably meant."""
    from keisei_core.config.wording import did_you_mean

    unknown = re.search(r"unknown hook '(\w+)'", message)
    if unknown:
        hook = unknown[1]
        return f"unknown hook {hook!r} in {module.__name__}{did_you_mean(hook, hookspecs.KIND_OF_HOOK)}"
    return " ".join(message.split())


def _check_declarations(components: list[tuple[Kind, Component]], bundles: list[Bundle]) -> None:
    """Refuses a name declared twice, and bundles of what the plugin does not have."""
    seen: set[tuple[Kind, str]] = set()
    for kind, name in (*((kind, item.name) for kind, item in components), *((Kind.FEATURES, b.name) for b in bundles)):
        if (kind, name) in seen:
            raise RejectedError(Status.INVALID, f"declares {kind} {name!r} twice")
        seen.add((kind, name))
    planes = {component.name for kind, component in components if kind is Kind.FEATURES}
    for bundle in bundles:
        strange = [part for part in bundle.parts if part not in planes]
        if strange or len(set(bundle.parts)) < len(bundle.parts):
            raise RejectedError(
                Status.INVALID, f"bundle {bundle.name!r} must list planes of this plugin once: {bundle.parts}"
            )
