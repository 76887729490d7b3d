"""`keisei export`: the network of a run in two small files."""

import json
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
)


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
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@debug_option
def export(source: Path, folder: Path, dtype: str, is_json: bool) -> None:
    """Writes the network of RUN, RUN:best or CHECKPOINT into FOLDER: enough to play and to measure, not to train on.

    The path of FOLDER is then a player: keisei match FOLDER random.
    """
    import torch

    from keisei_core.arena.export import export_network
    from keisei_core.arena.trained_network import find_network

    network = find_network(source, lambda problem: say(f"keisei: warning: {problem}"))
    export_network(network, folder, {"bf16": torch.bfloat16, "fp32": torch.float32}[dtype])
    sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    if is_json:
        told = {"folder": str(folder), "network": str(network.path), "dtype": dtype, "file_bytes": sizes}
        answer(json.dumps({"schema": 1, **told}, indent=2))
    else:
        answer(f"{folder}: {network.path} as {dtype}, {sum(sizes.values()) / 1e6:.2f} MB")
