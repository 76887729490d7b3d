"""Text as a terminal may have it: what others wrote, in checkpoints, games or packages, can't command it."""

import logging
import re
import shlex
from typing import Final

MOST_TOLD: Final = 300
"""Characters of an exception that one line has room for."""
_HIDDEN: Final = (
    "[\x00-\x1f\x7f-\x9f"  # C0, with ESC, and C1
    "\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # unseen, turning text
    "\ud800-\udfff]"  # bytes of a file name that are no UTF-8
)
_IN_A_LINE: Final = re.compile(_HIDDEN)
_IN_LINES: Final = re.compile(rf"(?![\n\t]){_HIDDEN}")


def shown(text: object) -> str:
    r"""Returns a text on one line, with every character that is not printed as its escape: `\x1b`, `\n`, `\u202e`."""
    return _IN_A_LINE.sub(_escape, str(text))


def shown_lines(text: object) -> str:
    """Returns a text of several lines likewise, which stay lines."""
    return _IN_LINES.sub(_escape, str(text))


def one_line(error: BaseException) -> str:
    """Writes an exception as `Type: text`, its lines as one and not without end; a stranger's may fail at that too."""
    try:
        text = " ".join(str(error).split())
    except BaseException:  # it would end the process where it is told of
        text = ""
    return f"{type(error).__name__}{text and ': '}{text}"[:MOST_TOLD]


def first_line(error: BaseException) -> str:
    """Returns the first line of an exception's text that has something in it, the exception's type where none has."""
    return next(filter(None, map(str.strip, str(error).splitlines())), type(error).__name__)


def command_line(*words: object) -> str:
    """Returns a command to be typed, its words quoted for a shell where they need it."""
    return shown(shlex.join(map(str, words)))


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


def _show(record: logging.LogRecord) -> bool:
    record.msg, record.args = shown_lines(record.getMessage()), ()
    return True


logging.getLogger("keisei").addFilter(_show)  # every message, whoever logs it and wherever it goes
