"""A command that reads a config: its flags over the file's values, and a flag for every option of every model."""

import os
import types
import typing
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from keisei_core.cli.completing import devices, features, keys, names
from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.help_page import HeadedOption
from keisei_core.cli.options import OF_CONFIG, PATH, RUN_CONFIG, config_option, overrides
from keisei_core.cli.plugin_files import look_ahead, plugin_parameter
from keisei_core.cli.plugin_warnings import tell_warnings
from keisei_core.errors import ConfigError, KeiseiError, PluginError
from keisei_core.streams import say

if TYPE_CHECKING:  # `keisei --help` needs none of them
    import attrs

    from keisei_core.plugins import Registry, Settings

DEFAULT_CONFIG: Final = Path("keisei.toml")
_REGISTRY: Final = "keisei_core.cli.registry"


class ConfigCommand(CoreCommand):
    """A command with the flags that set keys of a config, those that the models bring among them.

    Its argument is CONFIG, unless it declares one of its own.
    """

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        has_own = any(isinstance(parameter, click.Argument) for parameter in self.params)
        self.params = [*([] if has_own else [config_argument()]), *self.params, *core_options()]

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Loads the plugins, for their flags, before the arguments are taken apart."""
        with suppress(KeiseiError) if context.resilient_parsing else nullcontext():
            look_ahead(args)
            context.meta[_REGISTRY] = _selected_registry(args)
        return super().parse_args(context, args)

    def invoke(self, context: click.Context) -> Any:
        """Says first what is to be known of plugins."""
        tell_warnings(registry_of(context))
        return super().invoke(context)

    def get_params(self, context: click.Context) -> list[click.Parameter]:
        """Returns the command's own parameters and one flag for each option of the models."""
        own = super().get_params(context)
        taken = {name for parameter in own for name in parameter.opts}
        flags = (flag for flag in model_options(registry_of(context)) if flag.opts[0] not in taken)
        return [*own[:-1], *flags, own[-1]]  # click puts --help last


def registry_of(context: click.Context) -> "Registry":
    """Returns the plugins that this command line works with."""
    from keisei_core.plugins import load_registry

    if _REGISTRY not in context.meta:
        context.meta[_REGISTRY] = load_registry()
    registry: Registry = context.meta[_REGISTRY]
    return registry


def settings_of(context: click.Context, config: Path | None) -> "Settings":
    """Reads the config with the flags over it; tells on stderr what is no error but should be known.

    Raises:
        ConfigError: everything that is wrong with it.
        PluginError: a plugin it uses fails.
    """
    from keisei_core.config.document import Override
    from keisei_core.config.tables import SelfPlayTable
    from keisei_core.plugins import read_settings
    from keisei_core.plugins.selection import keep_to

    if config is None and not DEFAULT_CONFIG.exists():
        command = context.command_path
        told = f"name a config: {command} CONFIG, or write one: keisei init"
        raise ConfigError([f"{DEFAULT_CONFIG}: no such file in this folder; {told}"])
    registry = registry_of(context)
    settings = read_settings(config or DEFAULT_CONFIG, [Override(*given) for given in overrides(context)], registry)
    keep_to(settings.plugins.disable, settings.plugins.only)
    if settings.selfplay.starts != SelfPlayTable().starts:
        from keisei_core.shogi import configured_starts  # needs numba, but not yet torch

        configured_starts(settings.starts, settings.selfplay)
    for note in (*settings.notes, *_hidden_options(context, settings)):
        say(f"keisei: note: {note}")
    for plugin in registry.without(settings.plugins.disable, settings.plugins.only).failed:
        text = f"plugin {plugin.owner} is {plugin.status} and takes no part: {plugin.cause}"
        say(f"keisei: warning: {text}; see: keisei plugins list --verbose")
    return settings


def _hidden_options(context: click.Context, settings: "Settings") -> Iterator[str]:
    """Tells of options of the model whose flags are the command's own."""
    from keisei_core.plugins.reading import option_names

    own = {flag for parameter in context.command.params for flag in parameter.opts}
    for name in sorted(option_names(settings.model)):
        flag = f"--{name.replace('_', '-')}"
        if flag in own:
            model = f"model {settings.model.name!r} of {settings.model.owner}"
            yield f"{flag} is not the option {name!r} of {model}, which is set by --set model.{name}=VALUE"


def config_argument() -> click.Argument:
    """Makes the argument CONFIG."""
    return click.Argument(["config"], required=False, metavar="[CONFIG]", type=PATH)


