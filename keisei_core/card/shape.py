"""Whether data has the shape of what is known of a network: network.json of another may hold anything in its place."""

from collections.abc import Mapping
from typing import Any

from keisei_core.errors import KeiseiError
from keisei_core.picture import Picture

Shape = Any
"""A type or a union of types; `[shape]` for a list of any length, `{str: shape}` for a table of any keys, and a table
of names for one of these keys, no other."""
NUMBER = int | float
TABLE = {str: str}
MATCH = {"opponent": str, "score": NUMBER, "low": NUMBER, "high": NUMBER}
COUNTS = dict.fromkeys(("games", "wins", "draws", "losses", "truncated"), int)
CURVE = {"figure": str, "plies": [NUMBER], "values": [NUMBER]}
SHAPE = {
    "schema": int,
    "counters": {str: NUMBER},
    "is_begun_anew": bool,
    "parts": TABLE,
    "features": str,
    "teachers": str,
    "machine": {str: str | int | None},
    "commit": str | None,
    "versions": {str: str | int},
    "plugins": [str],
    "matches": [{**MATCH, **COUNTS}],
    "board": {"sfen": str, "last_move": str, "caption": str},
    "licence": str,
}
"""Of `about`, without what may have several shapes: settings, the match in training and curves."""


def is_about(found: Any) -> bool:
    """Tells whether a card can be made of this: its keys and types are those of `about`, its board can be drawn."""
    if not isinstance(found, Mapping) or {*SHAPE, "settings", "match_in_training", "curves"} != {*found}:
        return False
    match, settings, curves = found["match_in_training"], found["settings"], found["curves"]
    return (
        has_shape({key: found[key] for key in SHAPE}, SHAPE)
        and (match is None or has_shape(match, MATCH))
        and (settings is None or (has_shape(settings, [[str]]) and all(len(pair) == 2 for pair in settings)))
        and isinstance(curves, list)
        and all(map(_is_curve, curves))
        and _is_drawn(found["board"])
    )


def has_shape(value: Any, shape: Shape) -> bool:
    """Tells whether a value has a shape; a bool is no number."""
    if isinstance(shape, list):
        return isinstance(value, list) and all(has_shape(one, shape[0]) for one in value)
    if not isinstance(shape, dict):
        return isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
    if not isinstance(value, Mapping):
        return False
    if str in shape:
        return all(isinstance(key, str) and has_shape(one, shape[str]) for key, one in value.items())
    return {*value} == {*shape} and all(has_shape(value[key], shape[key]) for key in shape)


def _is_curve(curve: Any) -> bool:
    """Tells whether each column of a curve is as long as the others, and long enough for a line."""
    band = {"low": [NUMBER], "high": [NUMBER]}
    if not has_shape(curve, CURVE) and not has_shape(curve, CURVE | band):
        return False
    lengths = {len(column) for name, column in curve.items() if name != "figure"}
    return len(lengths) == 1 and min(lengths) > 1


def _is_drawn(board: Mapping[str, str]) -> bool:
    try:
        Picture(board["sfen"], board["last_move"]).svg()
    except KeiseiError:
        return False
    return True
