"""Predicts plies a second of many processes that train one network, from what the stages of an update take in one.

    python benchmarks/scale_model.py [--figures FILE]                   # the cases of a file; scale_model.toml
    python benchmarks/scale_model.py --measure [CONFIG]               # the stages on this machine, as TOML
    python benchmarks/scale_model.py --check [CONFIG] [--json]        # the prediction beside runs of 1 and 2 processes

docs/scaling.md has the formula and says where it stops being true; README.md beside this file explains the keys.
"""

import argparse
import json
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import NormalDist
from typing import Any, Final

import attrs
import numpy as np

ROOT: Final = Path(__file__).parents[1]
FIGURES: Final = Path(__file__).with_suffix(".toml")
LEARN_JITTER: Final = 0.05
"""How much learning varies, where nothing else is said: less than acting, for its steps average out."""
SLOW_SHARE: Final = 0.02
SLOW_TIMES: Final = 3.0
"""A straggler of the table's last column: in one update of fifty a process acts a third as fast."""
GRID: Final = 4_000


@attrs.frozen(kw_only=True)
class Stages:
    """What one process takes, alone, with its share of games and minibatch."""

    act_s: float
    """Seconds a ply: self-play, rules included."""
    learn_s: float
    """Seconds a ply: all epochs, lessons included."""
    gradient_bytes: int
    """Of one gradient step, as they are exchanged."""
    talks: int = 0
    """Exchanges of a few bytes in an update: whether to stop, whether all is finite, sums of figures."""
    checkpoint_s: float = 0.0
    """Seconds to write a checkpoint, games and all."""
    game_s: float = 0.0
    """Seconds a game of a match."""
    act_jitter: float = 0.0
    """Standard deviation of the logarithm of what acting takes in an update."""
    learn_jitter: float = 0.0
    """The same of learning."""


@attrs.frozen(kw_only=True)
class Link:
    """What carries gradients from one process to the next."""

    bytes_per_s: float
    hop_s: float
    """Seconds until the first byte is there."""


@attrs.frozen(kw_only=True)
class Work:
    """What is done, all processes together."""

    processes: int
    plies: int
    """Of an update."""
    steps: int
    """Gradient steps of an update."""
    slow_share: float = 0.0
    """In which share of the updates a process acts `slow_times` as long."""
    slow_times: float = SLOW_TIMES
    overlaps: bool = False
    """Whether a second core or stream plays while the first learns, as `[run] lag` lets it."""
    checkpoint_every: float = math.inf
    match_every: float = math.inf
    """Updates."""
    match_games: int = 0


@attrs.frozen(kw_only=True)
class Prediction:
    """Seconds of an update by stage, as the slowest process has them, and what follows."""

    act_s: float
    learn_s: float
    exchange_s: float
    beside_s: float
    """Checkpoints and matches, spread over all updates."""
    plies_per_s: float
    share: float
    """Over what as many processes would make that never wait for each other and exchange nothing."""


def predict(stages: Stages, link: Link, work: Work) -> Prediction:
    """Adds up an update: all wait for the slowest, twice, and for each exchange."""
    own, num = work.plies / work.processes, work.processes
    act_s = own * stages.act_s * slowest(num, stages.act_jitter, work.slow_share, work.slow_times)
    learn_s = own * stages.learn_s * slowest(num, stages.learn_jitter)
    exchange_s = work.steps * ring_s(stages.gradient_bytes, num, link) + stages.talks * ring_s(0, num, link)
    games_s = work.match_games / num * stages.game_s / work.match_every
    beside_s = stages.checkpoint_s / work.checkpoint_every + games_s
    learned_s = learn_s + exchange_s
    rate = work.plies / ((max(act_s, learned_s) if work.overlaps else act_s + learned_s) + beside_s)
    acts_s = stages.act_s * (1 + work.slow_share * (work.slow_times - 1))
    mean_s = max(acts_s, stages.learn_s) if work.overlaps else acts_s + stages.learn_s
    return Prediction(
        act_s=act_s,
        learn_s=learn_s,
        exchange_s=exchange_s,
        beside_s=beside_s,
        plies_per_s=rate,
        share=rate * mean_s / num,
    )


def ring_s(num_bytes: float, num: int, link: Link) -> float:
    """Returns the seconds of a sum over N processes in a ring: 2 (N - 1) hops of an Nth of the bytes each."""
    return 2 * (num - 1) * (num_bytes / num / link.bytes_per_s + link.hop_s)


