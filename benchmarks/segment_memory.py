"""Memory that a stored ply takes, beside what storing its planes and its mask would take.

    python benchmarks/rollout_memory.py [--json]

Counted twice: by the arrays of a rollout, and by how much the process grew while a large one was filled.
"""

import argparse
import json
import resource
import sys

import numpy as np

from keisei_core.experience import Rollout
from keisei_core.plugins import read_settings
from keisei_core.run.training import build_features
from keisei_core.shogi import NUM_ACTIONS, Games

LARGE = (512, 2_048)
"""Plies and games of the large rollout: about a million plies."""


def peak_bytes() -> int:
    """Returns the largest resident size of this process so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def bytes_by_growth() -> float:
    """Fills a large rollout with positions of play and returns the growth of the process per ply."""
    plies, num_games = LARGE
    games = Games(num_games, seed=0)
    before = peak_bytes()
    rollout = Rollout.empty(plies, num_games)
    for ply in range(plies):
        rollout.positions[ply * num_games : (ply + 1) * num_games] = games.positions
        for array in (rollout.log_prob, rollout.reward, rollout.ending, rollout.value, rollout.material):
            array[ply] = 1
        for array in (rollout.cut_value, rollout.cut_material, rollout.action):
            array[ply] = 1
        games.step(games.sample())
    return (peak_bytes() - before) / rollout.num_plies


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args().json
    grown = bytes_by_growth()
    rollout = Rollout.empty(32, 128)
    channels = build_features(read_settings(None)).num_channels
    mask = np.packbits(np.zeros(NUM_ACTIONS, np.uint8)).nbytes
    figures = {
        "bytes_per_ply": rollout.num_bytes / rollout.num_plies,
        "bytes_per_ply_by_growth": grown,
        "bytes_per_position": rollout.positions.bytes_per_position,
        "planes_uint8_bytes": channels * 81,
        "planes_float32_bytes": channels * 81 * 4,
        "mask_packed_bytes": mask,
    }
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<26} {value:10.1f}")


if __name__ == "__main__":
    main()
