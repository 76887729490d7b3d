"""`keisei completion SHELL`: what a shell reads to complete the command line."""

from typing import Final

import click

from keisei_core.cli.completing.shells import SHELLS, completer
from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.options import CONTEXT, debug_option
from keisei_core.output import answer

EXAMPLES: Final = (
    ("source <(keisei completion bash)", "in ~/.bashrc; zsh in ~/.zshrc, below compinit"),
    ("keisei completion fish | source", "in ~/.config/fish/config.fish"),
)


@click.command(cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT)
@click.argument("shell", type=click.Choice(list(SHELLS)))
@debug_option
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Prints what SHELL reads to complete `keisei`: commands, options, components, players, keys of --set, runs.

    What is offered is looked up as it is asked for, so plugins and runs that come later are known.
    """
    answer(completer(shell, context.find_root().command).source().rstrip("\n"))
