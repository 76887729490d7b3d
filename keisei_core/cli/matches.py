"""Flags that `keisei match`, `ladder` and `benchmark` share."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from keisei_core.streams import say

Command = TypeVar("Command", bound=Callable[..., Any])

PLAYER_HELP: Final = """\b
A player is written
  NAME                     random
  NAME:key=value,...       alphabeta:depth=2
  PATH[:key=value,...]     runs/mine:temperature=0.5
  RUN:best[,key=value,...] runs/mine:best

A path means the network of a run folder (its newest good checkpoint, or its best), of a checkpoint or of an export.
Its keys: temperature (0: its favourite move), avoid_repetition (true), mates_in_one (false). What is in the working
folder and has the name of a player is written with ./ before it. Names: keisei plugins list --kind player."""


def tell(text: str) -> None:
    """Tells of what a store has that is no record."""
    say(f"keisei: warning: {text}")


def even(_: click.Context, __: click.Parameter, given: int) -> int:
    """Refuses an odd number of games."""
    if given % 2:
        raise click.BadParameter(f"must be even, since each opening is played with both colours; got {given}")
    return given


def match_options(*, games: int) -> Callable[[Command], Command]:
    """Adds the flags that say how matches are played.

    Args:
        games: default number of games of one match.
    """
    options = [
        click.option(
            "--games", type=click.IntRange(2), default=games, show_default=True, callback=even, help="Games, even."
        ),
        click.option(
            "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Of everything random."
        ),
        click.option(
            "--max-plies",
            type=click.IntRange(2, 4_096),
            default=512,
            show_default=True,
            help="A game this long is cut off and counts 1/2.",
        ),
        click.option(
            "--opening-plies",
            type=click.IntRange(0, 100),
            default=8,
            show_default=True,
            help="Random plies of an opening, or down to half as many.",
        ),
        click.option(
            "--at-once", type=click.IntRange(2), default=512, show_default=True, help="Games played side by side."
        ),
        click.option(
            "--device",
            type=click.Choice(["auto", "cpu", "cuda"]),
            default="auto",
            show_default=True,
            help="Where networks compute.",
        ),
        click.option("--threads", type=click.IntRange(0, 1_024), default=0, help="CPU threads; every core by default."),
    ]

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add
