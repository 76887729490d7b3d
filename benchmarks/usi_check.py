"""Puts what `keisei usi-check` asks, and what came of it, into docs/usi-check.md: Fairy-Stockfish's answers and ours.

    python benchmarks/usi_check.py [--fairy /usr/games/fairy-stockfish]

Three minutes, on a machine without other work: some situations are about time.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from keisei_core.shown import shown
from keisei_plugins_usi.conformance.check import Check
from keisei_plugins_usi.conformance.limits import Limits
from keisei_plugins_usi.conformance.situations import SITUATIONS
from keisei_plugins_usi.conformance.verdict import Finding, Verdict
from keisei_plugins_usi.engine.launcher import write_launcher

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "usi-check.md"
NETWORK = ROOT / "docs" / "results" / "gate" / "new"
ASKED, ANSWERED, END = "<!-- asked -->\n", "<!-- python benchmarks/usi_check.py -->\n", "<!-- end -->\n"


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Returns a table in Markdown."""
    lines = [heads, ["---:", *["---"] * (len(heads) - 1)], *rows]
    return (
        "\n".join(f"| {' | '.join(shown(cell).replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
        + "\n"
    )


def asked() -> str:
    """Returns the table of all situations."""
    rows = [(each.row, f"`{each.name}`", each.sent, each.must, each.why) for each in SITUATIONS]
    return table(["row", "situation", "sent", "must come", "where it doesn't"], rows)


def answered(fairy: Sequence[Finding], ours: Sequence[Finding]) -> str:
    """Returns the table of what came."""
    rows = [
        (theirs.situation.row, f"`{theirs.situation.name}`", marked(theirs), theirs.came, marked(own), own.came)
        for theirs, own in zip(fairy, ours, strict=True)
    ]
    counts = [f"{sum(one.verdict is Verdict.WRONG for one in found)} wrong" for found in (fairy, ours)]
    heads = ["row", "situation", f"Fairy-Stockfish: {counts[0]}", "what came", f"Keisei: {counts[1]}", "what came"]
    return table(heads, rows)


def marked(finding: Finding) -> str:
    """Returns a verdict, one that is to be seen in bold."""
    return f"**{finding.verdict}**" if finding.verdict is Verdict.WRONG else str(finding.verdict)


def replaced(page: str, begin: str, text: str) -> str:
    """Returns a page with other text between a mark and the next end."""
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n{text}\n{END}{rest.partition(END)[2]}"


def main() -> None:
    """Writes both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fairy", default="/usr/games/fairy-stockfish", help="where the engine is")
    parser.add_argument("--slack", type=float, default=1.0, help="as in keisei usi-check")
    arguments = parser.parse_args()
    limits = Limits(slack=arguments.slack)
    with tempfile.TemporaryDirectory() as folder:
        ours = write_launcher(Path(folder), NETWORK.name, [str(NETWORK)])
        fairy, own = (list(Check([str(path)], limits).findings(SITUATIONS)) for path in (arguments.fairy, ours))
    page = replaced(PAGE.read_text(encoding="utf-8"), ASKED, asked())
    PAGE.write_text(replaced(page, ANSWERED, answered(fairy, own)), encoding="utf-8")


if __name__ == "__main__":
    main()
