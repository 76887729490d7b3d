"""What a check found, as text, Markdown or data."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from keisei_core.shown import shown
from keisei_plugins_usi.conformance.verdict import Finding, Verdict

SCHEMA: Final = 1
_WIDTHS: Final = (3, 22, 9)


def text(finding: Finding) -> str:
    """Returns a row, and what stands below it where something is wrong."""
    situation = finding.situation
    cells = (str(situation.row).rjust(_WIDTHS[0]), situation.name.ljust(_WIDTHS[1]), finding.verdict.ljust(_WIDTHS[2]))
    row = "  ".join((*cells, shown(finding.came)))
    if finding.verdict is not Verdict.WRONG:
        return row
    return f"{row}\n       sent: {situation.sent}\n       must: {situation.must}\n       why:  {situation.why}"


def heading() -> str:
    """Returns the head of the rows."""
    row, name, verdict = _WIDTHS
    return f"{'row':>{row}}  {'situation':{name}}  {'verdict':{verdict}}  what came"


def summary(findings: Sequence[Finding]) -> str:
    """Counts the verdicts."""
    counts = Counter(finding.verdict for finding in findings)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict)


def markdown(findings: Sequence[Finding]) -> str:
    """Returns the table with every column."""
    lines = ["| row | situation | sent | verdict | what came | why it matters |", "|---:|---|---|---|---|---|"]
    for finding in findings:
        asked = finding.situation
        verdict = f"**{finding.verdict}**" if finding.verdict is Verdict.WRONG else str(finding.verdict)
        cells = (str(asked.row), f"`{asked.name}`", asked.sent, verdict, finding.came, asked.why)
        lines.append(f"| {' | '.join(shown(cell).replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines)


def data(command: Sequence[str], findings: Sequence[Finding]) -> dict[str, Any]:
    """Returns what `--json` prints."""
    return {
        "schema": SCHEMA,
        "command": list(command),
        "counts": {str(verdict): sum(finding.verdict is verdict for finding in findings) for verdict in Verdict},
        "situations": [
            {
                "row": finding.situation.row,
                "name": finding.situation.name,
                "verdict": str(finding.verdict),
                "came": finding.came,
                "seconds": round(finding.seconds, 3),
                "sent": finding.situation.sent,
                "must": finding.situation.must,
                "why": finding.situation.why,
            }
            for finding in findings
        ],
    }
