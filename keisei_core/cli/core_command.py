"""A command of the core: stdout has its answers and nothing else, whatever plugins print meanwhile."""

from typing import Any

import click

from keisei_core.cli.help_page import HelpPage, write_options
from keisei_core.first_compile import before_compiling
from keisei_core.output import only_answers
from keisei_core.plugins.installed import hide_damaged


class CoreCommand(HelpPage):
    """A command that writes its result by `keisei_core.output.answer`."""

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the options under their headings."""
        write_options(self, context, formatter)

    def invoke(self, context: click.Context) -> Any:
        """Runs the command; what is printed by anybody goes to stderr."""
        before_compiling(compile_missing)
        try:
            with only_answers():
                hide_damaged()
                return super().invoke(context)
        finally:
            before_compiling(None)


def compile_missing() -> None:
    """Compiles all kernels that are not on disk once one of them is needed."""
    from keisei_core.warm import compile_missing as compile_in_processes

    compile_in_processes()
