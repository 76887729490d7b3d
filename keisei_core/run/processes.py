"""Doing a command's work in every process of a run."""

from collections.abc import Callable
from typing import Any

from keisei_core.distribution import Launcher
from keisei_core.plugins import Settings


def has_launcher(settings: Settings) -> bool:
    """Tells whether the run may have more processes than this one."""
    return launcher(settings) is not None


def in_every_process(settings: Settings, work: Callable[..., int], *arguments: Any) -> int:
    """Runs `work(*arguments)` here, or in the processes that the distribution backend starts; returns the exit code."""
    launch = launcher(settings)
    return work(*arguments) if launch is None else launch(work, arguments, settings.distribution.options)


def launcher(settings: Settings) -> Launcher | None:
    """Returns what starts the processes of the run; None where this one is all.

    Raises:
        PluginError: the backend can't be imported.
    """
    launch: Launcher | None = getattr(settings.distribution.load(), "launch", None)
    return launch
