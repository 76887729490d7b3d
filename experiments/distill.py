"""A network taught into another: does a resnet that learns from a baseline come to play level with it?

    python experiments/distill.py [--teacher-plies 200000] [--plies 80000] [--games 400] [--out docs/results]

Trains a `baseline` on the planes core46, with the teacher `tactics`; then `resnet`s on more planes, from nothing:
one by nothing but the lessons of `distill`, one by these and PPO, the lessons fading to 0, one by PPO alone. Each then
plays the baseline, each random opening with both colours. Writes distill.json and distill.md. What is done already is
not done again: stopped at any time, it goes on where it was.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from command import match_of, metrics_of, train, where

RECIPE: Final = Path(__file__).parent / "distill" / "recipe.toml"
TEACHER: Final[Mapping[str, Any]] = {
    "model.name": "baseline",
    "input.features": "core46",
    "teaching.teachers": ["tactics"],
    "teaching.tactics.margin": 1,
    "teaching.tactics.mate_weight": 2.0,
    "teaching.tactics.side_mates": 0.25,
}
PUPIL: Final[Mapping[str, Any]] = {
    "model.name": "resnet",
    "model.tower_depth": 3,
    "model.tower_width": 32,
    "input.features": "core46+check+last2ply+attacks",
}
LESSONS: Final[Mapping[str, Any]] = {
    "teaching.teachers": ["distill"],
    "teaching.distill.weight": 4.0,
    "teaching.distill.final_weight": 4.0,
}
SILENT: Final[Mapping[str, Any]] = {
    "algorithm.clip": 1e-6,
    "algorithm.value_coefficient": 0.0,
    "algorithm.final_value_coefficient": 0.0,
    "algorithm.entropy_coefficient": 0.0,
    "algorithm.final_entropy_coefficient": 0.0,
}
"""PPO with nothing to say: what its ratios may move is next to nothing, and V is left to the teacher."""
PUPILS: Final[Mapping[str, Mapping[str, Any]]] = {
    "taught alone": {**LESSONS, **SILENT},
    "taught, then PPO": {**LESSONS, "teaching.distill.final_weight": 0.0},
    "PPO alone": {"teaching.teachers": []},
}
MATCH_SEED: Final = 1
SCORE: Final = ("games", "wins", "draws", "losses", "truncated", "score", "score_low", "score_high")
LESSON_FIGURES: Final = ("distill_kl", "distill_value_error")


def run(folder: Path, plies: int, *parts: Mapping[str, Any]) -> Path:
    """Trains a network for so many plies, or goes on with that; returns the run's folder."""
    changes = {key: value for part in parts for key, value in part.items()}
    train(RECIPE, folder, {**changes, "run.plies": plies})
    return folder


def measured(folder: Path, teacher: Path, games: int) -> dict[str, Any]:
    """Returns how long a pupil trained, what is left between it and the teacher, and its score against the teacher."""
    rows = metrics_of(folder)
    match = match_of(str(folder), str(teacher), games, MATCH_SEED)
    figures = {name: [rows[0][name], rows[-1][name]] for name in LESSON_FIGURES if name in rows[0]}
    trained = {name: rows[-1][name] for name in ("update", "plies", "games", "elapsed_s")}
    return {**trained, **figures, **{name: match[name] for name in SCORE}}


def config_of(folder: Path) -> str:
    """Returns a run's config, the paths in it as seen from here."""
    return (folder / "config.toml").read_text(encoding="utf-8").replace(f"{Path.cwd()}/", "")


def page(result: Mapping[str, Any]) -> str:
    """Writes the result for people."""
    teacher, taught = result["teacher"], result["pupils"]["taught alone"]
    is_level = taught["score_low"] <= 0.5 <= taught["score_high"] or taught["score_low"] > 0.5
    verdict = "plays at least level with it" if is_level else "does not play level with it"
    kl, error = (taught[name] for name in LESSON_FIGURES)
    rows = [
        f"| {name} | {row['plies']:,} | {row['score']:.3f} [{row['score_low']:.3f}, {row['score_high']:.3f}] "
        f"| {row['wins']}, {row['draws']}, {row['losses']}, {row['truncated']} |"
        for name, row in result["pupils"].items()
    ]
    lines = [
        "# A network taught into another",
        "",
        f"`make distill`: a `baseline` on core46, after {teacher['plies']:,} plies with the teacher `tactics`, is",
        "taught into a `resnet` of 3 blocks of 32 channels on core46+check+last2ply+attacks. Scores are against the",
        f"baseline, greedy, in pairs of random openings, {taught['games']} games each, with the 95 % interval of the",
        "match.",
        "",
        "| resnet | plies | score against the baseline | wins, draws, losses, cut off |",
        "|---|---|---|---|",
        *rows,
        "",
        f"By nothing but the lessons (`distill` at weight 4, PPO kept from saying anything) it {verdict}",
        f"after {taught['plies']:,} plies. Its divergence from the baseline's policy fell from {kl[0]:.2f} to",
        f"{kl[1]:.2f} nats, the squared error of its value from {error[0]:.3f} to {error[1]:.3f}.",
        "",
        "A pupil comes to its teacher and no further. The last row says what PPO does by itself in the same time:",
        "where that is more, lessons cost something, and those that fade (`final_weight = 0`) cost less. One seed of",
        "training: a hint, no proof.",
        "",
        f"{result['machine']}; Python {result['python']}, torch {result['torch']}, commit {result['commit']}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Does whatever is not done yet and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--teacher-plies", type=int, default=200_000, help="plies of the baseline (200000)")
    parser.add_argument("--plies", type=int, default=80_000, help="plies of each resnet (80000)")
    parser.add_argument("--games", type=int, default=400, help="games of a match (400)")
    parser.add_argument("--work", type=Path, default=Path("runs/distill"), help="folder of the runs (runs/distill)")
    parser.add_argument("--out", type=Path, default=Path("docs/results"), help="folder of the results")
    arguments = parser.parse_args()
    here, path = where(), {"teaching.distill.network": str(arguments.work / "teacher")}
    teacher = run(arguments.work / "teacher", arguments.teacher_plies, TEACHER)
    folders = {
        name: run(arguments.work / name.replace(",", "").replace(" ", "-"), arguments.plies, PUPIL, path, changes)
        for name, changes in PUPILS.items()
    }
    last = metrics_of(teacher)[-1]
    result = {
        "teacher": {name: last[name] for name in ("update", "plies", "games", "elapsed_s")},
        "pupils": {name: measured(folder, teacher, arguments.games) for name, folder in folders.items()},
        "configs": {name: config_of(folder) for name, folder in {"teacher": teacher, **folders}.items()},
        "seed_of_matches": MATCH_SEED,
        **here,
        "interval": "95 %, of this match between these two networks; training has one seed",
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "distill.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (arguments.out / "distill.md").write_text(page(result), encoding="utf-8")
    print(page(result))


if __name__ == "__main__":
    main()
