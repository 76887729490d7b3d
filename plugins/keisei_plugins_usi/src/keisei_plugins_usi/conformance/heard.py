"""What an engine said over all of its processes; judged when everything else was asked."""

from collections import Counter
from typing import Final

import attrs

from keisei_plugins_usi.conformance.engine_process import EngineProcess, Line

KNOWN: Final = {"id", "option", "usiok", "readyok", "info", "bestmove", "checkmate", "copyprotection", "registration"}
"""First words that a client expects."""


@attrs.define
class Heard:
    """Lines and bytes of stderr, gathered as processes end."""

    strange: Counter[str] = attrs.Factory(Counter)
    """Lines whose first word no client knows, with how often each came."""
    not_ascii: Counter[str] = attrs.Factory(Counter)
    """Lines with bytes above 127."""
    num_lines: int = 0
    stderr_bytes: int = 0
    """The most that one process wrote."""

    def note(self, process: EngineProcess) -> None:
        """Takes what a process wrote in its life."""
        self.num_lines += len(process.lines)
        self.stderr_bytes = max(self.stderr_bytes, process.stderr_bytes)
        for line in process.lines:
            self._note_line(line)

    def _note_line(self, line: Line) -> None:
        if not line.raw.isascii():
            self.not_ascii[line.text] += 1
        if line.head and line.head not in KNOWN:
            self.strange[line.text] += 1
