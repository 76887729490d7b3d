"""The engine's options: what is declared to a user interface, and what it has set. Loads nothing heavy."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from keisei_plugins_usi.engine.said import EMPTY, Setting

MOST: Final = 1_000_000_000
"""The largest number that is declared; more than 2^31 is too much for some."""


@attrs.frozen(kw_only=True)
class Option:
    """One option; neither its name nor its default nor a choice has a space in it, which user interfaces cut off."""

    name: str
    kind: str
    """`check`, `spin`, `combo`, `string` or `filename`."""
    default: str
    """As `setoption` would write it; "" for an empty one."""
    low: int = 0
    high: int = MOST
    choices: tuple[str, ...] = ()
    needs_loading: bool = False
    """Whether the player is made anew where it changes."""

    def declaration(self) -> str:
        """Returns the line that declares it."""
        words = ["option name", self.name, "type", self.kind, "default", self.default or EMPTY]
        if self.kind == "spin":
            words += ["min", str(self.low), "max", str(self.high)]
        return " ".join([*words, *(f"var {choice}" for choice in self.choices)])

    def read(self, value: str) -> str:
        """Returns a value as it is kept.

        Raises:
            ValueError: it is none of this option's; says what is.
        """
        word = value.strip()
        if self.kind == "check":
            return self._one_of(word, ("true", "false"))
        if self.kind == "combo":
            return self._one_of(word, self.choices)
        if self.kind == "spin":
            return self._number(word)
        return value

    def _one_of(self, word: str, choices: tuple[str, ...]) -> str:
        for choice in choices:
            if choice.lower() == word.lower():
                return choice
        raise ValueError(f"expected {' or '.join(choices)}")

    def _number(self, word: str) -> str:
        try:
            number = int(word[:20])
        except ValueError:
            number = self.low - 1
        if not self.low <= number <= self.high:
            raise ValueError(f"expected a whole number from {self.low} to {self.high}")
        return str(number)


def check(name: str, default: bool, *, needs_loading: bool = False) -> Option:
    """Makes an option that is on or off."""
    return Option(name=name, kind="check", default=str(default).lower(), needs_loading=needs_loading)


def spin(name: str, default: int, low: int = 0, high: int = MOST, *, needs_loading: bool = False) -> Option:
    """Makes an option that is a whole number."""
    return Option(name=name, kind="spin", default=str(default), low=low, high=high, needs_loading=needs_loading)


NO_DECLARATION: Final = "NoEnteringKing"
OWN_OPTIONS: Final = (
    check("USI_Ponder", False),
    spin("USI_Hash", 32, 1, 1_048_576),
    spin("MultiPV", 1, 1, 16),
    spin("Threads", 1, 1, 1024, needs_loading=True),
    Option(name="Path", kind="filename", default="", needs_loading=True),
    spin("MaxMovesToDraw", 0, 0, 100_000),
    Option(name="EnteringKingRule", kind="combo", default="CSARule27", choices=("CSARule27", NO_DECLARATION)),
    spin("ResignValue", 99_999, 1, 99_999),
    spin("NetworkDelay", 120, 0, 10_000),
    spin("MinimumThinkingTime", 0, 0, 100_000),
    spin("NodesLimit", 0),
    spin("DepthLimit", 0, 0, 1_000),
    spin("PvInterval", 300, 100, 10_000),
    spin("Eval_Coef", 600, 1, 10_000),
    Option(name="LogFile", kind="string", default=""),
)
"""Those that every player has."""
OTHER_NAMES: Final[Mapping[str, str]] = {"usi_multipv": "multipv", "draw_ply": "maxmovestodraw"}
"""What user interfaces call an option too, and its own name, in lower case."""


class Options:
    """The options with their values."""

    def __init__(self, options: Iterable[Option] = OWN_OPTIONS) -> None:
        self._options: Final = {option.name.lower(): option for option in options}
        self._values: Final = {name: option.default for name, option in self._options.items()}

    def declarations(self) -> Iterator[str]:
        """Yields the lines that declare them."""
        for option in self._options.values():
            yield option.declaration()

    def set(self, setting: Setting) -> str:
        """Takes a value; returns what is wrong with it, "" if nothing."""
        name = setting.name.lower()
        option = self._options.get(OTHER_NAMES.get(name, name))
        if option is None:
            return f"no option {setting.name}"
        try:
            self._values[option.name.lower()] = option.read(setting.value or "")
        except ValueError as error:
            return f"option {option.name}: {error}, got {setting.value or EMPTY}"
        return ""

    def text(self, name: str) -> str:
        """Returns a value as text."""
        return self._values[name.lower()]

    def number(self, name: str) -> int:
        """Returns the value of a spin."""
        return int(self._values[name.lower()])

    def is_on(self, name: str) -> bool:
        """Returns the value of a check."""
        return self._values[name.lower()] == "true"

    def loaded_with(self) -> dict[str, str]:
        """Returns what the player is made with, by the options' names."""
        options = self._options.values()
        return {option.name: self._values[option.name.lower()] for option in options if option.needs_loading}
