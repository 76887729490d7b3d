"""Doing a command's work in every process of a run."""

import os
from collections.abc import Callable
from typing import Any

from keisei_core.distribution import Launcher
from keisei_core.plugins import Settings
from keisei_core.plugins.blame import no_silent_end
from keisei_core.plugins.plugin_file import PluginFile, files_in_use, use_files


def has_launcher(settings: Settings) -> bool:
    """Tells whether the run may have more processes than this one."""
    return launcher(settings) is not None


def is_one_of_many() -> bool:
    """Tells whether a launcher such as torchrun started this process beside others, each with the same command."""
    return os.environ.get("WORLD_SIZE", "1") != "1"


def in_every_process(settings: Settings, work: Callable[..., int], *arguments: Any) -> int:
    """Runs `work(*arguments)` here, or in the processes that the distribution backend starts; returns the exit code."""
    launch = launcher(settings)
    if launch is None:
        return in_this_process(work, *arguments)
    files = files_in_use()
    if not files:
        return launch(in_this_process, (work, *arguments), settings.distribution.options)
    return launch(with_files, (FilesFirst(files), work, arguments), settings.distribution.options)


def in_this_process(work: Callable[..., int], *arguments: Any) -> int:
    """Does the work; what would end this process without a word becomes an error, which a launcher hands on."""
    with no_silent_end():
        return work(*arguments)


class FilesFirst:
    """Files that a process loads as soon as it has read them from a message, whatever became of them since.

    What stands after them in the message may be made of classes in them, which the process has to know by then.
    """

    def __init__(self, files: tuple[PluginFile, ...]) -> None:
        self.files = files

    def __reduce__(self) -> tuple[Callable[..., "FilesFirst"], tuple[tuple[PluginFile, ...]]]:
        return loaded, (self.files,)


def loaded(files: tuple[PluginFile, ...]) -> FilesFirst:
    """Loads the files into this process."""
    use_files(files)
    for file in files:
        file.module()
    return FilesFirst(files)


def with_files(_: FilesFirst, work: Callable[..., int], arguments: tuple[Any, ...]) -> int:
    """Does work that may need files, which are loaded by now."""
    return in_this_process(work, *arguments)


def launcher(settings: Settings) -> Launcher | None:
    """Returns what starts the processes of the run; None where this one is all.

    Raises:
        PluginError: the backend can't be imported.
    """
    launch: Launcher | None = getattr(settings.distribution.load(), "launch", None)
    return launch
