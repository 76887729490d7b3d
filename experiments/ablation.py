"""What each part of the recipe is worth: every variant differs from the recipe in one part, at equal plies.

    python experiments/ablation.py [--seeds 3] [--only NAME,...] [--out docs/results] [--draw]

Trains ablation/recipe.toml and each variant below from several seeds, with matches against a fixed opponent on the way,
and writes the whole curves (ablation.json), a table (ablation-table.md) and a chart (ablation.svg). Runs that are
complete are not made again; --draw trains nothing and draws what ablation.json has.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from math import fsum
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, Final

from chart import COLOURS, ROW, SOFT, Axis, Box, document, dot, line, marks_below, text
from command import is_complete, metrics_of, train

RECIPE: Final = Path(__file__).parent / "ablation" / "recipe.toml"
PLANES: Final = "core46+check+last2ply"
MARKS: Final = tuple((tenths / 10, f"{tenths / 10:+.1f}" if tenths else "0") for tenths in range(-6, 5, 2))
"""Of the chart: differences of scores."""
TITLE: Final = "What each part of the recipe is worth"

VARIANTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "recipe": {},
    "no attack planes": {"input.features": PLANES},
    "no teaching": {"teaching.teachers": []},
    "no teaching and PPO as by default": {
        "teaching.teachers": [],
        "algorithm.target_kl": 0.03,
        "learning.max_grad_norm": 0.5,
        "algorithm.epochs": 2,
    },
    "teaching within 4 pawns": {"teaching.tactics.margin": 4},
    "no mates beside the games": {"teaching.tactics.side_mates": 0},
    "no material in the value": {"value.material": 0},
    "material 0.5 in the value": {"value.material": 0.5},
    "rollouts of 8 plies": {"selfplay.rollout_plies": 8, "evaluation.every_updates": 8},
    "rollouts of 64 plies": {"selfplay.rollout_plies": 64, "evaluation.every_updates": 1},
    "no random openings": {"selfplay.opening_plies": 0},
    "a third from the middle game": {"selfplay.midgame_share": 0.33},
    "no mirrored starts": {"selfplay.mirror": False},
    "no entropy bonus": {"algorithm.entropy_coefficient": 0, "algorithm.final_entropy_coefficient": 0},
    "entropy bonus not lowered": {"algorithm.final_entropy_coefficient": 0.005},
    "entropy bonus 0.02": {"algorithm.entropy_coefficient": 0.02, "algorithm.final_entropy_coefficient": 0.008},
    "advantages scaled per minibatch": {"algorithm.advantage_scaling": "minibatch"},
    "advantages not scaled": {"algorithm.advantage_scaling": "off"},
    "KL stop at 0.03": {"algorithm.target_kl": 0.03},
    "learning rate not lowered": {"optimizer.final_learning_rate": 3e-3},
    "a third of the learning rate": {"optimizer.learning_rate": 1e-3, "optimizer.final_learning_rate": 3e-4},
    "value head not trained": {"algorithm.value_coefficient": 0, "algorithm.final_value_coefficient": 0},
    "gamma 0.99": {"algorithm.gamma": 0.99},
    "lambda 0.97": {"algorithm.gae_lambda": 0.97},
    "two epochs": {"algorithm.epochs": 2},
    "a third against earlier snapshots": {"selfplay.pool_share": 0.33, "selfplay.pool_every_updates": 2},
}
"""Each part of the recipe, and what stands there instead."""


def curve(folder: Path) -> dict[str, Any]:
    """Reads a run: its plies and scores at each match, the last one, and its health at the end."""
    rows = metrics_of(folder)
    matches = [row for row in rows if "score" in row]
    tail = rows[-len(rows) // 4 :]
    health = ("explained_variance", "entropy", "tactics_share", "mean_game_plies")
    return {
        "plies": [row["plies"] for row in matches],
        "scores": [row["score"] for row in matches],
        "final": json.loads((folder / "result.json").read_text(encoding="utf-8"))["score"],
        "seconds": rows[-1]["elapsed_s"],
        **{name: fmean(row[name] for row in tail) for name in health if name in tail[-1]},
    }


def table(results: Mapping[str, list[dict[str, Any]]]) -> str:
    """Lists the variants, best first: mean and range of the last scores, the curve, health at the end."""
    lines = [
        "| variant | last score: mean (each seed) | less the recipe's, ± one standard error | mean over the curve"
        " | plies a game | explained variance of results |",
        "|---|---|---|---|---|---|",
    ]
    base = [run["final"] for run in results["recipe"]]
    order = sorted(results, key=lambda name: -fmean(run["final"] for run in results[name]))
    for name in order:
        runs = results[name]
        finals = [run["final"] for run in runs]
        differences = [final - other for final, other in zip(finals, base, strict=False)]
        against = "" if name == "recipe" else f"{fmean(differences):+.3f}{error(differences)}"
        lines.append(
            f"| {name} | **{fmean(finals):.3f}** ({', '.join(f'{final:.3f}' for final in finals)}) | {against}"
            f" | {fmean(map(area, runs)):.3f} | {mean_of(runs, 'mean_game_plies'):.0f}"
            f" | {mean_of(runs, 'explained_variance'):.2f} |"
        )
    return "\n".join(lines) + "\n"


def area(run: Mapping[str, Any]) -> float:
    """Returns the mean score over a run's plies, from 0 at the start, straight between matches."""
    plies, scores = [0, *run["plies"]], [0.0, *run["scores"]]
    steps = zip(plies, plies[1:], scores, scores[1:], strict=False)
    return fsum((later - sooner) * (one + other) / 2 for sooner, later, one, other in steps) / float(plies[-1])