def core_options() -> list[click.Option]:
    """Makes the flags for keys of the core's tables, and `--set` for any key at all."""
    return [
        config_option(
            "--input-features",
            "input.features",
            metavar="NAMES",
            shell_complete=features,
            help="Feature planes joined by +.",
        ),
        config_option("--model", "model.name", metavar="NAME", shell_complete=names("model"), help="The network."),
        config_option(
            "--mixed-precision",
            "precision.name",
            lambda _: "mixed",
            is_flag=True,
            help="Short for --set precision.name=mixed.",
        ),
        config_option(
            "--ddp", "distribution.name", lambda _: "ddp", is_flag=True, help="Short for --set distribution.name=ddp."
        ),
        config_option("--device", "run.device", metavar="NAME", shell_complete=devices, help="auto, cpu or cuda."),
        config_option("--seed", "run.seed", _toml, metavar="INTEGER", help="Seed of every random stream."),
        HeadedOption(
            ["--set"],
            heading=OF_CONFIG,
            multiple=True,
            callback=_remember_assignments,
            expose_value=False,
            metavar="TABLE.KEY=VALUE",
            shell_complete=keys,
            help="Sets any key of the config to a TOML value; may stand several times.",
        ),
        plugin_parameter(),
    ]


def model_options(registry: "Registry") -> Iterator[click.Option]:
    """Makes a flag for every option of every model that loads; models with an equal option share its flag."""
    import attrs

    from keisei_core.plugins import Kind

    offers: dict[str, list[tuple[str, attrs.Attribute[Any]]]] = {}
    for choice in registry.choices(Kind.MODEL):
        # A model whose options don't load is told of when it is chosen.
        with suppress(PluginError, TypeError, NameError):
            cls = choice.load_options_class()
            if cls is not None:
                for field in attrs.fields(attrs.resolve_types(cls)):
                    offers.setdefault(field.name, []).append((choice.name, field))
    for name, offered in sorted(offers.items()):
        yield _model_option(name, [model for model, _ in offered], [field for _, field in offered])


def _model_option(name: str, models: list[str], fields: "list[attrs.Attribute[Any]]") -> click.Option:
    """Makes one flag; a switch with its opposite where the option is a bool in every model."""
    flag, key = f"--{name.replace('_', '-')}", f"model.{name}"
    text = fields[0].metadata.get("help", name.replace("_", " "))
    heading = f"Options of the model{'s' * (len(models) > 1)} {', '.join(models)}"
    if all(field.type is bool for field in fields):
        return config_option(f"{flag}/--no-{flag[2:]}", key, bool, heading=heading, help=text)
    return config_option(flag, key, _toml, heading=heading, metavar=_metavar(fields[0].type), help=text)


def _metavar(kind: Any) -> str:
    """Returns the word that stands for an option's value in the help."""
    parts = typing.get_args(kind) if typing.get_origin(kind) in (typing.Union, types.UnionType) else (kind,)
    words = {int: "INTEGER", float: "NUMBER", str: "TEXT"}
    return "|".join(words[part] for part in parts if part in words) or "VALUE"


def _toml(text: str) -> object:
    from keisei_core.config.document import parse_value

    return parse_value(text)


def _remember_assignments(context: click.Context, _: click.Parameter, given: tuple[str, ...]) -> None:
    from keisei_core.config.document import parse_assignment

    for text in given:
        assignment = parse_assignment(text)
        overrides(context).append((assignment.key, assignment.value, assignment.source))


def _selected_registry(args: list[str]) -> "Registry":
    """Looks ahead into the config for `[plugins]`, since flags need the plugins before the config is read.

    Whatever is missed here, in flags say, takes no part later all the same.
    """
    from keisei_core.config.document import read_toml
    from keisei_core.plugins import load_registry
    from keisei_core.plugins.selection import keep_to

    of_runs = (Path(argument, RUN_CONFIG) for argument in args if not argument.startswith("-"))
    named = [Path(argument) for argument in args if argument.endswith(".toml")]
    named += [*(path for path in of_runs if os.path.isfile(path)), DEFAULT_CONFIG]
    try:
        table = read_toml(named[0])["plugins"]
    except (ConfigError, KeyError):
        table = {}
    keep_to(_names(table, "disable"), _names(table, "only"))
    return load_registry()


def _names(table: object, key: str) -> list[str]:
    names = table.get(key) if isinstance(table, dict) else None
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
