"""Where a ply of self-play and a gradient step spend their time beside the network.

    python benchmarks/parts.py [CONFIG] [--set table.key=value ...] [--rollouts 3] [--json]

One thread, and its own time: that of a machine that others use too is little more than that of a free one. README.md
beside this file explains the keys.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from time import thread_time
from typing import Any, Final
from unittest.mock import patch

import numpy as np
import torch

from keisei_core import precision
from keisei_core.benchmark.bare_network import BareNetwork
from keisei_core.benchmark.speed import spread_games
from keisei_core.benchmark.subject import Subject
from keisei_core.benchmark.where import where
from keisei_core.config.document import parse_assignment
from keisei_core.decide import policy_decider
from keisei_core.evaluate import ActorCritic
from keisei_core.evaluate.health import Health
from keisei_core.evaluate.inputs import Inputs
from keisei_core.experience import Lockstep, Segment
from keisei_core.learn import Teaching
from keisei_core.learn.seen import Sight
from keisei_core.learn.teaching import Lesson
from keisei_core.plugins import load_registry
from keisei_core.run import Training
from keisei_core.shogi import Games

Places = Mapping[str, tuple[tuple[Any, str], ...]]

PLY: Final[Places] = {
    "network": ((ActorCritic, "forward"),),
    "legal moves listed, a move drawn": ((policy_decider, "drawn"),),
    "planes, material": ((Inputs, "fill"), (Inputs, "send")),
    "outputs and decisions looked at": ((Health, "note"), (Lockstep, "_sound")),
    "games played on": ((Games, "step"),),
    "plies stored": ((Segment, "put"),),
}
"""Functions whose time is a part's; none of them calls another one."""
STEP: Final[Places] = {
    "network, forward": ((ActorCritic, "forward"),),
    "network and losses, backward": ((torch.Tensor, "backward"),),
    "lessons beside the games": ((Teaching, "prepare"),),
    "lessons of the plies": ((Lesson, "lecture"),),
    "legal moves, planes": ((Sight, "of"),),
    "gradient's norm, the optimiser's step": ((precision, "clip_and_step"), (precision, "clip_and_step_on_device")),
}


@contextmanager
def timed(places: Places) -> Iterator[defaultdict[str, float]]:
    """Adds up, in the block, the seconds that this thread spends in each part."""
    spent: defaultdict[str, float] = defaultdict(float)

    def counted(function: Callable[..., Any], part: str) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            started = thread_time()
            try:
                return function(*arguments, **named)
            finally:
                spent[part] += thread_time() - started

        return run

    with ExitStack() as stack:
        for part, functions in places.items():
            for owner, name in functions:
                stack.enter_context(patch.object(owner, name, counted(getattr(owner, name), part)))
        yield spent


def table_of(spent: Mapping[str, float], whole_s: float, places: Places, times: int) -> dict[str, float]:
    """Returns the milliseconds of each part, what is left, and the whole, each of so many times."""
    parts = {part: spent[part] for part in places}
    parts |= {"all else": whole_s - sum(parts.values()), "whole": whole_s}
    return {part: seconds / times * 1e3 for part, seconds in parts.items()}


def measure(training: Training, num_rollouts: int) -> dict[str, Any]:
    """Plays and learns a few times, the first time uncounted; milliseconds by part."""
    spread_games(training)
    segment, _ = training.source.next()
    training.learner.update(segment, 0.0)
    plies = num_rollouts * training.settings.selfplay.rollout_plies
    with timed(PLY) as spent:
        started = thread_time()
        for _ in range(num_rollouts):
            segment, _ = training.source.next()
        ply = table_of(spent, thread_time() - started, PLY, plies)
    with timed(STEP) as spent:
        started = thread_time()
        reports = [training.learner.update(segment, 0.0) for _ in range(num_rollouts)]
        whole_s = thread_time() - started
    steps = sum(report.num_steps + report.num_skipped for report in reports)
    positions = sum(report.num_positions for report in reports) // steps
    return {
        "ply": ply | {"bare network": bare_ms(training, segment, len(training.source.games), learns=False)},
        "step": table_of(spent, whole_s, STEP, steps)
        | {"bare network": bare_ms(training, segment, positions, learns=True)},
        "positions": {"ply": len(training.source.games), "step": positions},
    }


def bare_ms(training: Training, segment: Segment, num_positions: int, *, learns: bool, times: int = 8) -> float:
    """Returns the milliseconds of this thread that the bare network takes for so many positions."""
    bare = BareNetwork(training)
    inputs = bare.inputs(segment.positions_of(np.arange(num_positions) % segment.num_plies))
    run = bare.backward_s if learns else bare.forward_s
    run(inputs, 1)
    started = thread_time()
    run(inputs, times)
    return (thread_time() - started) / times * 1e3


def text_of(found: Mapping[str, Any]) -> str:
    """Writes both tables in Markdown."""
    lines = []
    for name, places in (("ply", PLY), ("step", STEP)):
        parts = found[name]
        what = "gradient step" if name == "step" else "ply of self-play"
        lines += [f"| part of a {what} of {found['positions'][name]} positions | ms | |", "|---|---:|---:|"]
        lines += [
            f"| {part} | {parts[part]:.2f} | {parts[part] / parts['whole']:.1%} |" for part in (*places, "all else")
        ]
        share = parts["bare network"] / parts["whole"]
        lines += [
            f"| whole; the bare network alone | {parts['whole']:.2f}; {parts['bare network']:.2f} | {share:.1%} |"
        ]
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Measures one config."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", default="keisei.toml")
    parser.add_argument("--set", action="append", default=[], dest="keys", help="another value of a key")
    parser.add_argument("--rollouts", type=int, default=3, help="how many are counted")
    parser.add_argument("--json", action="store_true", help="print JSON in place of the tables")
    arguments = parser.parse_args()
    keys = [parse_assignment(text) for text in (*arguments.keys, "run.threads=1", "run.device=cpu")]
    training = Subject.find(arguments.config, keys, load_registry()).training()
    found = measure(training, arguments.rollouts)
    if arguments.json:
        print(json.dumps(found | where(training.settings, training.device), indent=2))
    else:
        print(text_of(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
