"""How fast alphabeta plays, and how strong its depths are beside each other.

    python benchmarks/players.py [--seconds 5] [--games 200]

A frontier move is a legal move of a position one ply above the end of the search: its outcome is counted, by all of a
position's moves at once. One core; positions as they come up in games of the player against itself.
"""

import argparse
import time

import torch

from keisei_core.arena import PlayerContext, play_match
from keisei_core.plugins import load_registry
from keisei_core.plugins.players import player_choice
from keisei_core.run.machine import commit, processor
from keisei_core.shogi import Games, Starts

CPU = torch.device("cpu")
PAIRS = (
    ("alphabeta:random_moves=0.9", "random"),
    ("alphabeta:random_moves=0.7", "alphabeta:random_moves=0.9"),
    ("alphabeta:random_moves=0.4", "alphabeta:random_moves=0.7"),
    ("alphabeta", "alphabeta:random_moves=0.4"),
    ("alphabeta:depth=2,random_moves=0.4", "alphabeta"),
    ("alphabeta:depth=2,random_moves=0.2", "alphabeta:depth=2,random_moves=0.4"),
    ("alphabeta:depth=2", "alphabeta:depth=2,random_moves=0.2"),
    ("alphabeta:depth=3", "alphabeta:depth=2"),
)


def build(text: str, seed: int):
    return player_choice(text, load_registry()).build(PlayerContext(seed=seed, device=CPU))


def speed(depth: int, seconds: float) -> tuple[float, float]:
    """Returns moves and frontier moves a second."""
    player = build(f"alphabeta:depth={depth}", 1)
    games = Games(64, max_plies=300, starts=Starts.standard(random_plies=100), seed=1)
    player.choose(games.positions, games.legal)
    counted, moves, elapsed = player.frontier_moves, 0, 0.0
    while elapsed < seconds:
        started = time.perf_counter()
        actions = player.choose(games.positions, games.legal)
        elapsed += time.perf_counter() - started
        games.step(actions)
        moves += len(games)
    return moves / elapsed, (player.frontier_moves - counted) / elapsed


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=5.0)
    arguments.add_argument("--games", type=int, default=200)
    given = arguments.parse_args()
    print(f"{processor()}, one thread, commit {commit()}\n")
    print("| depth | moves/s | frontier moves/s |\n|---|---:|---:|")
    for depth in (1, 2, 3, 4):
        moves, frontier = speed(depth, given.seconds)
        print(f"| {depth} | {moves:,.0f} | {frontier / 1e6:.1f} M |", flush=True)
    print(f"\n| first | second | score of the first in {given.games} games |\n|---|---|---|")
    for first, second in PAIRS:
        score = play_match(
            build(first, 1), build(second, 2), num_games=given.games, max_plies=512, opening_plies=8, seed=1
        )
        print(f"| {first} | {second} | {score.score:.3f} [{score.low:.3f}, {score.high:.3f}] |", flush=True)


if __name__ == "__main__":
    main()
