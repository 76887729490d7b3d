"""A player's own options as the engine's: `mates_in_one` is `MatesInOne`, `temperature` is `Temperature_Percent`."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from keisei_core.config.checks import bounds_of, network_keys
from keisei_core.plugins import Choice
from keisei_plugins_usi.engine.options import OWN_OPTIONS, Option, check, spin

PERCENT: Final = 100
"""Numbers with a point are told in hundredths: user interfaces know whole numbers only."""


@attrs.frozen
class PlayerOption:
    """An option of the player that the engine offers."""

    option: Option
    key: str
    scale: int = 1
    """What the engine's number is divided by to have the player's."""

    def read(self, value: str) -> object:
        """Returns a value of the engine's option as the player takes it."""
        if self.option.kind == "check":
            return value == "true"
        if self.option.kind == "spin":
            return int(value) / self.scale if self.scale > 1 else int(value)
        return value


def offered(choice: Choice) -> tuple[PlayerOption, ...]:
    """Returns the options of a player that whole numbers, words and switches can say, at the values that it has."""
    options = options_of(choice)
    if options is None:
        return ()
    own = {option.name.lower() for option in OWN_OPTIONS}
    return tuple(found for found in _found(options) if found.option.name.lower() not in own)


def options_of(choice: Choice) -> Any:
    """Returns a player's options, those of a choice that nobody gave any at their defaults; None where it has none."""
    cls = choice.load_options_class() if choice.options is None else None
    return choice.options if cls is None else cls()


def with_values(choice: Choice, values: Mapping[str, str]) -> Choice:
    """Returns a player with what a user interface has set.

    Args:
        choice: the player.
        values: by the engine's names, all that `offered` has among them.
    """
    changes = {found.key: found.read(values[found.option.name]) for found in offered(choice)}
    return attrs.evolve(choice, options=attrs.evolve(options_of(choice), **changes)) if changes else choice


def _found(options: Any) -> Iterator[PlayerOption]:
    networks = network_keys(type(options))
    for field in attrs.fields(type(options)):
        value, bounds = getattr(options, field.name), bounds_of(field)
        name = "".join(word.title() for word in field.name.split("_"))
        low, high = bounds.low, bounds.high
        if field.name in networks:
            continue
        if isinstance(value, bool):
            yield PlayerOption(check(name, value, needs_loading=True), field.name)
        elif bounds.choices and not any(" " in word or not word for word in bounds.choices):
            option = Option(name=name, kind="combo", default=value, choices=bounds.choices, needs_loading=True)
            yield PlayerOption(option, field.name)
        elif low is None or high is None:
            continue
        elif isinstance(value, int):
            yield PlayerOption(spin(name, value, int(low), int(high), needs_loading=True), field.name)
        elif isinstance(value, float) and math.isclose(PERCENT * value, round(PERCENT * value)):
            percents = (round(PERCENT * number) for number in (value, low, high))
            yield PlayerOption(spin(f"{name}_Percent", *percents, needs_loading=True), field.name, PERCENT)
