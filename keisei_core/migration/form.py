"""What a network's weights depend on, so that two checkpoints can be told apart without looking at a tensor."""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from keisei_core.shown import shown


def hashable(value: Any) -> Any:
    """Turns lists of a TOML value into tuples and tables into sorted pairs."""
    if isinstance(value, Mapping):
        return tuple(sorted((key, hashable(inner)) for key, inner in value.items()))
    return tuple(map(hashable, value)) if isinstance(value, list | tuple) else value


@attrs.frozen(kw_only=True)
class Form:
    """Format, network and input: checkpoints of equal forms fit the same network."""

    format: int
    """Version of the files' format."""
    model: str
    """`distribution:name` of the network."""
    options: tuple[tuple[str, Any], ...] = attrs.field(converter=hashable)
    """The network's options, each as a pair of key and value, sorted; made from any mapping."""
    channels: tuple[str, ...] | None
    """Names of the input's channels in their order; None where the checkpoint does not tell."""

    @property
    def model_name(self) -> str:
        """The network's name without its distribution."""
        return self.model.rpartition(":")[2]

    def option(self, key: str) -> Any:
        """Returns an option's value, None where there is none."""
        return dict(self.options).get(key)

    def with_option(self, key: str, value: Any) -> "Form":
        """Returns this form with one option changed."""
        return attrs.evolve(self, options={**dict(self.options), key: value})

    def differences(self, goal: "Form") -> Iterator[str]:
        """Yields what would have to change to get from here to `goal`, a line each, whatever names a stranger has."""
        yield from map(shown, self._differences(goal))

    def _differences(self, goal: "Form") -> Iterator[str]:
        if self.format != goal.format:
            yield f"format {self.format} -> {goal.format}"
        if self.model != goal.model:
            same = self.model_name == goal.model_name
            yield f"model {self.model if same else self.model_name} -> {goal.model if same else goal.model_name}"
        else:
            for key in sorted({key for key, _ in (*self.options, *goal.options)}):
                if self.option(key) != goal.option(key):
                    yield f"model.{key} {_shown(self.option(key))} -> {_shown(goal.option(key))}"
        if self.channels != goal.channels:
            yield f"planes {_planes(self.channels, goal.channels)}"


def _shown(value: Any) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)


def _planes(old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> str:
    """Says what becomes of the channels."""
    if old is None or new is None:
        return f"{'without names' if old is None else len(old)} -> {'without names' if new is None else len(new)}"
    added, dropped = [name for name in new if name not in old], [name for name in old if name not in new]
    parts = [f"{word} {', '.join(names)}" for word, names in (("add", added), ("drop", dropped)) if names]
    return f"{len(old)} -> {len(new)}: {'; '.join(parts) or 'another order'}"