def error(differences: list[float]) -> str:
    """Writes the standard error of a mean of differences seed by seed; nothing for a single one."""
    return f" ± {stdev(differences) / len(differences) ** 0.5:.3f}" if len(differences) > 1 else ""


def mean_of(runs: Sequence[dict[str, Any]], name: str) -> float:
    """Returns the mean of a figure over runs."""
    return fmean(run[name] for run in runs)


def effects(results: Mapping[str, list[dict[str, Any]]]) -> list[tuple[str, float, float]]:
    """Returns what each change does to the last score, seed by seed, and its standard error; the best first."""
    base = [run["final"] for run in results["recipe"]]
    found = []
    for name, runs in results.items():
        differences = [run["final"] - other for run, other in zip(runs, base, strict=False)]
        if name != "recipe":
            spread = stdev(differences) / len(differences) ** 0.5 if len(differences) > 1 else 0.0
            found.append((name, fmean(differences), spread))
    return sorted(found, key=lambda effect: -effect[1])


def chart(results: Mapping[str, list[dict[str, Any]]]) -> str:
    """Draws what each change does as dots with their standard errors, the best on top."""
    rows = effects(results)
    box = Box(300, 66, 330, ROW * len(rows))
    axis = Axis("last score less the recipe's, ± one standard error", MARKS)
    zero, bottom = box.at(axis.place(0), 0)
    parts = [
        text(16, 48, f"{len(results['recipe'])} seeds; hollow: within two standard errors of no effect", fill=SOFT)
    ]
    parts += [*marks_below(box, axis), line(zero, box.top, zero, bottom, SOFT)]
    for number, (name, effect, spread) in enumerate(rows):
        height = box.top + ROW * (number + 0.5)
        at, *ends = (box.at(axis.place(value), 0)[0] for value in (effect, effect - spread, effect + spread))
        parts.append(text(box.left - 16, height + 5, name, anchor="end"))
        parts.append(dot(at, height, *ends, COLOURS[0], is_hollow=abs(effect) <= 2 * spread))
        parts.append(text(box.left + box.width + 70, height + 5, f"{effect:+.2f}", anchor="end", fill=SOFT))
    best, worst = rows[0], rows[-1]
    told = f"{len(rows)} changes; the best, {best[0]}, {best[1]:+.2f}; the worst, {worst[0]}, {worst[1]:+.2f}."
    return document(720, int(bottom) + 60, "What a change of the recipe does to the score", told, parts)


def main() -> None:
    """Measures, unless only the chart is wanted, and draws."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="seeds of each variant (3)")
    parser.add_argument("--only", default="", help="names of variants to train, separated by commas")
    parser.add_argument("--work", type=Path, default=Path("runs/ablation"), help="folder of the runs (runs/ablation)")
    parser.add_argument("--out", type=Path, default=Path("docs/results"), help="folder of the results")
    parser.add_argument("--draw", action="store_true", help="train nothing, draw the results that are there")
    arguments = parser.parse_args()
    if not arguments.draw:
        measure(parser, arguments)
    results = json.loads((arguments.out / "ablation.json").read_text(encoding="utf-8"))
    (arguments.out / "ablation.svg").write_text(chart(results), encoding="utf-8")


def measure(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Trains what is not trained yet and writes curves and table."""
    unknown = {*filter(None, arguments.only.split(","))} - {*VARIANTS}
    if unknown:
        parser.error(f"no variants of these names: {', '.join(sorted(unknown))}; there are {', '.join(VARIANTS)}")
    folders = {
        (name, seed): arguments.work / f"{name.replace(' ', '-')}-{seed}"
        for seed in range(arguments.seeds)
        for name in VARIANTS
    }
    for (name, seed), folder in folders.items():
        if not arguments.only or name in arguments.only.split(","):
            train(RECIPE, folder, {**VARIANTS[name], "run.seed": seed})
            print(f"{name}, seed {seed}: done", flush=True)
    results: dict[str, list[dict[str, Any]]] = {}
    for (name, _), folder in folders.items():
        if is_complete(folder):
            results.setdefault(name, []).append(curve(folder))
    (arguments.out / "ablation.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (arguments.out / "ablation-table.md").write_text(f"# {TITLE}\n\n{table(results)}", encoding="utf-8")


if __name__ == "__main__":
    main()
