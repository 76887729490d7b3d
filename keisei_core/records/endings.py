"""How games end, in the words of KIF and CSA.

After the last ply the mover is who would be to move, and the waiter who moved last; a row of an ending belongs to the
mover's turn in both formats.
"""

from typing import Final

import attrs

MOVER: Final = "mover"
WAITER: Final = "waiter"
NOBODY: Final = ""
GOES_ON: Final = "none"


@attrs.frozen
class EndingText:
    """One way to end."""

    kif: str
    """The row after the last move."""
    csa: str
    """The line after the last move; `±` stands for the waiter's sign."""
    winner: str = NOBODY
    """Who wins: the mover, the waiter or nobody."""
    subject: str = NOBODY
    """Whom the last line of KIF speaks of; nobody where it repeats the row."""
    predicate: str = ""
    """What it says of them."""


ENDINGS: Final = {
    "mate": EndingText("詰み", "%TSUMI", WAITER, WAITER, "の勝ち"),
    "resignation": EndingText("投了", "%TORYO", WAITER, WAITER, "の勝ち"),
    "illegal_move": EndingText("反則負け", "%ILLEGAL_MOVE", WAITER, MOVER, "の反則負け"),
    "silence": EndingText("切れ負け", "%TIME_UP", WAITER, WAITER, "の勝ち"),
    # KIF has no word for a program that failed: whoever does not play on loses by default.
    "death": EndingText("不戦敗", "%ERROR", WAITER, WAITER, "の勝ち"),
    "declaration": EndingText("入玉勝ち", "%KACHI", MOVER, MOVER, "の入玉勝ち"),
    "perpetual_check_by_opponent": EndingText("反則負け", "%ILLEGAL_MOVE", WAITER, MOVER, "の反則負け"),
    "perpetual_check_by_mover": EndingText("反則勝ち", "%±ILLEGAL_ACTION", MOVER, MOVER, "の反則勝ち"),
    "repetition": EndingText("千日手", "%SENNICHITE"),
    # A game that was cut off is no draw; KIF has no other word for it than a game broken off.
    "max_plies": EndingText("中断", "%MAX_MOVES"),
    GOES_ON: EndingText("中断", "%CHUDAN"),
}
"""By the name that games files have. `by_mover` and `by_opponent` are told of who moved last, as `Ending` is."""
