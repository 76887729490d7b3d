"""Charts as SVG, drawn from figures: lines with intervals, and dots in rows. Knows nothing of what they show.

Lengths are in pixels at the natural size. A chart stands on a ground of its own, so that it is read on dark pages too;
series differ in shape as well as in colour, and are named beside their last point.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

GROUND, INK, SOFT, RULE = "#ffffff", "#1c1917", "#57534e", "#e7e5e4"
COLOURS: Final = ("#1d4ed8", "#c2410c", "#047857")
"""Told apart by the colour-blind; each at least 4.5 to 1 against the ground."""
SHAPES: Final = ("M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z", "M-4-4h8v8h-8Z", "M0-5 5 4H-5Z")
FONTS: Final = "system-ui,'Segoe UI','Noto Sans','DejaVu Sans',Helvetica,Arial,sans-serif"
SIZE: Final = 14
"""Of the text."""
ROW: Final = 22
"""Height of a row of dots."""


@dataclass(frozen=True)
class Point:
    """A value with its interval, which is the value alone where none is known."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True)
class Series:
    """Points in the order of x, and what they are."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Axis:
    """What is laid off along one side: marks are values with what is written at them, the outer ones its ends."""

    title: str
    marks: Sequence[tuple[float, str]]
    scale: Callable[[float], float] = float
    """Lengths are in proportion to this: a logarithm, for instance."""

    def place(self, value: float) -> float:
        """Returns where a value lies, 0 at the first mark and 1 at the last."""
        first, last = self.scale(self.marks[0][0]), self.scale(self.marks[-1][0])
        return (self.scale(value) - first) / (last - first)


@dataclass(frozen=True)
class Box:
    """The rectangle that a panel is drawn into; titles and marks stand outside."""

    left: float
    top: float
    width: float
    height: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Returns the pixel of a place: 0, 0 is the lower left corner, 1, 1 the upper right."""
        return round(self.left + x * self.width, 1), round(self.top + (1 - y) * self.height, 1)


def document(width: int, height: int, title: str, told: str, parts: Sequence[str]) -> str:
    """Puts a chart together.

    Args:
        width: of the whole.
        height: of the whole.
        title: stands on top, and names the picture to who can't see it.
        told: says in a sentence what is seen.
        parts: what the other functions drew.
    """
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" font-family="{FONTS}" font-size="{SIZE}" fill="{INK}">'
    )
    names = f"<title>{escape(title)}</title><desc>{escape(told)}</desc>"
    ground = f'<rect width="{width}" height="{height}" rx="8" fill="{GROUND}"/>'
    heading = text(16, 26, title, weight="bold")
    return "\n".join([head, names, ground, heading, *parts, "</svg>\n"])


def text(x: float, y: float, words: str, *, anchor: str = "start", fill: str = INK, weight: str = "normal") -> str:
    """Writes a line of text; `y` is its base line."""
    look = "" if fill == INK else f' fill="{fill}"'
    look += "" if anchor == "start" else f' text-anchor="{anchor}"'
    look += "" if weight == "normal" else f' font-weight="{weight}"'
    return f'<text x="{x:g}" y="{y:g}"{look}>{escape(words)}</text>'


def line(x: float, y: float, to_x: float, to_y: float, colour: str = RULE, width: float = 1) -> str:
    """Draws a straight line."""
    return f'<path d="M{x:g} {y:g}L{to_x:g} {to_y:g}" stroke="{colour}" stroke-width="{width:g}"/>'


def panel(box: Box, x: Axis, y: Axis, series: Sequence[Series]) -> Iterator[str]:
    """Yields lines with their points and intervals between two axes; each name stands right of its last point."""
    yield text(box.left - 44, box.top - 12, y.title, fill=SOFT)
    for value, mark in y.marks:
        left, height = box.at(0, y.place(value))
        yield line(left, height, left + box.width, height)
        yield text(left - 8, height + 5, mark, anchor="end", fill=SOFT)
    yield from marks_below(box, x)
    for number, each in enumerate(series):
        yield from _drawn(box, x, y, each, COLOURS[number % 3], SHAPES[number % 3])
    yield from _named(box, y, series)


def marks_below(box: Box, axis: Axis) -> Iterator[str]:
    """Yields the horizontal axis: marks below the box, its title below these."""
    for value, mark in axis.marks:
        at, bottom = box.at(axis.place(value), 0)
        yield line(at, bottom, at, bottom + 5, SOFT)
        yield text(at, bottom + 21, mark, anchor="middle", fill=SOFT)
    yield text(box.left + box.width / 2, box.top + box.height + 42, axis.title, anchor="middle", fill=SOFT)


def dot(x: float, y: float, low: float, high: float, colour: str, *, is_hollow: bool = False) -> str:
    """Draws a value in a row with its interval; hollow ones are those that nothing may be read from."""
    fill = GROUND if is_hollow else colour
    circle = f'<circle cx="{x:g}" cy="{y:g}" r="4.5" fill="{fill}" stroke="{colour}" stroke-width="1.5"/>'
    return line(low, y, high, y, colour, 2) + circle


def _drawn(box: Box, x: Axis, y: Axis, series: Series, colour: str, shape: str) -> Iterator[str]:
    """Yields the line of a series, then its points with their intervals."""
    places = [box.at(x.place(point.x), y.place(point.y)) for point in series.points]
    path = "L".join(f"{left:g} {top:g}" for left, top in places)
    yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>'
    for (left, top), point in zip(places, series.points, strict=True):
        if point.low < point.high:
            ends = [box.at(0, y.place(end))[1] for end in (point.low, point.high)]
            yield line(left, ends[0], left, ends[1], colour, 1.5)
        yield f'<path d="{shape}" transform="translate({left:g} {top:g})" fill="{colour}"/>'


def _named(box: Box, y: Axis, series: Sequence[Series]) -> Iterator[str]:
    """Yields the names, from the top down, none over another."""
    lowest = -float(SIZE)
    ends = [(box.at(1, y.place(each.points[-1].y))[1], number, each.name) for number, each in enumerate(series)]
    for end, number, name in sorted(ends):
        lowest = max(end + 5, lowest + SIZE + 4)
        yield text(box.left + box.width + 12, lowest, name, fill=COLOURS[number % 3], weight="bold")
