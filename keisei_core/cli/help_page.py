"""Help pages of the core's commands: options under headings, examples, exit codes."""

from collections.abc import Sequence
from typing import Any, Final

import click

EXIT_CODES: Final = (
    "0 done, 1 unexpected, 2 config or command line, 3 plugin, 4 checkpoint, 5 diverged, 6 another process, "
    "7 run folder, 75 stopped after saving, 130 second Ctrl-C (143 second SIGTERM)"
)
"""Of the command itself."""
Example = tuple[str, str]
"""What is typed, and what it is for."""


class HelpPage(click.Command):
    """A command whose help ends with examples and exit codes."""

    def __init__(self, *arguments: Any, examples: Sequence[Example] = (), **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.examples = tuple(examples)

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes what stands at the end."""
        super().format_epilog(context, formatter)
        if self.examples:
            with formatter.section("Examples"):
                formatter.write_dl(self.examples, col_max=formatter.width // 2)
        with formatter.section("Exit codes"):
            formatter.write_text(EXIT_CODES)


class HeadedOption(click.Option):
    """An option that stands under a heading of its own in the help."""

    def __init__(self, *arguments: Any, heading: str, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.heading = heading


def write_options(command: click.Command, context: click.Context, formatter: click.HelpFormatter) -> None:
    """Writes the options of a command, those without a heading of their own first."""
    sections: dict[str, list[tuple[str, str]]] = {"Options": []}
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
        if record is not None:
            sections.setdefault(getattr(parameter, "heading", "Options"), []).append(record)
    for heading, records in sections.items():
        with formatter.section(heading):
            formatter.write_dl(records)


class HelpGroup(HelpPage, click.Group):
    """A group of commands whose help ends likewise."""
