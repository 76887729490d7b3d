"""What a client does with an engine: says, waits, searches; complains where an answer is wrong or missing."""

import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Final, Self

import attrs

from keisei_core.shown import shown
from keisei_plugins_usi.conformance.engine_process import MOST_BYTES, MOST_LINES, EngineProcess, Line
from keisei_plugins_usi.conformance.heard import Heard
from keisei_plugins_usi.conformance.limits import Limits
from keisei_plugins_usi.conformance.option import Option
from keisei_plugins_usi.conformance.position import Position
from keisei_plugins_usi.conformance.verdict import WrongError, require

MOST_QUOTED: Final = 120
"""Characters of a line that is told."""
ANSWERS: Final = ("bestmove", "checkmate")


@attrs.frozen
class Answer:
    """What came of a search."""

    words: tuple[str, ...]
    """`bestmove` or `checkmate` with what follows."""
    seconds: float
    """Since the command that asked for it."""
    infos: tuple[Line, ...]
    """What came before it."""

    @property
    def move(self) -> str:
        """The first word behind `bestmove`; empty where there is none."""
        return self.words[1] if len(self.words) > 1 else ""

    def __str__(self) -> str:
        return f"{' '.join(self.words)} after {told(self.seconds)}"


class Client:
    """Speaks to one process of an engine."""

    def __init__(self, command: Sequence[str], limits: Limits, heard: Heard, folder: Path | None = None) -> None:
        """Starts the engine and sends nothing."""
        self.command, self.limits, self.heard = tuple(command), limits, heard
        self.process = EngineProcess(command, folder)
        self.name = self.author = ""
        self.options: tuple[Option, ...] = ()
        self.option_lines: tuple[str, ...] = ()
        self.hello_s = self.ready_s = self.longest_silence_s = 0.0
        """From the start to `usiok`, from the first `isready` to its `readyok`, and without a line in that time."""
        self._read = 0
        self._asked = self.process.started

    def another(self, folder: Path | None = None) -> Self:
        """Starts a second process of the engine."""
        return type(self)(self.command, self.limits, self.heard, folder)

    def soon(self, seconds: float) -> float:
        """Returns a limit as it stands on this machine."""
        return seconds * self.limits.slack

    def send(self, *lines: str | bytes) -> None:
        """Sends lines.

        Raises:
            WrongError: the engine has ended, or reads nothing.
        """
        for line in lines:
            raw = line.encode() if isinstance(line, str) else line
            self._asked = time.monotonic()
            if not self.process.send(raw + b"\n", self.soon(self.limits.timeout)):
                raise self._lost(f"{shown(raw[:60].decode(errors='replace'))!r} was not read")

    def next_line(self, within: float) -> Line | None:
        """Takes the next line; None where none comes in time."""
        line = self.process.line(self._read, within)
        self._read += line is not None
        return line

    def wait_for(self, heads: Collection[str], within: float) -> tuple[Line, list[Line]]:
        """Takes lines up to one that begins with one of these words; returns it and those before it.

        Raises:
            WrongError: it does not come in time.
        """
        end, before = time.monotonic() + within, list[Line]()
        while (line := self.next_line(end - time.monotonic())) is not None:
            if line.head in heads:
                return line, before
            before.append(line)
        raise self._lost(f"no {' or '.join(heads)} within {told(within)}", before)

    def require_silence(self, hushes: float = 1.0, but: Collection[str] = ("info",)) -> list[Line]:
        """Waits and refuses every line whose first word is not one of these; blank lines are nothing.

        Returns the lines that came.

        Args:
            hushes: how long it waits, in `Limits.hush`.
            but: what may come.

        Raises:
            WrongError: says what came.
        """
        end, came = time.monotonic() + hushes * self.limits.hush, list[Line]()
        while (line := self.next_line(end - time.monotonic())) is not None:
            require(not line.head or line.head in but, f"{line.text[:80]!r}, where nothing is due")
            came.append(line)
        if self.process.ended(0) is not None:
            raise self._lost("nothing is due")
        return came

    def hello(self, within: float | None = None) -> None:
        """Sends `usi` and reads what the engine tells of itself."""
        self.send("usi")
        last, before = self.wait_for(["usiok"], within or self.soon(self.limits.timeout))
        self.hello_s = last.at - self.process.started
        texts = [line.text for line in before]
        self.name, self.author = (
            next((text.removeprefix(head).strip() for text in texts if text.startswith(head)), "")
            for head in ("id name", "id author")
        )
        self.option_lines = tuple(text for text in texts if text.split()[:1] == ["option"])
        self.options = tuple(option for line in self.option_lines if (option := Option.read(line)))

    def ready(self, within: float | None = None) -> float:
        """Sends `isready` and waits for `readyok`; returns how long it took."""
        self.send("isready")
        asked = self._asked
        last, before = self.wait_for(["readyok"], self.limits.ready if within is None else self.soon(within))
        if not self.ready_s:
            times = [asked, *(line.at for line in before), last.at]
            self.ready_s = last.at - asked
            self.longest_silence_s = max(later - earlier for earlier, later in pairwise(times))
        return last.at - asked

    def option(self, *names: str) -> Option | None:
        """Returns the declared option of one of these names, whatever their case."""
        wanted = {name.lower() for name in names}
        return next((option for option in self.options if option.name.lower() in wanted), None)

    def go(self, position: Position, how: str = "") -> None:
        """Sends a position and starts a search."""
        self.send(position.text(), f"go {how}".strip())

    def answer(self, position: Position, within: float, heads: Sequence[str] = ("bestmove",)) -> Answer:
        """Waits for the answer to a search and judges it.

        Raises:
            WrongError: none comes in time, it is of another kind, or no legal move of the position.
        """
        line, before = self.wait_for(ANSWERS, self.soon(within))
        answer = Answer(tuple(line.text.split()), line.at - self._asked, tuple(before))
        require(answer.words[0] in heads and answer.move != "", f"{line.text!r} where {' or '.join(heads)} is due")
        if answer.words[0] == "bestmove":
            position.require_answer(answer.move)
        return answer

    def search(self, position: Position, how: str, within: float | None = None) -> Answer:
        """Searches a position to the end; the answer must be the only one."""
        self.go(position, how)
        return self.answer(position, self.limits.timeout if within is None else within)

    def settle(self) -> bool:
        """Ends what runs and takes all that is still to come; False where the engine does not follow."""
        with suppress(WrongError):
            self.send("stop")
            self.ready(self.limits.timeout)
            return self.process.ended(0) is None
        return False

    def require_end(self, within: float) -> tuple[float, int]:
        """Waits for the process to end and returns how long that took, and its exit code.

        Raises:
            WrongError: it runs on.
        """
        asked = time.monotonic()
        code = self.process.ended(self.soon(within))
        seconds = time.monotonic() - asked
        if code is None:
            raise WrongError(f"still running after {told(seconds)}")
        return seconds, code

    def close(self) -> None:
        """Ends the process, whatever it is doing."""
        self.process.kill()
        self.heard.note(self.process)

    def _lost(self, missing: str, before: Sequence[Line] = ()) -> WrongError:
        """Says why something is missing."""
        if self.process.is_flooding:
            return WrongError(f"{missing}: more than {MOST_BYTES >> 20} MiB or {MOST_LINES:,} lines")
        said = [line.text[:MOST_QUOTED] for line in before if line.head]
        code = self.process.ended(0.1)
        if code is None:
            return WrongError(missing + (f"; the last line is {said[-1]!r}" if said else ""))
        words = said[-1] if said and said[-1].startswith("info string") else self.process.last_words[:MOST_QUOTED]
        return WrongError(f"{missing}: it ended with {ending(code)}" + (f", its last words: {words}" if words else ""))


def ending(code: int) -> str:
    """Names an exit code."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def told(seconds: float) -> str:
    """Writes a time."""
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
