"""Memory that a stored ply takes, beside what storing its planes and its mask would take.

    python benchmarks/segment_memory.py [--json]

Counted twice: by the arrays of a segment that PPO learns from, and by how much the process grew while a large one was
filled.
"""

import argparse
import json
import resource
import sys

import numpy as np

from keisei_core.decide import PolicyDecider
from keisei_core.experience import Segment
from keisei_core.observe import PlaneContext
from keisei_core.observe.chosen import chosen_features
from keisei_core.plugins import read_settings
from keisei_core.shogi import NUM_ACTIONS, Games

LARGE = (512, 2_048)
"""Plies and games of the large segment: about a million plies."""


def peak_bytes() -> int:
    """Returns the largest resident size of this process so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def bytes_by_growth() -> float:
    """Fills a large segment with positions of play and returns the growth of the process per ply."""
    plies, num_games = LARGE
    games = Games(num_games, seed=0)
    before = peak_bytes()
    segment = Segment.empty(plies, num_games, PolicyDecider.columns)
    for ply in range(plies):
        segment.put(ply, games.positions)
        for array in (segment.learned, segment.action, segment.ending, *segment.columns.values()):
            array[ply] = 1
        games.step(games.sample())
    return (peak_bytes() - before) / segment.num_plies


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args().json
    grown = bytes_by_growth()
    segment = Segment.empty(32, 128, PolicyDecider.columns)
    settings = read_settings(None)
    features = chosen_features(settings.features, PlaneContext(max_plies=settings.selfplay.max_plies))
    channels = features.num_channels
    mask = np.packbits(np.zeros(NUM_ACTIONS, np.uint8)).nbytes
    figures = {
        "bytes_per_ply": segment.num_bytes / segment.num_plies,
        "bytes_per_ply_by_growth": grown,
        "bytes_per_position": segment.positions.bytes_per_position,
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
