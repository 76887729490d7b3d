"""The keys that `[model] name = "resnet"` understands; imports no torch."""

from typing import Any

import attrs

from keisei_core.config import at_least, at_most, setting


def _parts_of_the_width(options: "ResNetOptions", _: "attrs.Attribute[Any]", widths: tuple[int, ...]) -> None:
    """Checks that the widths, if there are any, are those of all channels."""
    if widths and (min(widths) < 1 or sum(widths) != options.tower_width):
        wanted = f"widths of at least 1 that add up to tower_width ({options.tower_width})"
        raise ValueError(f"must be empty or {wanted}, got {list(widths)}")


def _is_within_the_tower(options: "ResNetOptions", _: "attrs.Attribute[Any]", every: int) -> None:
    """Checks that there is a block that pools, if any shall."""
    if every > options.tower_depth:
        raise ValueError(f"must be at most tower_depth ({options.tower_depth}), or no block pools; got {every}")


@attrs.frozen(kw_only=True)
class ResNetOptions:
    """Shape of the residual tower; the input's channels follow from the chosen planes."""

    tower_depth: int = setting(3, "residual blocks of the tower", at_least(1), at_most(100))
    tower_width: int = setting(32, "channels of every block", at_least(1), at_most(1024))
    se_ratio: float = setting(
        0.25, "squeeze-and-excitation bottleneck as a share of the width; 0 turns it off", at_least(0), at_most(1)
    )
    pool_every: int = setting(
        0,
        "every so manieth block pools over the whole board between its convolutions; 0: none",
        at_least(0),
        _is_within_the_tower,
    )
    attention_blocks: int = setting(
        0, "blocks of attention over the 81 squares behind the tower", at_least(0), at_most(100)
    )
    attention_heads: int = setting(4, "heads of each, 16 channels wide", at_least(1), at_most(64))
    norm_widths: tuple[int, ...] = setting(
        (),
        "parts of the width that are normalised apart, as widening leaves them; empty: all together",
        _parts_of_the_width,
    )
