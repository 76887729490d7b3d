"""The sub-commands of `keisei`, each imported when it is called: the core's own, and those of plugins."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import click
from click.shell_completion import CompletionItem

from keisei_core.cli.help_page import HelpGroup
from keisei_core.errors import PluginError
from keisei_core.output import share_stdout
from keisei_core.plugins.core_commands import CORE_COMMANDS

if TYPE_CHECKING:  # no command of the core needs them to be found
    from keisei_core.plugins import Registry

ALSO_CALLED: Final = {
    "train": "run",
    "continue": "resume",
    "validate": "check",
    "evaluate": "match",
    "play": "match",
    "rate": "ladder",
    "elo": "ladder",
    "measure": "benchmark",
    "convert": "migrate",
    "save": "export",
    "compile": "warm",
    "create": "init",
    "new": "init",
    "list": "plugins",
}
"""What a command of the core may be looked for as, by other programs' words for it."""


class SubCommands(HelpGroup):
    """Finds a command by name. One of the core always wins; plugins are loaded for help and for other names only."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Returns the names of the core's commands."""
        return list(CORE_COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Imports a command, None where there is none of this name.

        Raises:
            PluginError: two plugins have it, or the one that has it can't be used.
        """
        if name in CORE_COMMANDS:
            module, _, attribute = CORE_COMMANDS[name].target.partition(":")
            command: click.Command = getattr(import_module(module), attribute)
            return command
        return _plugin_command(name)

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command that is called; says which was probably meant where there is none."""
        typed = args[0]
        for name in (typed, typed.replace("_", "-")):
            command = self.get_command(context, name)
            if command is not None:
                return name, command, args[1:]
        if typed.startswith("-"):  # an option of the program, which click complains of
            return super().resolve_command(context, args)
        raise _unknown(typed, context)

    def invoke(self, context: click.Context) -> Any:
        """Calls the command.

        Raises:
            PluginError: a plugin raised what would end the command without a word, EOFError too, which click takes for
                Ctrl-D wherever it comes from; or, in one of the core's commands, what click takes for an orderly end.
        """
        from keisei_core.plugins.blame import no_silent_end, silent_end, whose

        try:
            with no_silent_end():
                return super().invoke(context)
        except (EOFError, click.exceptions.Exit, click.Abort) as error:
            is_orderly = context.invoked_subcommand not in CORE_COMMANDS and not isinstance(error, EOFError)
            note = None if is_orderly else whose(error)
            if note is None:
                raise
            raise silent_end(error, note) from error

    def shell_complete(self, context: click.Context, incomplete: str) -> list[CompletionItem]:
        """Completes commands, told by what they declare, and the program's own options."""
        told = {name: command.summary for name, command in CORE_COMMANDS.items()} | _brought()
        found = [CompletionItem(name, help=summary) for name, summary in told.items() if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, context, incomplete)]

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes both lists; a plugin's command is told by what it declares, without importing it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.summary) for name, command in CORE_COMMANDS.items()])
        brought = _brought()
        if brought:
            with formatter.section("Plugins' commands"):
                formatter.write_dl(list(brought.items()))


def plugin_commands(registry: "Registry") -> dict[str, str]:
    """Returns the lines of help of plugins' commands by what is typed, with the distribution where names are shared."""
    from keisei_core.plugins import Kind

    typed = (
        (registry.reference(kind, component.name, plugin), component.summary)
        for plugin in registry.plugins
        for kind, component in plugin.components
        if kind is Kind.COMMAND and component.name not in CORE_COMMANDS
    )
    return dict(sorted(typed))


def _brought() -> dict[str, str]:
    """Loads the plugins that bring commands, and no others, for their lines of help."""
    from keisei_core.plugins.entries import entries_naming

    entries = entries_naming("keisei_commands")
    if not entries:
        return {}
    from keisei_core.plugins import load_registry

    return plugin_commands(load_registry(entries=entries))


def _plugin_command(name: str) -> click.Command | None:
    """Finds a plugin's command and imports it."""
    from keisei_core.plugins import Kind, load_registry

    registry = load_registry()
    if name.rpartition(":")[2] in CORE_COMMANDS or not registry.owners(Kind.COMMAND, name.rpartition(":")[2]):
        return None
    choice = registry.resolve(Kind.COMMAND, name)
    command: Any = choice.load()
    share_stdout()
    if not isinstance(command, click.Command):
        text = f"{choice.component.target} must be a click.Command, got {command!r}"
        raise PluginError(f"command {choice.name!r} of {choice.owner} can't be used: {text}")
    return command


def _unknown(name: str, context: click.Context) -> click.UsageError | PluginError:
    """Makes the error for a name that nobody has; a plugin that did not load may be the one meant."""
    from keisei_core.config.wording import nearest
    from keisei_core.plugins import load_registry

    registry = load_registry()
    found = nearest(name, [*CORE_COMMANDS, *plugin_commands(registry), *ALSO_CALLED])
    meant = f"; did you mean {ALSO_CALLED.get(found, found)!r}?" if found is not None else ""
    text = f"No such command {name!r}{meant}"
    if meant or not registry.failed:
        return click.UsageError(text, context)
    return PluginError("\n".join([text, *(f"  not loaded: {plugin.story()}" for plugin in registry.failed)]))
