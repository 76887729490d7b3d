"""What it costs in strength to play ahead of learning, and what it gains in time.

    python experiments/lag.py [--seeds 3] [--plies 100000] [--games 100] [--time] [--out docs/results]

Trains keisei.toml with `[run] lag` 0, 1 and 4 from several seeds for as many plies, without matches on the way. Each
network then plays alphabeta and the networks of lag 0. With --time it trains nothing, but lets updates of lag 0 and 1
take turns in one process and measures how long they take: on a machine that does nothing else. Writes lag.json and a
page (lag.md), with what has been measured so far. What is done already is not done again: stopped, it goes on.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

import numpy as np
import torch
from command import train, where

from keisei_core.arena import PlayerContext, closing, pair_interval, play_match
from keisei_core.arena.report import elo_text
from keisei_core.arena.score import elo_of, score_of
from keisei_core.distribution import Single
from keisei_core.plugins import load_registry, read_settings
from keisei_core.plugins.players import player_choice
from keisei_core.run import Training
from keisei_core.run.device import use_threads
from keisei_core.shogi.cores import usable_cores

RECIPE: Final = Path(__file__).parents[1] / "keisei.toml"
LAGS: Final = (0, 1, 4)
OPPONENTS: Final = ("alphabeta:depth=1", "alphabeta:depth=2")
ALONE: Final = {"run.minutes": 0.0, "run.threads": 1, "evaluation.every_updates": 0, "evaluation.rungs": []}
"""Of a training: the plies alone end it, and matches are played here."""
LAG_0: Final = "lag 0"
MAX_PLIES: Final = 512
POINTS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Of a pair of games, by the number of halves of a point that were taken in it."""
MOST_LOST: Final = 30
"""Elo that lag 1 may lose at equal plies, by the lower end of the interval, to be on by default where it gains time."""
ENOUGH_SEEDS: Final = 3
"""From which it must have been trained for that: one seed may be a lucky one."""
WARM_UPS: Final = 2
ROUNDS: Final = 12
"""Updates of each lag that are timed, after those."""
CPU: Final = torch.device("cpu")


def folder_of(work: Path, lag: int, seed: int) -> Path:
    """Returns the folder of a run."""
    return work / f"lag-{lag}-{seed}"


def train_all(work: Path, seeds: int, plies: int) -> None:
    """Trains every lag from every seed, seed by seed."""
    for seed in range(seeds):
        for lag in LAGS:
            changes = {**ALONE, "run.plies": plies, "run.seed": seed, "run.lag": lag, "evaluation.final_games": 2}
            train(RECIPE, folder_of(work, lag, seed), changes)
            print(f"lag {lag}, seed {seed}: trained", flush=True)


def match(one: Path, other: str, games: int, seed: int) -> list[int]:
    """Plays a network, greedy, against another player; keeps the pairs by their points in a file of its run."""
    kept = one / f"lag-match-{Path(other).name.replace(':', '-')}-{games}.json"
    if not kept.exists():
        first, second = (player_choice(text, load_registry()) for text in (str(one), other))
        context = PlayerContext(seed=0, device=CPU)
        player, rival = first.build(context), second.build(context)
        with closing(player), closing(rival):
            score = play_match(player, rival, num_games=games, seed=seed, max_plies=MAX_PLIES, opening_plies=6)
        kept.write_text(json.dumps(score.pairs), encoding="utf-8")
        print(f"{one.name} against {Path(other).name}: {score}", flush=True)
    found: list[int] = json.loads(kept.read_text(encoding="utf-8"))
    return found


def measured(work: Path, seeds: int, games: int) -> dict[str, dict[str, list[list[int]]]]:
    """Plays all matches; returns the pairs of every network by lag and opponent, those against lag 0 added up."""
    found: dict[str, dict[str, list[list[int]]]] = {}
    for lag in LAGS:
        networks = [folder_of(work, lag, seed) for seed in range(seeds)]
        found[str(lag)] = {
            other: [match(network, other, games, seed) for seed, network in enumerate(networks)] for other in OPPONENTS
        }
        found[str(lag)][LAG_0] = [
            against_lag_0(work, network, seed, seeds, games) for seed, network in enumerate(networks)
        ]
    return found


def against_lag_0(work: Path, network: Path, seed: int, seeds: int, games: int) -> list[int]:
    """Plays a network against those of lag 0 from every seed, itself left out; returns the pairs added up."""
    others = [(each, folder_of(work, 0, each)) for each in range(seeds)]
    matches = [match(network, str(other), games, seeds * seed + each) for each, other in others if other != network]
    return [sum(counts) for counts in zip([0] * len(POINTS), *matches, strict=True)]


def against(rows: Sequence[Sequence[int]]) -> str:
    """Writes the Elo of all matches with its interval, and that of each seed's network; nothing of no matches."""
    if not np.sum(rows):
        return " | "
    return f"{elo_text(*elo(rows))} | {', '.join(f'{elo([row])[0]:+.0f}' for row in rows)}"


def elo(rows: Sequence[Sequence[int]]) -> tuple[float, float, float]:
    """Returns the Elo of all matches together with its 95 % interval, as their games alone tell it."""
    points = np.repeat(POINTS, np.sum(rows, axis=0))
    low, high = pair_interval(points)
    return elo_of(float(points.mean())), elo_of(low), elo_of(high)


