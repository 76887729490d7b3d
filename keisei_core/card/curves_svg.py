"""The curves of a card as one SVG, panels side by side. Lengths are in pixels at the natural size."""

from collections.abc import Iterator, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN = 280, 190, 12
LEFT, TOP, BOTTOM = 46, 34, 30
"""Room of a panel for numbers, for its title, and for the numbers below."""
PAPER, INK, FAINT, LINE, BAND = "#fdfaf3", "#1c1917", "#8a8178", "#1d4ed8", "#1d4ed8"
FONTS: Final = "system-ui,sans-serif"
TITLES: Final = {
    "score": "score in matches, 95 % interval",
    "explained_variance": "explained variance of the value",
    "entropy": "entropy of the policy (nats)",
}


def curves_svg(curves: Sequence[Any]) -> str:
    """Draws curves as `curves_of` gives them, at least one; returns an SVG document."""
    width = MARGIN + len(curves) * (WIDTH + MARGIN)
    told = "; ".join(f"{_title(curve)}: {curve['values'][0]:g} to {curve['values'][-1]:g}" for curve in curves)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}"'
        f' role="img" font-family="{FONTS}" font-size="11" fill="{INK}">',
        f"<title>Learning curves over plies. {escape(told)}</title>",
        f'<rect width="{width}" height="{HEIGHT}" rx="8" fill="{PAPER}"/>',
    ]
    for place, curve in enumerate(curves):
        parts += [f'<g transform="translate({MARGIN + place * (WIDTH + MARGIN)} 0)">', *_panel(curve), "</g>"]
    return "\n".join([*parts, "</svg>\n"])


def _title(curve: Any) -> str:
    figure: str = curve["figure"]
    return TITLES.get(figure, figure)


def _panel(curve: Any) -> Iterator[str]:
    """Yields a panel around its own origin: frame, numbers, band and line."""
    everything = [value for name in ("values", "low", "high") for value in curve.get(name, ())]
    low, high = (0.0, 1.0) if curve["figure"] == "score" else (min(everything), max(everything))
    span, last = high - low or 1.0, curve["plies"][-1] or 1
    right, floor = WIDTH - LEFT, HEIGHT - TOP - BOTTOM

    def points(name: str) -> list[str]:
        pairs = zip(curve["plies"], curve[name], strict=True)
        return [f"{LEFT + right * x / last:.1f} {TOP + floor * (high - y) / span:.1f}" for x, y in pairs]

    yield f'<text x="{LEFT}" y="20" font-size="12" font-weight="600">{escape(_title(curve))}</text>'
    yield f'<path d="M{LEFT} {TOP}v{floor}h{right}" fill="none" stroke="{FAINT}"/>'
    for y, value in ((TOP + 9, high), (TOP + floor, low)):
        yield f'<text x="{LEFT - 6}" y="{y}" text-anchor="end">{value:.3g}</text>'
    yield f'<text x="{LEFT}" y="{HEIGHT - 12}">0</text>'
    yield f'<text x="{WIDTH}" y="{HEIGHT - 12}" text-anchor="end">{last:,} plies</text>'
    if "low" in curve:
        around = "L".join([*points("high"), *reversed(points("low"))])
        yield f'<path d="M{around}Z" fill="{BAND}" opacity="0.18"/>'
    yield f'<path d="M{"L".join(points("values"))}" fill="none" stroke="{LINE}" stroke-width="2"/>'
