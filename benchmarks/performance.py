"""Fills the table of docs/performance.md: the demo and the longer run by stage, on this machine.

    python benchmarks/performance.py [--rounds 15]

Run it where nothing else runs; the table is what `keisei benchmark --games 0 --markdown` prints.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "performance.md"
SUBJECTS: Final = ("keisei.toml", "experiments/long_run/recipe.toml")
BEGIN, END = "<!-- python benchmarks/performance.py -->\n", "<!-- end -->\n"


def measured(rounds: int) -> str:
    """Returns the table in Markdown, and where it was measured."""
    flags = ("--games", "0", "--rounds", str(rounds), "--markdown")
    command = (sys.executable, "-m", "keisei_core", "benchmark", *SUBJECTS, *flags)
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def filled(page: str, table: str) -> str:
    """Returns a page with another table between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table.rstrip()}\n{END}{after}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="rollouts and updates of each config")
    table = measured(parser.parse_args().rounds)
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), table), encoding="utf-8")
    print(table)
