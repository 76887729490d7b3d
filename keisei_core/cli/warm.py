"""`keisei warm`: compiles all kernels before anybody waits for one."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import click

from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.options import CONTEXT, debug_option
from keisei_core.errors import ConfigError, PluginError
from keisei_core.output import answer

if TYPE_CHECKING:
    from keisei_core.warm import Report

EXAMPLES: Final = (
    ("keisei warm", "compile what is not on disk"),
    ("NUMBA_CACHE_DIR=/kernels keisei warm", "into a folder of an image"),
)


@click.command(cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@debug_option
def warm(is_json: bool) -> None:
    """Compiles the kernels of Keisei and of all installed plugins that are not on disk yet.

    For Docker images, login nodes and CI: where it has run, no command waits for a kernel. Machine code is for the kind
    of CPU that it was compiled on; on another kind it is compiled anew.
    """
    from keisei_core.warm import compile_all

    report = compile_all()
    if not report.folders:
        raise ConfigError(
            [
                "compiled kernels can't be kept: neither the installation nor a home folder can be written; name a "
                "folder for them in NUMBA_CACHE_DIR"
            ]
        )
    answer(json.dumps(to_data(report), indent=2) if is_json else "\n".join(lines(report)))
    if report.problems:
        raise PluginError("; ".join(report.problems))


def to_data(report: "Report") -> dict[str, object]:
    """Returns a report as JSON-able data."""
    import attrs

    return {
        "kernels": report.num_kernels,
        "compiled": report.num_compiled,
        "seconds": report.seconds,
        "folders": list(report.folders),
        "warm_ups": [{**attrs.asdict(done), "compiled": list(done.compiled)} for done in report.done],
    }


def lines(report: "Report") -> Iterator[str]:
    """Yields a report for a person."""
    for done in report.done:
        if done.compiled:
            yield f"{done.seconds:6.1f} s  {done.target}: {', '.join(done.compiled)}"
    if report.num_compiled:
        yield f"compiled {report.num_compiled} of {report.num_kernels} kernels in {report.seconds:.1f} s"
    else:
        yield f"all {report.num_kernels} kernels are compiled already"
    yield from (f"kept in {folder}" for folder in report.folders)
