"""The colours of the page: contrast of text and lines, and series that the colour-blind tell apart."""

import re

import pytest

from keisei_plugins_report.page.page import ASSETS

TEXT_CONTRAST = 4.5
LINE_CONTRAST = 3.0
"""WCAG 2.2, 1.4.3 and 1.4.11."""


def colours():
    css = (ASSETS / "page.css").read_text(encoding="utf-8")
    found = {}
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css):
        found[name] = (light, dark)
    found |= {name: (one, one) for name, one in re.findall(r"--([\w-]+): (#\w{6});", css)}
    return found


def linear(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]


def contrast(one, other):
    bright, dull = sorted(
        (sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(x), strict=True)) for x in (one, other)),
        reverse=True,
    )
    return (bright + 0.05) / (dull + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [(text, ground) for text in ("text", "quiet", "alarm") for ground in ("card", "ground")]
    + [("on-accent", "accent"), ("ink", "piece"), ("promoted", "piece")],
)
def test_text_can_be_read(text, ground, theme):
    assert contrast(colours()[text][theme], colours()[ground][theme]) >= TEXT_CONTRAST


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("line", [*(f"series-{number}" for number in range(1, 7)), "accent"])
def test_lines_and_focus_can_be_seen(line, theme):
    assert contrast(colours()[line][theme], colours()["card"][theme]) >= LINE_CONTRAST


CONFUSIONS = {
    "all cones": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""What eyes without one kind of cones make of linear RGB: Machado, Oliveira and Fernandes 2009, severity 1. Colours
2.3 apart in CIELAB are just told from each other."""


def seen(colour, matrix):
    """CIELAB of a colour as such eyes see it."""
    rgb = [min(max(sum(m * c for m, c in zip(row, linear(colour), strict=True)), 0), 1) for row in matrix]
    xyz_rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = [
        sum(m * c for m, c in zip(row, rgb, strict=True)) / white
        for row, white in zip(xyz_rows, (0.9505, 1, 1.089), strict=True)
    ]
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("eyes", CONFUSIONS)
def test_all_series_are_told_apart_by_all_eyes(eyes, theme):
    looks = [seen(colours()[f"series-{number}"][theme], CONFUSIONS[eyes]) for number in range(1, 7)]
    pairs = [(one, other) for at, one in enumerate(looks) for other in looks[:at]]

    assert min(sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5 for pair in pairs) > 20
