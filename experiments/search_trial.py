"""Is training on searches worth its time? Ways to search beside PPO and tactics, and instead, at equal core-seconds.

    python experiments/search_trial.py [--minutes 5] [--seeds 3] [--games 100] [--only "NAME;..."] [--out docs/results]

Trains search_trial/recipe.toml and each variant below for the same time on one core, from several seeds: from nothing,
and on top of the network that the recipe came to from the same seed. Each then plays alphabeta, by its policy and by a
search, and the recipe's network of the same seed and start; what its value is worth is seen in games of its policy
against itself. Writes search-trial.json, a table (search-trial-table.md)
and a chart (search-trial.svg). What is done already is not done again: stopped, it goes on.

Runs end by the clock. How many minutes of a core each had is told too: where other work shares the core, they differ.
"""

import argparse
import json
import resource
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, Final

from chart import COLOURS, ROW, SOFT, Axis, Box, document, dot, marks_below, text
from command import beside, is_complete, match_of, metrics_of, train, where

RECIPE: Final = Path(__file__).parent / "search_trial" / "recipe.toml"
SEARCHED: Final = {"decider.name": "search", "decider.simulations": 16, "decider.share": 0.25}
GUMBEL: Final = {"decider.algorithm": "gumbel", "decider.candidates": 8, "decider.share": 0.5}
ZERO: Final = {**SEARCHED, "algorithm.name": "zero", "algorithm.window": 12, "algorithm.passes": 3}
AGAIN: Final = {"teaching.search.played": False, "teaching.search.again": 0.25, "teaching.search.simulations": 16}
BOTH: Final = {"teaching.teachers": ["tactics", "search"]}
VARIANTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "recipe": {},
    "rate lowered further": {"optimizer.final_learning_rate": 1e-4},
    "a quarter searched": {**SEARCHED, **BOTH},
    "a quarter searched, results in the value": {**SEARCHED, **BOTH, "teaching.search.result": 0.5},
    "a quarter searched, no tactics": {**SEARCHED, "teaching.teachers": ["search"]},
    "a quarter searched again": {**BOTH, **AGAIN},
    "zero by PUCT": ZERO,
    "zero by Gumbel": {**ZERO, **GUMBEL},
    "zero by Gumbel, no tactics": {**ZERO, **GUMBEL, "teaching.teachers": []},
}
"""The recipe is PPO with the teacher `tactics`."""
OF_PPO: Final = ("epochs", "target_kl")
"""Keys of the recipe that another algorithm does not know."""
STARTS: Final = ("from nothing", "from a trained network")
OPPONENTS: Final[Mapping[str, tuple[str, str]]] = {
    "policy against depth 1": ("{}", "alphabeta:depth=1"),
    "policy against depth 2": ("{}", "alphabeta:depth=2"),
    "32 simulations against depth 2": ("{}:simulations=32", "alphabeta:depth=2"),
}
AGAINST_RECIPE: Final = "policy against the recipe's"
VALUE: Final = "log loss of the value less material's"
"""Below 0 the value foretells results better than counting pieces does."""
MATCH_SEED: Final = 1
FIGURES: Final = ("plies", "games", "elapsed_s")
CORE_MINUTES: Final = "core minutes"


def recipe_of(variant: str, folder: Path) -> Path:
    """Returns the recipe that a variant changes: without what only PPO knows where the algorithm is another one."""
    if "algorithm.name" not in VARIANTS[variant]:
        return RECIPE
    lines = RECIPE.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line.partition(" ")[0] not in OF_PPO]
    path = beside(folder, "toml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return path


def folder_of(work: Path, start: str, variant: str, seed: int) -> Path:
    """Returns the folder of a run."""
    return work / start.replace(" ", "-") / f"{variant.replace(',', '').replace(' ', '-')}-{seed}"


def train_variant(work: Path, start: str, variant: str, seed: int, minutes: float) -> None:
    """Trains a variant for so long; a run on top of another goes on counting that one's plies and minutes."""
    folder, is_first = folder_of(work, start, variant, seed), start == STARTS[0]
    changes = {**VARIANTS[variant], "run.minutes": minutes if is_first else 2 * minutes, "run.seed": seed}
    origin = None if is_first else folder_of(work, STARTS[0], "recipe", seed)
    before, kept = core_seconds(), beside(folder, "core-seconds.txt")
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        train(recipe_of(variant, folder), folder, changes, origin)
    finally:
        kept.write_text(str(used_before(kept) + core_seconds() - before), encoding="utf-8")
    print(f"{start}: {variant}, seed {seed}: trained", flush=True)


def core_seconds() -> float:
    """Returns how long processes that this one started, and that have ended, have computed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def used_before(kept: Path) -> float:
    """Returns the core-seconds that a file tells of, 0 where there is none."""
    return float(kept.read_text(encoding="utf-8")) if kept.exists() else 0.0


def measured(folder: Path, recipe: Path, games: int) -> dict[str, Any]:
    """Plays a trained network and says how long it trained; keeps what was found in a file."""
    kept = folder / f"trial-matches-{games}.json"  # goes with the run, should that be made anew
    if not kept.exists():
        pairs = {name: (one.format(folder), other) for name, (one, other) in OPPONENTS.items()}
        if folder != recipe:
            pairs[AGAINST_RECIPE] = str(folder), str(recipe)
        found = {name: match_of(*pair, games, MATCH_SEED)["score"] for name, pair in pairs.items()}
        found[VALUE] = value_less_material(folder, games)
        kept.write_text(json.dumps(found), encoding="utf-8")
    last = metrics_of(folder)[-1]
    scores: dict[str, Any] = {AGAINST_RECIPE: 0.5, **json.loads(kept.read_text(encoding="utf-8"))}
    minutes = used_before(beside(folder, "core-seconds.txt")) / 60
    return {**scores, **{name: last[name] for name in FIGURES}, CORE_MINUTES: minutes}


def value_less_material(folder: Path, games: int) -> float:
    """Returns how much worse a network's value foretells its own games than material does, in nats."""
    drawn = f"{folder}:temperature=1"
    quality = match_of(drawn, drawn, games, MATCH_SEED)["value"]["first"]
    return float(quality["value"]["log_loss"] - quality["material"]["log_loss"])


def table(results: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]) -> str:
    """Lists the variants of each start: means over the seeds with their standard errors."""
    columns = (*OPPONENTS, AGAINST_RECIPE, VALUE)
    lines = []
    for start, variants in results.items():
        lines += [
            f"Trained {start}:",
            "",
            f"| variant | {' | '.join(columns)} | plies | {CORE_MINUTES} |",
            "|---" * 8 + "|",
        ]
        for name, runs in variants.items():
            cells = [mean_and_error([run[column] for run in runs]) for column in columns]
            plies, minutes = (fmean(run[figure] for run in runs) for figure in ("plies", CORE_MINUTES))
            lines.append(f"| {name} | {' | '.join(cells)} | {plies:,.0f} | {minutes:.1f} |")
        lines.append("")
    return "\n".join(lines)


