"""Text as a terminal may have it: what others wrote, in checkpoints, games or packages, can't command it."""

import re
from typing import Final

_HIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, with ESC, and C1
    "\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # unseen, turning text
    "\ud800-\udfff]"  # bytes of a file name that are no UTF-8
)


def shown(text: object) -> str:
    r"""Returns a text on one line, with every character that is not printed as its escape: `\x1b`, `\n`, `\u202e`."""
    return _HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), str(text))
