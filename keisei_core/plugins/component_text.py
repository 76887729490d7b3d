"""How a component with its options is written in one text: `NAME` or `NAME:key=value,key=value`."""

import re
from typing import Any, Final

import attrs

from keisei_core.config.checks import table_keys
from keisei_core.config.document import parse_value
from keisei_core.errors import ConfigError
from keisei_core.plugins.choice import Choice
from keisei_core.plugins.components import Kind
from keisei_core.plugins.registry import Registry

PATH: Final = "path"
PATHS: Final = (PATH, "network")
"""Options whose value is a string as it stands: a file may be called 2026."""
WORD: Final = re.compile(r"[\w.-]+")
"""What may stand behind a name in the place of `key=value`."""
FORM: Final = re.compile(
    rf"(?P<name>.+?(:(?P<word>{WORD.pattern})(?=,\w+=))?)((?(word),|:)(?P<options>\w+=.*))?", re.DOTALL
)
"""A name or path, and options behind a colon; behind `NAME:WORD` and `RUN:best` they stand behind a comma."""
BETWEEN_OPTIONS: Final = re.compile(r",(?=\w+=)")


def split_text(text: str, kind: Kind) -> tuple[str, dict[str, object]]:
    """Takes the text of a component apart.

    Args:
        text: e.g. `random`, `alphabeta:depth=2,random_moves=0.2`, `keisei-plugins-starts:book:path=openings.txt`.
        kind: for the complaint.

    Returns:
        What stands before the options, and the options; values as TOML has them, bare words as strings.

    Raises:
        ConfigError: it is empty, or an option stands twice.
    """
    name, written = split_name(text, kind)
    given = [] if written is None else [option.partition("=") for option in BETWEEN_OPTIONS.split(written)]
    options = {key.strip(): _value(key.strip(), value.strip()) for key, _, value in given}
    if len(options) < len(given):
        raise twice(text, kind)
    return name, options


def renamed(text: str, kind: Kind, name: str) -> str:
    """Writes a component's text with another name, its options as they were typed."""
    written = split_name(text, kind)[1]
    return name if written is None else f"{name}:{written}"


def split_name(text: str, kind: Kind) -> tuple[str, str | None]:
    """Returns what stands before the options, and the options as they were typed; None where there are none.

    Raises:
        ConfigError: the text is empty.
    """
    match = FORM.fullmatch(text.strip())
    if match is None:
        raise ConfigError([f"expected a {kind}, got an empty text; write its name"])
    return match["name"], match["options"]


def twice(text: str, kind: Kind) -> ConfigError:
    """Makes the complaint about an option that stands twice."""
    return ConfigError([f"{kind} {text!r}: an option stands twice"])


def choice_with(text: str, kind: Kind, reference: str, options: dict[str, object], registry: Registry) -> Choice:
    """Finds a component and gives it the options that its text has.

    Args:
        text: as the user wrote it, for complaints.
        kind: where to look.
        reference: `name` or `distribution:name`.
        options: by name.
        registry: where names are looked up.

    Raises:
        ConfigError: nobody provides it, or its options are wrong; all problems at once.
        PluginError: its plugin fails.
    """
    choice = registry.resolve(kind, reference)
    if choice.component.options is None:
        if options:
            raise ConfigError([f"{kind} {text!r}: {choice.name!r} has no options, got {', '.join(options)}"])
        return choice
    read = choice.read_options(options)
    if read.problems:
        raise ConfigError([f"{kind} {text!r}: {problem}" for _, problem in read.problems])
    return attrs.evolve(choice, options=read.value)


def changed_options(choice: Choice) -> dict[str, Any]:
    """Returns the options of a choice that are not at their defaults."""
    if choice.options is None:
        return {}
    cls = type(choice.options)
    defaults = {field.name: field.default for field in attrs.fields(cls) if field.name not in table_keys(cls)}
    given = {key: getattr(choice.options, key) for key in defaults}
    return {key: value for key, value in given.items() if value != defaults[key]}


def joined(name: str, options: dict[str, Any], word: str = "") -> str:
    """Writes what `split_text` takes apart; `word` is the value of the key that may be written without its name."""
    parts = [*filter(None, [word]), *(f"{key}={_written(value)}" for key, value in options.items())]
    return ":".join(filter(None, (name, ",".join(parts))))


def _value(key: str, text: str) -> object:
    return text if key in PATHS else parse_value(text)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