def mean_and_error(scores: Sequence[float]) -> str:
    """Writes the mean of the seeds' scores and its standard error, which takes two seeds."""
    error = f" ± {stdev(scores) / len(scores) ** 0.5:.3f}" if len(scores) > 1 else ""
    return f"{fmean(scores):.3f}{error}"


def chart(results: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]) -> str:
    """Draws every seed's scores, a panel for each opponent; hollow ones are those of the second start."""
    columns = (*OPPONENTS, AGAINST_RECIPE)
    names = list(dict.fromkeys(name for variants in results.values() for name in variants))
    axis = Axis("score", ((0.0, "0"), (0.5, ".5"), (1.0, "1")))
    parts = [text(16, 52, f"filled: {STARTS[0]}, hollow: {STARTS[1]}", fill=SOFT)]
    for number, column in enumerate(columns):
        box = Box(330 + 240 * number, 100, 160, ROW * len(names))
        parts += [text(box.left, box.top - 14, column, fill=SOFT), *marks_below(box, axis)]
        for row, name in enumerate(names):
            height = box.top + ROW * (row + 0.5)
            parts += [] if number else [text(box.left - 16, height + 5, name, anchor="end")]
            for start, variants in results.items():
                places = [box.at(axis.place(run[column]), 0)[0] for run in variants.get(name, ())]
                parts += [dot(at, height, at, at, COLOURS[0], is_hollow=start != STARTS[0]) for at in places]
    width, height = 330 + 240 * len(columns), 160 + ROW * len(names)
    return document(width, height, "What every seed scored", f"{len(names)} variants from two starts.", parts)


def main() -> None:
    """Trains and measures what is not done yet and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="of training of each network (5)")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of each variant (3)")
    parser.add_argument("--games", type=int, default=100, help="games of a match (100)")
    parser.add_argument("--only", default="", help="names of variants to train, separated by semicolons")
    parser.add_argument("--work", type=Path, default=Path("runs/search-trial"), help="folder of the runs")
    parser.add_argument("--out", type=Path, default=Path("docs/results"), help="folder of the results")
    arguments = parser.parse_args()
    chosen = list(filter(None, arguments.only.split(";"))) or list(VARIANTS)
    if unknown := {*chosen} - {*VARIANTS}:
        parser.error(f"no variants of these names: {', '.join(sorted(unknown))}; there are {'; '.join(VARIANTS)}")
    results: dict[str, dict[str, list[dict[str, Any]]]] = {start: {} for start in STARTS}
    for start, seed, name in product(STARTS, range(arguments.seeds), VARIANTS):
        folder, recipe = (folder_of(arguments.work, start, each, seed) for each in (name, "recipe"))
        if name in chosen or name == "recipe":
            train_variant(arguments.work, start, name, seed, arguments.minutes)
        if is_complete(folder):
            results[start].setdefault(name, []).append(measured(folder, recipe, arguments.games))
    arguments.out.mkdir(parents=True, exist_ok=True)
    told = {**where(), "minutes": arguments.minutes, "games_of_a_match": arguments.games, "results": results}
    (arguments.out / "search-trial.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    (arguments.out / "search-trial-table.md").write_text(table(results), encoding="utf-8")
    print(table(results))
    (arguments.out / "search-trial.svg").write_text(chart(results), encoding="utf-8")


if __name__ == "__main__":
    main()
