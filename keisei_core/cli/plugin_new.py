"""`keisei plugins new NAME --kind KIND`: writes a whole distribution, from the templates in `keisei_core/templates`.

A template is a plugin that works as it stands, called `myname`; a new one is a copy with its own name in that place.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import click

import keisei_core
from keisei_core.cli.completing import kinds
from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.options import CONTEXT, PATH, debug_option
from keisei_core.errors import ConfigError
from keisei_core.output import answer
from keisei_core.shown import command_line
from keisei_core.streams import say

TEMPLATES: Final = Path(keisei_core.__file__).with_name("templates")
COMMON: Final = "common"
"""The files of every kind; those of a kind come beside them."""
PREFIX: Final = "keisei-plugins-"
LONGEST: Final = 100
"""Letters of a name, which stands in the names of folders and files, a wheel's as well; systems take 255 for those."""


class Names(NamedTuple):
    """What a new plugin is called, in each place that names it."""

    name: str
    """In a config, and as entry point."""

    @property
    def distribution(self) -> str:
        """For pip; the folder too."""
        return f"{PREFIX}{self.name}".replace("_", "-")

    @property
    def package(self) -> str:
        """For import."""
        return self.distribution.replace("-", "_")

    @property
    def classes(self) -> str:
        """What the names of its classes begin with."""
        return "".join(part.capitalize() for part in re.split("[-_]", self.name))

    def fill(self, text: str) -> str:
        """Puts the names in the place of the template's."""
        text = text.replace("keisei_plugins_myname", self.package).replace("keisei-plugins-myname", self.distribution)
        identifier = self.name.replace("-", "_")
        text = text.replace("test_myname", f"test_{identifier}").replace("myname_", f"{identifier}_")
        return text.replace("Myname", self.classes).replace("myname", self.name)


def _name(_: click.Context, __: click.Parameter, given: str) -> str:
    """Takes `foo`, and `keisei-plugins-foo` as foo."""
    name = given.removeprefix(PREFIX)
    if not re.fullmatch(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*", name):
        raise click.BadParameter(f"expected lower case letters, digits, - and _, a letter first, got {given!r}")
    if len(name) > LONGEST:
        raise click.BadParameter(f"expected at most {LONGEST} letters, got {len(name)}")
    return name


def _kind(_: click.Context, __: click.Parameter, given: str) -> str:
    """Refuses a kind that there is not."""
    from keisei_core.plugins import Kind

    if given not in list(Kind):
        raise click.BadParameter(f"{given!r} is not one of {', '.join(Kind)}")
    return given


EXAMPLES: Final = (
    ("keisei plugins new foo --kind model", "into keisei-plugins-foo, here"),
    ("keisei plugins new foo --kind player --into plugins", "into plugins/keisei-plugins-foo"),
)


@click.command("new", cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT)
@click.argument("name", callback=_name)
@click.option(
    "--kind", required=True, callback=_kind, shell_complete=kinds, help="features, model, precision, distribution, ..."
)
@click.option("--into", type=PATH, default=Path(), help="The folder to write it in; here.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON: the folder, its files, what to type next.")
@debug_option
def new_plugin(name: str, kind: str, into: Path, is_json: bool) -> None:
    """Writes a plugin that works: the distribution keisei-plugins-NAME, in a folder called so.

    It has an entry point, options, an implementation, a README and tests that use the public test kit.
    """
    from keisei_core.plugins.installed import is_installed

    names = Names(name)
    folder = into / names.distribution
    if folder.exists():
        raise ConfigError([f"{folder}: exists already; choose another name, or another folder by --into"])
    if is_installed(names.distribution):  # pip would take it for a newer one of that
        raise ConfigError([f"{names.distribution} is installed already and would be replaced; choose another name"])
    refuse_taken_name(name, kind)
    files = dict(rendered(names, kind))
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    words = ("pip", "install", "-e", folder), ("keisei", "plugins", "check", names.distribution), ("pytest", folder)
    written, steps = [str(folder / path) for path in files], [command_line(*step) for step in words]
    if is_json:
        told = {"distribution": names.distribution, "package": names.package, "folder": str(folder)}
        answer(json.dumps({"schema": 1, **told, "files": written, "next": steps}, indent=2))
    else:
        answer("\n".join(written))
        say(f"next: {'; '.join(steps)}")


def refuse_taken_name(name: str, kind: str) -> None:
    """Raises a ConfigError if something of this kind has the name already: in a config it could not mean both."""
    from keisei_core.plugins import Kind, load_registry
    from keisei_core.plugins.core_commands import CORE_COMMANDS

    owners = list(load_registry().owners(Kind(kind), name))
    if kind == Kind.COMMAND and name in CORE_COMMANDS:
        owners.append("keisei")
    if owners:
        raise ConfigError([f"{kind} {name!r} comes with {' and '.join(owners)} already; choose another name"])


def rendered(names: Names, kind: str) -> Iterator[tuple[Path, str]]:
    """Yields every file of a new plugin: its path in the plugin's folder, and its text."""
    for root in (TEMPLATES / COMMON, TEMPLATES / kind):
        for path in sorted(root.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                place = names.fill(path.relative_to(root).as_posix())
                yield Path(place), names.fill(path.read_text(encoding="utf-8"))
