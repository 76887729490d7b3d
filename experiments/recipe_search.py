"""Which recipe is strongest for its computing time? Successive halving over stated keys, at equal core-seconds.

    python experiments/recipe_search.py [--study parts] [--games 100] [--minutes 170] [--out docs/results]

A study of recipe_search/studies.toml states candidates: keys that recipe_search/recipe.toml is changed by. All of them
train for the core-seconds of the first rung, measured by the runs themselves and not by the clock, since other work may
share the machine; the best third trains anew for those of the next rung, with more seeds, and so on. Where a study has
a network to start with, all go on from it, and core-seconds count from there. A score is the mean of the points against
the study's opponents: by policy, and by 32 simulations against those that it says are met searching. Engines from
outside that are not installed are left out.

Every run that is over is a line of recipe_search.jsonl; recipe_search.md has the tables, recipe_search-STUDY.svg a
picture of each study. Stopped or killed at any time, it goes on where it was.
"""

import argparse
import json
import shutil
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Final

import attrs
from chart import COLOURS, ROW, SOFT, Axis, Box, document, dot, line, marks_below, text
from command import keisei, match_of, metrics_of, train, where
from halving import ROOT, Line, Results, Study, Task, by_search, search, studies

HOME: Final = Path(__file__).parent
RECIPE: Final = HOME / "recipe_search" / "recipe.toml"
STUDIES: Final = HOME / "recipe_search" / "studies.toml"
ENGINES: Final = HOME / "external_ladder" / "engines.toml"
USI: Final = "usi:"
SIMULATIONS: Final = 32
"""Of a network that searches in its last matches."""
MATCH_SEED: Final = 1
DIVERGED: Final = 5
"""Exit code of a run that diverged."""
MARKS: Final = tuple((tenth / 5, f"{tenth / 5:g}") for tenth in range(6))


def installed(opponents: Sequence[str]) -> tuple[str, ...]:
    """Returns the opponents that are there to play."""
    engines = tomllib.loads(ENGINES.read_text(encoding="utf-8"))["engines"]
    return tuple(
        opponent
        for opponent in opponents
        if not opponent.startswith(USI) or shutil.which(engines[opponent.removeprefix(USI)]["command"][0])
    )


def as_player(opponent: str) -> str:
    """Returns an opponent as a config has it: engines from outside with the file that describes them."""
    if opponent.startswith(USI):
        return f"{opponent},file={ENGINES}"
    return str(ROOT / opponent) if (ROOT / opponent).exists() else opponent


def run_task(task: Task, work: Path, games: int) -> Line:
    """Trains, plays, and returns what came of it; the run's folder is gone then. Who diverges has no points.

    Raises:
        SystemExit: the run failed otherwise or was stopped.
    """
    folder, study = work / task.folder, task.study
    is_begun = (folder / "config.toml").exists() and any((folder / "checkpoints").glob("update-*"))
    if folder.exists() and not is_begun:
        shutil.rmtree(folder)  # killed before it had anything to go on from
    first, *others = map(as_player, study.opponents)
    length = {"run.core_minutes": task.core_s / 60, "run.seed": task.seed}
    matches = {"evaluation.opponent": first, "evaluation.rungs": others}
    numbers = {"evaluation.final_games": games, "evaluation.rung_games": games}
    try:
        start = ROOT / study.start if study.start else None
        train(RECIPE, folder, {**task.changes, **length, **matches, **numbers}, start)
    except SystemExit as error:
        if error.code != DIVERGED:
            raise
        found = {"score": 0.0, "points": dict.fromkeys(study.met, 0.0), "games": games, **figures(folder)}
    else:
        found = outcome(task, folder, games)
    shutil.rmtree(folder)
    return found


def outcome(task: Task, folder: Path, games: int) -> Line:
    """Plays the searching matches of a run that is over and has played by its policy; returns what came of it all."""
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    scores = [result["score"], *(rung["score"] for rung in result["rungs"])]
    points = dict(zip(task.study.opponents, scores, strict=True))
    searching = f"{folder}:simulations={SIMULATIONS}"
    for opponent in task.study.searched:
        points[by_search(opponent)] = match_of(searching, as_player(opponent), games, MATCH_SEED)["score"]
    return {"score": fmean(points.values()), "points": points, "games": result["games"], **figures(folder)}


def figures(folder: Path) -> Line:
    """Returns what a run took: core-seconds, seconds, plies, and the commit."""
    last = [{"core_s": 0.0, "elapsed_s": 0.0, "plies": 0}, *metrics_of(folder)][-1]
    return {
        "used_core_s": round(last["core_s"], 1),
        "elapsed_s": round(last["elapsed_s"], 1),
        "plies": last["plies"],
        "commit": where()["commit"],
    }


def page(of: Mapping[str, Study], results: Results) -> str:
    """Writes all that is known: for each study that has begun, a table for each rung, the best first."""
    lines = ["# Recipes at equal core-seconds", ""]
    for study in begun(of, results):
        lines += [f"## {study.name}", "", f"{study.about}.", ""]
        lines += [row for core_s in study.rungs for row in table(study, core_s, results)]
        lines += [f"![{study.about}](recipe_search-{study.name}.svg)", ""]
    machine = where()
    told = f"{machine['machine']}, torch {machine['torch']}, one thread a run."
    return "\n".join([*lines, told, "", *by_earlier(results)])