def slowest(num: int, jitter: float, slow_share: float = 0.0, slow_times: float = 1.0) -> float:
    """Returns the expected time of the slowest of N processes, each of which takes 1 in the mean.

    Times are log-normal and independent: the mean of the largest is the integral of 1 - F(x)^N.

    Args:
        num: N.
        jitter: standard deviation of the logarithm.
        slow_share: which share of the times is `slow_times` as long; the mean is that much above 1.
        slow_times: see there.
    """
    if jitter == 0:
        return 1 + (slow_times - 1) * (1 - (1 - slow_share) ** num)
    normal = NormalDist(-(jitter**2) / 2, jitter)
    x = np.linspace(0, max(slow_times, 1) * math.exp(8 * jitter), GRID)[1:]
    usual = np.array([normal.cdf(math.log(value)) for value in x])
    slow = np.array([normal.cdf(math.log(value / slow_times)) for value in x])
    below: Any = ((1 - slow_share) * usual + slow_share * slow) ** num
    return float(x[0] + np.trapezoid(1 - below, x))


def stages_of(table: Mapping[str, Any], jitter: float = 0.0) -> Stages:
    """Reads stages, whose speeds are plies a second in the file."""
    further = {name: value for name, value in table.items() if name not in ("act_per_s", "learn_per_s")}
    measured = {"act_jitter": jitter, "learn_jitter": min(jitter, LEARN_JITTER)} | further
    return Stages(act_s=1 / table["act_per_s"], learn_s=1 / table["learn_per_s"], **measured)


def rows(figures: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    """Yields a row of the table for each case of a file and each network of it."""
    for case in figures["cases"]:
        work = Work(processes=case["processes"], plies=case["plies"], steps=case["steps"])
        link = Link(**figures["links"][case["link"]])
        for name in case["stages"]:
            stages = stages_of(figures["stages"][name], case.get("jitter", 0.0))
            usual = predict(stages, link, work)
            straggling = predict(stages, link, attrs.evolve(work, slow_share=SLOW_SHARE))
            whole_s = work.plies / usual.plies_per_s
            yield (
                f"{work.processes:,}", name, case["link"], work.steps, in_short(usual.plies_per_s),
                f"{usual.share:.2f}", f"{usual.exchange_s / whole_s:.0%}", f"{straggling.share:.2f}",
            )  # fmt: skip


COLUMNS: Final = (
    "processes", "network, device", "link", "gradient steps an update", "plies/s", "of never waiting", "in exchanges",
    "with stragglers",
)  # fmt: skip


def in_short(rate: float) -> str:
    """Writes a speed with three digits."""
    for unit, letter in ((1e6, " M"), (1e3, " k")):
        if rate >= unit:
            return f"{rate / unit:.3g}{letter}"
    return f"{rate:.3g}"


def table(cells: Sequence[Sequence[object]]) -> str:
    """Writes rows in Markdown, the first as heads."""
    lines = [f"| {' | '.join(map(str, row))} |" for row in cells]
    return "\n".join([lines[0], "|---:|---|---|" + "---:|" * (len(cells[0]) - 3), *lines[1:]])


def main() -> None:
    """Prints a table, stages or a comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", type=Path, default=ROOT / "keisei.toml")
    parser.add_argument("--figures", type=Path, default=FIGURES, help="cases, stages and links")
    parser.add_argument("--set", action="append", default=[], metavar="TABLE.KEY=VALUE", help="as for keisei run")
    parser.add_argument("--measure", action="store_true", help="the stages of CONFIG on this machine")
    parser.add_argument("--check", action="store_true", help="the prediction beside real runs of CONFIG")
    parser.add_argument("--rounds", type=int, default=3, help="of a comparison: stages and runs in turn")
    parser.add_argument("--updates", type=int, default=12, help="that stages are measured in, and of a run")
    parser.add_argument("--json", action="store_true", dest="is_json")
    given = parser.parse_args()
    if given.check or given.measure:
        import scale_stages  # torch, which a table goes without

        if given.measure:
            settings = scale_stages.settings_of(given.config, given.set)
            print(scale_stages.as_toml(scale_stages.measured(settings, 1, given.updates)))
            return
        found = scale_stages.compared(given.config, given.set, given.rounds, given.updates)
        print(json.dumps(found, indent=2) if given.is_json else scale_stages.text_of(found))
        return
    print(table([COLUMNS, *rows(tomllib.loads(given.figures.read_text(encoding="utf-8")))]))


if __name__ == "__main__":
    main()
