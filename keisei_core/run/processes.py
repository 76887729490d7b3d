"""Doing a command's work in every process of a run."""

import pickle
from collections.abc import Callable
from typing import Any

from keisei_core.distribution import Launcher
from keisei_core.plugins import Settings
from keisei_core.plugins.plugin_file import PluginFile, files_in_use, use_files


def has_launcher(settings: Settings) -> bool:
    """Tells whether the run may have more processes than this one."""
    return launcher(settings) is not None


def in_every_process(settings: Settings, work: Callable[..., int], *arguments: Any) -> int:
    """Runs `work(*arguments)` here, or in the processes that the distribution backend starts; returns the exit code."""
    launch = launcher(settings)
    if launch is None:
        return work(*arguments)
    files = files_in_use()
    if not files:
        return launch(work, arguments, settings.distribution.options)
    # What the work is about may be made of classes in them, which a process must know before it reads it.
    job = pickle.dumps((work, arguments))
    return launch(with_files, (files, job), settings.distribution.options)


def with_files(files: tuple[PluginFile, ...], job: bytes) -> int:
    """Does pickled work in a process that loads the files of the one that started it, whatever became of them since."""
    use_files(files)
    for file in files:
        file.module()
    work, arguments = pickle.loads(job)
    code: int = work(*arguments)
    return code


def launcher(settings: Settings) -> Launcher | None:
    """Returns what starts the processes of the run; None where this one is all.

    Raises:
        PluginError: the backend can't be imported.
    """
    launch: Launcher | None = getattr(settings.distribution.load(), "launch", None)
    return launch