def timed(plies: int) -> dict[str, Any]:
    """Lets updates of lag 0 and 1 take turns, each with all cores for both threads, and with half of them.

    Returns:
        By threads: plies/s of each lag, how many times as many lag 1 makes, and the share of its time that it waited;
        medians over the rounds.
    """
    cores = usable_cores()
    found = {str(threads): in_turn(plies, threads) for threads in sorted({cores, max(cores // 2, 1)})}
    return {"threads": found, **where()}


def in_turn(plies: int, threads: int) -> dict[str, Any]:
    """Times updates with so many CPU threads; see `timed`."""
    trainings = {}
    for lag in LAGS[:2]:
        changes = {**ALONE, "run.plies": plies, "run.threads": threads, "run.lag": lag}
        settings = read_settings(RECIPE, list(changes.items()))
        use_threads(settings.run)
        trainings[lag] = Training(settings, Single(CPU))
    seconds: dict[int, list[float]] = {lag: [] for lag in trainings}
    waited: list[float] = []
    for number in range(WARM_UPS + ROUNDS):
        for lag, training in trainings.items():
            began = perf_counter()
            metrics, _ = training.update()
            if number >= WARM_UPS:
                seconds[lag].append(perf_counter() - began)
                waited += [metrics["wait_share"]] if lag else []
    speeds = {str(lag): training.plies_per_update / median(seconds[lag]) for lag, training in trainings.items()}
    ratio = median(before / after for before, after in zip(*seconds.values(), strict=True))
    return {"plies_per_s": speeds, "ratio": ratio, "wait_share": median(waited)}


def verdict(result: Mapping[str, Any]) -> str:
    """Says whether lag 1 should be the default by what was measured."""
    known = [name for name in ("strength", "time") if name in result]
    if len(known) < 2:
        return f"Lag 0 is the default. {known[0].capitalize() + ' alone' if known else 'Nothing'} is measured here."
    seeds, (mean, low, high) = result["made"]["seeds"], elo(result["strength"]["1"][LAG_0])
    speeds = [each["plies_per_s"] for each in result["time"]["threads"].values()]
    faster = max(each["1"] for each in speeds) / max(each["0"] for each in speeds) - 1
    may = "may" if seeds >= ENOUGH_SEEDS and low > -MOST_LOST and faster > 0 else "does not"
    return (
        f"Lag 1 {'loses' if mean < 0 else 'gains'} {abs(mean):.0f} Elo [{low:+.0f}, {high:+.0f}] at equal plies over "
        f"{seeds} seed{'s' * (seeds > 1)} and makes {faster:+.1%} plies/s here: it {may} become the default, which "
        f"asks for {ENOUGH_SEEDS} seeds, a lower end above {-MOST_LOST} Elo and time gained."
    )


def page(result: Mapping[str, Any]) -> str:
    """Writes what has been measured, for people."""
    lines = ["# Playing ahead: what a lag costs and gains", "", verdict(result), ""]
    if "strength" in result:
        lines += strength_lines(result)
    if "time" in result:
        lines += time_lines(result["time"])
    return "\n".join(lines).rstrip() + "\n"


def strength_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """Yields the table of strengths and how it was made."""
    scores = " | ".join(f"score against {other}" for other in OPPONENTS)
    yield f"| lag | {scores} | Elo against the networks of lag 0 [95 % by games] | each seed |"
    yield "|---:|---:|---:|---:|---|"
    for lag, found in result["strength"].items():
        scores = " | ".join(f"{score_of(elo(found[other])[0]):.3f}" for other in OPPONENTS)
        yield f"| {lag} | {scores} | {against(found[LAG_0])} |"
    made = result["made"]
    seeds = f"{made['seeds']} seeds" if made["seeds"] > 1 else "one seed"
    among = "A network of lag 0 plays those of the other seeds: how much these differ is what seeds alone do. "
    yield ""
    yield (
        f"keisei.toml, {made['plies']:,} plies from {seeds}, no clock, one thread; {made['games']} games a match from "
        f"openings of 6 plies, both players greedy. {among * (made['seeds'] > 1)}{machine(made)}"
    )
    yield ""


def time_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Yields what was timed."""
    yield "| threads | plies/s of lag 0 | of lag 1 | times as many | time of lag 1 that learning waited |"
    yield "|---:|---:|---:|---:|---:|"
    for threads, row in found["threads"].items():
        speeds = " | ".join(f"{speed:,.0f}" for speed in row["plies_per_s"].values())
        yield f"| {threads} | {speeds} | {row['ratio']:.3f} | {row['wait_share']:.1%} |"
    yield ""
    yield (
        f"keisei.toml, updates of lag 0 and 1 in turn in one process, medians of {ROUNDS}. With a lag the thread that "
        f"plays and the one that learns may use so many each: half of the cores leaves room for the other. "
        f"{machine(found)}"
    )


def machine(found: Mapping[str, Any]) -> str:
    """Says where something was measured."""
    return f"{found['machine']}, torch {found['torch']}, commit {found['commit']}."


def main() -> None:
    """Trains and plays, or times; writes down what there is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="from which each lag is trained (3)")
    parser.add_argument("--plies", type=int, default=100_000, help="of a run (100000)")
    parser.add_argument("--games", type=int, default=100, help="of a match (100)")
    parser.add_argument("--time", action="store_true", help="measure time and nothing else")
    parser.add_argument("--work", type=Path, default=Path("runs/lag"), help="folder of the runs (runs/lag)")
    parser.add_argument("--out", type=Path, default=Path("docs/results"), help="folder of the results (docs/results)")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    kept = arguments.out / "lag.json"
    result = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    if arguments.time:
        result["time"] = timed(arguments.plies)
    else:
        work = arguments.work / str(arguments.plies)
        train_all(work, arguments.seeds, arguments.plies)
        torch.set_num_threads(1)
        result["strength"] = measured(work, arguments.seeds, arguments.games)
        result["made"] = {name: getattr(arguments, name) for name in ("seeds", "plies", "games")} | where()
    kept.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (arguments.out / "lag.md").write_text(page(result), encoding="utf-8")
    print(page(result))


if __name__ == "__main__":
    main()
