"""A command of the core: stdout has its answers and nothing else, whatever plugins print meanwhile."""

from typing import Any

import click

from keisei_core.output import only_answers
from keisei_core.plugins.installed import hide_damaged


class CoreCommand(click.Command):
    """A command that writes its result by `keisei_core.output.answer`."""

    def invoke(self, context: click.Context) -> Any:
        """Runs the command; what is printed by anybody goes to stderr."""
        with only_answers():
            hide_damaged()
            return super().invoke(context)