def by_earlier(results: Results) -> list[str]:
    """Returns the lines of the runs by earlier recipes, which no table counts; none where there are none."""
    runs = results.by_earlier_recipes()
    if not runs:
        return []
    intro = "Each recipe is known by the first digits of its file's SHA-256; not to be compared with the above:"
    columns = "| recipe | study | candidate | core-seconds | seed | score | points | plies |"
    lines = ["## By earlier recipes", "", intro, "", columns, "|---" * 8 + "|"]
    for run in runs:
        points = ", ".join(f"{name} {score:.3f}" for name, score in run["points"].items())
        lines.append(
            f"| {run['recipe']} | {run['study']} | {run['candidate']} | {run['core_s']:g} | {run['seed']} "
            f"| {run['score']:.3f} | {points} | {run['plies']:,} |"
        )
    return [*lines, ""]


def table(study: Study, core_s: float, results: Results) -> list[str]:
    """Returns the lines of a rung's table; none where nothing was run."""
    ranked = list(standings(study, core_s, results))
    if not ranked:
        return []
    met = list(dict.fromkeys(opponent for _, runs in ranked for run in runs for opponent in run["points"]))
    lines = [
        f"{core_s:g} core-seconds of training, {ranked[0][1][0]['games']} games against each opponent:",
        "",
        f"| candidate | score | {' | '.join(met)} | seeds | plies |",
        "|---" * (4 + len(met)) + "|",
    ]
    for name, runs in ranked:
        cells = [mean_and_error([run["points"][each] for run in runs]) for each in met]
        score, plies = (fmean(run[figure] for run in runs) for figure in ("score", "plies"))
        lines.append(f"| {name} | **{score:.3f}** | {' | '.join(cells)} | {len(runs)} | {plies:,.0f} |")
    return [*lines, ""]


def standings(study: Study, core_s: float, results: Results) -> Iterator[tuple[str, list[Line]]]:
    """Yields the candidates that have run at a rung, with their runs, the best first."""
    runs = {name: results.of(study, core_s, name) for name in study.candidates}
    for name in sorted(filter(runs.get, runs), key=lambda name: -results.score(study, core_s, name)):
        yield name, runs[name]


def mean_and_error(scores: Sequence[float]) -> str:
    """Writes the mean of the seeds' scores and its standard error, which takes two seeds."""
    error = f" ± {stdev(scores) / len(scores) ** 0.5:.3f}" if len(scores) > 1 else ""
    return f"{fmean(scores):.3f}{error}"


def picture(study: Study, results: Results) -> str:
    """Draws the mean scores of a study's candidates with their ranges: a row for each rung that a candidate climbed."""
    rows = [
        (rung, name, [run["score"] for run in runs])
        for rung, core_s in enumerate(study.rungs)
        for name, runs in standings(study, core_s, results)
    ]
    box, axis = Box(420, 40, 330, ROW * len(rows)), Axis("score; the line goes from seed to seed", MARKS)
    parts = list(marks_below(box, axis))
    for number, (rung, name, scores) in enumerate(rows):
        height = box.top + ROW * (number + 0.5)
        at, *ends = (box.at(axis.place(value), 0)[0] for value in (fmean(scores), min(scores), max(scores)))
        if number and rows[number - 1][0] != rung:
            parts.append(line(16, height - ROW / 2, box.left + box.width, height - ROW / 2))
        parts.append(text(box.left - 16, height + 5, f"{name}, {study.rungs[rung]:g} s", anchor="end"))
        parts.append(dot(at, height, *ends, COLOURS[rung % len(COLOURS)]))
        parts.append(text(box.left + box.width + 60, height + 5, f"{fmean(scores):.2f}", anchor="end", fill=SOFT))
    rung, name, scores = next(row for row in rows if row[0] == rows[-1][0])
    told = f"The best after {study.rungs[rung]:g} core-seconds is {name}, with {fmean(scores):.2f}."
    return document(840, int(box.top + box.height) + 60, study.about, told, parts)


def write(out: Path, of: Mapping[str, Study], results: Results) -> None:
    """Writes the page and the pictures as the results stand."""
    (out / "recipe_search.md").write_text(page(of, results), encoding="utf-8")
    for study in begun(of, results):
        (out / f"recipe_search-{study.name}.svg").write_text(picture(study, results), encoding="utf-8")


def begun(of: Mapping[str, Study], results: Results) -> Iterator[Study]:
    """Yields the studies of which something was run."""
    for study in of.values():
        if any(results.of(study, core_s, name) for core_s in study.rungs for name in study.candidates):
            yield study


def main() -> None:
    """Runs what is not done yet and writes the results after every run."""
    known = {
        name: attrs.evolve(study, opponents=installed(study.opponents), searched=installed(study.searched))
        for name, study in studies(STUDIES).items()
    }
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--study", default="parts", choices=known, help="what is searched (parts)")
    parser.add_argument("--games", type=int, default=100, help="of a run against each opponent (100)")
    parser.add_argument("--minutes", type=float, default=170, help="no run begins after so long (170)")
    parser.add_argument("--work", type=Path, default=Path("runs/recipe-search"), help="folder of the runs")
    parser.add_argument("--out", type=Path, default=Path("docs/results"), help="folder of the results (docs/results)")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    results, end = Results(arguments.out / "recipe_search.jsonl", RECIPE), time.monotonic() + 60 * arguments.minutes
    keisei("warm")  # to compile is none of a run's business

    def run(task: Task) -> Line:
        return run_task(task, arguments.work / results.recipe, arguments.games)

    for task in search(known[arguments.study], results, run, end):
        print(f"{task.core_s:g} s, seed {task.seed}: {task.candidate}: {results.lines[-1]['score']:.3f}", flush=True)
        write(arguments.out, known, results)
    write(arguments.out, known, results)


if __name__ == "__main__":
    main()
