"""The card itself, README.md, and the pictures beside it. What nobody knows it says so, and leaves nothing to guess."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from keisei_core.arena import TrainedNetwork
from keisei_core.card.board import board_svg
from keisei_core.card.curves_svg import curves_svg
from keisei_core.card.licence import UNKNOWN, licence_keys
from keisei_core.card.strength import strength_lines
from keisei_core.card.training import settings_lines, training_lines

CARD: Final = "README.md"
BOARD: Final = "board.svg"
CURVES: Final = "curves.svg"
TAGS: Final = ("shogi", "reinforcement-learning", "self-play", "keisei")


def card_files(network: TrainedNetwork, about: Mapping[str, Any], name: str) -> dict[str, str]:
    """Returns the card and its pictures by their names.

    Args:
        network: it is of.
        about: what is known of it.
        name: what it is called: the folder that it goes into.
    """
    pictures = {BOARD: board_svg(about["board"]), **({CURVES: curves_svg(about["curves"])} if about["curves"] else {})}
    return {CARD: "\n".join(_card(network, about, plain_name(name))) + "\n", **pictures}


def plain_name(name: str) -> str:
    """Returns a folder's name with nothing in it that Markdown or a shell reads otherwise."""
    return re.sub(r"[^\w.+-]+", "-", name).strip("-") or "network"


def _card(network: TrainedNetwork, about: Mapping[str, Any], name: str) -> Iterator[str]:
    yield from _front_matter(about)
    yield f"# {name}"
    yield ""
    number = sum(weights.numel() for weights in network.weights.values())
    model = about["parts"].get("model", "unknown")
    yield f"A Shogi player: a `{model}` network of {number:,} parameters, trained with Keisei by playing itself."
    yield f"Matches know its weights as `{network.digest}`."
    yield ""
    yield f"![A Shogi board]({BOARD})"
    yield ""
    yield about["board"]["caption"]
    yield from _section("How strong it is", strength_lines(about["matches"], about["match_in_training"]))
    yield from _section("How it was trained", training_lines(about))
    if about["curves"]:
        yield from ("", f"![Learning curves over plies]({CURVES})")
    yield from settings_lines(about)
    yield from _section("How to play it", _playing_lines(name))
    yield from _section("Licence", _licence_lines(about["licence"]))


def _front_matter(about: Mapping[str, Any]) -> Iterator[str]:
    """Yields what Hugging Face reads: YAML, of which JSON's strings and lists are a part."""
    algorithm = about["parts"].get("algorithm", "")
    tags = [*TAGS, *([algorithm] if re.fullmatch(r"[\w-]+", algorithm) else [])]
    keys = {**licence_keys(about["licence"]), "library_name": "keisei", "pipeline_tag": "reinforcement-learning"}
    yield "---"
    yield from (f"{key}: {json.dumps(value)}" for key, value in keys.items())
    yield f"tags: {json.dumps(tags)}"
    yield "---"


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "", *lines)


def _playing_lines(name: str) -> Iterator[str]:
    yield "With Keisei and the plugins above installed, in the folder that has this one in it:"
    yield ""
    yield "```sh"
    yield f"keisei play ./{name}                        # against it, on a board in the browser"
    yield f"keisei usi ./{name}                         # as an engine for ShogiHome and other USI programs"
    yield f"keisei match ./{name} alphabeta:depth=1     # W/D/L and Elo against a search"
    yield f"keisei show ./{name} startpos               # its value and likeliest moves"
    yield "```"
    yield ""
    yield "`./" + name + ":temperature=0` plays its favourite moves and `./" + name + ":simulations=100` looks ahead."


def _licence_lines(licence: str) -> Iterator[str]:
    if licence == UNKNOWN:
        yield "The owner of these weights has named no licence for them: ask before you use them. Keisei itself is MIT."
    else:
        yield f"The weights: `{licence}`. Keisei itself is MIT."
