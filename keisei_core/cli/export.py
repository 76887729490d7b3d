"""`keisei export`: the network of a run in two small files, and a card that says what it is."""

import json
import re
from pathlib import Path
from typing import Final

import click

from keisei_core.cli.completing import networks
from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.options import CONTEXT, PATH, debug_option
from keisei_core.cli.plugin_files import takes_plugin_files
from keisei_core.output import answer
from keisei_core.streams import say

EXAMPLES: Final = (
    ("keisei export runs/mine mine", "the newest network of a run, into the folder mine"),
    ("keisei export runs/mine:best mine --dtype fp32", "the best one, unrounded"),
    ("keisei export runs/mine mine --license cc-by-4.0", "with its licence on the card, to be shared"),
)


def _licence(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    """Takes a licence as cards spell it."""
    if given is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.+-]*", given):
        raise click.BadParameter(f"expected the short name of a licence, MIT or CC-BY-4.0, got {given!r}")
    return given and given.lower()


@takes_plugin_files
@click.command(cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT)
@click.argument("source", metavar="RUN|CHECKPOINT", type=PATH, shell_complete=networks)
@click.argument("folder", metavar="FOLDER", type=PATH)
@click.option(
    "--dtype",
    type=click.Choice(["bf16", "fp32"]),
    default="bf16",
    show_default=True,
    help="Of the weights on disk; bf16 takes half the room and rounds to three digits.",
)
@click.option(
    "--license", "licence", metavar="NAME", callback=_licence, help="Of the weights, for the card: MIT, CC-BY-4.0."
)
@click.option("--card/--no-card", "with_card", default=True, help="Write README.md, the card, and its pictures.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@debug_option
def export(source: Path, folder: Path, dtype: str, licence: str | None, with_card: bool, is_json: bool) -> None:
    """Writes the network of RUN, RUN:best or CHECKPOINT into FOLDER: enough to play and to measure, not to train on.

    The path of FOLDER is then a player: keisei match FOLDER random. Its README.md is a card as Hugging Face and GitHub
    show it: what it is, how it was trained, how strong it is, how to play it. It names no path, machine or user.
    """
    import torch

    from keisei_core.arena.export import export_network
    from keisei_core.arena.trained_network import find_network
    from keisei_core.card import ABOUT, about, card_files

    kind = {"bf16": torch.bfloat16, "fp32": torch.float32}[dtype]
    network = find_network(source, lambda problem: say(f"keisei: warning: {problem}")).rounded(kind)
    known = about(network, licence)
    files = card_files(network, known, folder.absolute().name) if with_card else {}
    export_network(network, folder, kind, told={ABOUT: known}, files=files)
    sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    if is_json:
        told = {"folder": str(folder), "network": str(network.path), "dtype": dtype, "file_bytes": sizes}
        answer(json.dumps({"schema": 1, **told}, indent=2))
    else:
        answer(f"{folder}: {network.path} as {dtype}, {sum(sizes.values()) / 1e6:.2f} MB")
