"""What plugins make of a run that is over, e.g. a page to look at; one that fails is told of and spoils nothing.

A module of hooks names functions of its package in `KEISEI_RUN_ENDS`, e.g.
`("keisei_plugins_report.report:report_of_run",)`. Each is called in the process that writes the run's files, with the
run folder, once the matches at the end are played and result.json is written, and returns the path of the file that it
made, or None.
"""

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from keisei_core.distribution import never
from keisei_core.errors import StoppedError
from keisei_core.plugins import Registry
from keisei_core.plugins.ctrl_c import is_ctrl_c
from keisei_core.plugins.plugin import Plugin, Status
from keisei_core.run.patience import interruptible
from keisei_core.run.watchers import WorkingFolder
from keisei_core.shown import one_line

DECLARED: Final = "KEISEI_RUN_ENDS"
PATIENCE_S: Final = 600.0
"""Seconds that one function may take."""


def made_of_run(
    folder: Path, registry: Registry, warn: Callable[[str], None], stop: Callable[[], bool] = never
) -> dict[str, Path]:
    """Lets every plugin that takes part make what it makes of a run.

    Args:
        folder: of the run.
        registry: the plugins; files of `--plugin` declare nothing.
        warn: is told of a function that fails.
        stop: once it says so, nothing more is made.

    Returns:
        The files by the names of the plugins' entry points.
    """
    made: dict[str, Path] = {}
    for plugin, target in _declared(registry):
        here = WorkingFolder()
        try:
            with interruptible(stop, PATIENCE_S):
                path = _function(target)(folder)
        except BaseException as error:
            if is_ctrl_c(error) or (isinstance(error, StoppedError) and stop()):
                return made
            report = f"; report it at {plugin.owner.url}" if plugin.owner.url else ""
            warn(f"warning: {target} of {plugin.owner} failed after the run was over ({one_line(error)}){report}")
            continue
        finally:
            here.put_back()
        if path is not None:
            made[plugin.entry] = Path(path)
    return made


def _declared(registry: Registry) -> Iterator[tuple[Plugin, str]]:
    for plugin in registry.plugins:
        if plugin.status in (Status.OK, Status.MEDDLES):
            targets = getattr(sys.modules.get(plugin.module), DECLARED, ())
            for target in targets if isinstance(targets, tuple | list) else (targets,):  # one without a comma behind it
                yield plugin, str(target)


def _function(target: str) -> Callable[[Path], Any]:
    module, _, name = target.partition(":")
    function: Callable[[Path], Any] = getattr(import_module(module), name)
    return function
