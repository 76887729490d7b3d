"""Doing a command's work in every process of a run."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from keisei_core.first_compile import prepare_to_compile
from keisei_core.launching import Job, Launcher
from keisei_core.output import lent_stdout, only_answers, own_stdout, take_stdout
from keisei_core.plugins import Settings
from keisei_core.plugins.blame import no_silent_end
from keisei_core.plugins.plugin_file import PluginFile, files_in_use, use_files


def has_launcher(settings: Settings) -> bool:
    """Tells whether the run may have more processes than this one."""
    return launcher(settings) is not None


def is_one_of_many() -> bool:
    """Tells whether a launcher such as torchrun started this process beside others, each with the same command."""
    return os.environ.get("WORLD_SIZE", "1") != "1"


def in_every_process(settings: Settings, work: Callable[..., int], *arguments: Any, run_dir: Path | None = None) -> int:
    """Runs `work(*arguments)` here, or in the processes that the distribution backend starts; returns the exit code.

    Args:
        settings: of the run.
        work: a function of a module.
        arguments: can be pickled.
        run_dir: absolute, for the launcher; None where the work has no folder, or makes one itself.
    """
    launch = launcher(settings)
    if launch is None:
        return in_this_process(work, *arguments)
    prepare_to_compile()  # this process needs no kernel itself; those that it starts would compile all of them alone
    job = Job(
        work=in_one_process,
        arguments=(Beginning(files_in_use()), work, arguments),
        options=settings.distribution.options,
        run_dir=run_dir,
        device=settings.run.device,
        threads=settings.run.threads,
    )
    with lent_stdout():
        return launch(job)


class Beginning:
    """What a process does as soon as it reads it from a message: takes stdout, and loads files.

    What stands after it in the message may be made of classes in the files, which the process has to know by then,
    whatever became of the files since; and it is imported then, and may print.
    """

    def __init__(self, files: tuple[PluginFile, ...]) -> None:
        self.files = files

    def __reduce__(self) -> tuple[Callable[..., "Beginning"], tuple[tuple[PluginFile, ...]]]:
        return begun, (self.files,)


def begun(files: tuple[PluginFile, ...]) -> Beginning:
    """Begins in this process, which was started for this work alone."""
    take_stdout()
    use_files(files)
    for file in files:
        file.module()
    return Beginning(files)


def in_one_process(_: Beginning, work: Callable[..., int], arguments: tuple[Any, ...]) -> int:
    """Does the work in one process of a run; what is printed by anybody goes to stderr."""
    with own_stdout(), only_answers():
        return in_this_process(work, *arguments)


def in_this_process(work: Callable[..., int], *arguments: Any) -> int:
    """Does the work; what would end this process without a word becomes an error, which a launcher hands on."""
    with no_silent_end():
        return work(*arguments)


def launcher(settings: Settings) -> Launcher | None:
    """Returns what starts the processes of the run; None where this one is all.

    Raises:
        PluginError: the backend can't be imported.
    """
    launch: Launcher | None = getattr(settings.distribution.load(), "launch", None)
    return launch
