"""A line of info, read strictly."""

import re
from typing import Final, Self

import attrs

NUMBERS: Final = (
    "depth",
    "seldepth",
    "time",
    "nodes",
    "nps",
    "hashfull",
    "multipv",
    "currmovenumber",
    "cpuload",
    "tbhits",
)
BOUNDS: Final = ("lowerbound", "upperbound")
_WHOLE: Final = re.compile(r"-?\d+")
_MATE: Final = re.compile(r"[+-]|[+-]?\d+")


@attrs.frozen
class Info:
    """What a line says, and what is wrong with it."""

    text: str
    rank: str
    """Behind `multipv`; empty where there is none."""
    pv: tuple[str, ...]
    problem: str
    """The first thing that a client can't read; empty where there is none."""

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Reads a line; None where it is no info, or a string."""
        words = text.split()
        if words[:1] != ["info"] or words[1:2] == ["string"]:
            return None
        head, pv = (words[: words.index("pv")], words[words.index("pv") + 1 :]) if "pv" in words else (words, [])
        rank = head[head.index("multipv") + 1] if "multipv" in head[:-1] else ""
        return cls(text, rank, tuple(pv), _problem(head[1:]))


def _problem(words: list[str]) -> str:
    """Returns what is wrong with the words between `info` and `pv`."""
    while words:
        key, *words = words
        if key == "string":
            return ""
        if key == "score":
            key, *words = [*words, ""]
            if (
                not words[:1]
                or not (_MATE if key == "mate" else _WHOLE).fullmatch(words[0])
                or key not in ("cp", "mate")
            ):
                return f"score {key} {' '.join(words[:1])}".strip()
            words = [word for word in words[1:] if word]
            words = words[1:] if words[:1] and words[0] in BOUNDS else words
        elif key in NUMBERS:
            if not words or not _WHOLE.fullmatch(words[0]):
                return f"{key} {' '.join(words[:1])}".strip()
            words = words[1:]
        elif key == "currmove":
            words = words[1:]
        else:
            return f"unknown word {key}"
    return ""
