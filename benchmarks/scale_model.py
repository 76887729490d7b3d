"""Predicts plies a second of many processes that train one network, from what the stages of an update take in one.

    python benchmarks/scale_model.py [--figures FILE]                   # the cases of a file; scale_model.toml
    python benchmarks/scale_model.py --measure [CONFIG]               # the stages on this machine, as TOML
    python benchmarks/scale_model.py --check [CONFIG] [--json]        # the prediction beside runs of 1 and 2 processes

docs/scaling.md has the formula and says where it stops being true; README.md beside this file explains the keys.
"""

import argparse
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
from scale_formula import Link, Stages, Work, predict

ROOT: Final = Path(__file__).parents[1]
FIGURES: Final = Path(__file__).with_suffix(".toml")
LEARN_JITTER: Final = 0.05
"""How much learning varies, where nothing else is said: less than acting, for its steps average out."""
SLOW_SHARE: Final = 0.02
"""Of stragglers in the table's last column: in one update of fifty a process acts a third as fast."""


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
