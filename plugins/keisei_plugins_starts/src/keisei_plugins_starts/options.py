"""The options of the starts; imports nothing heavy."""

import attrs

from keisei_core.config import at_least, at_most, path_setting, setting


@attrs.frozen(kw_only=True)
class BookOptions:
    """Which file is read, and how far its lines are followed."""

    path: str = path_setting("a file of SFENs and USI lines, one a line")
    plies: int = setting(0, "moves that are played of each line; 0 plays all of them", at_least(0), at_most(4_096))


@attrs.frozen(kw_only=True)
class ShuffledOptions:
    """How far a start is from the ordinary one."""

    symmetric: bool = setting(True, "White's pieces stand as Black's do, turned by 180 degrees; else each side's apart")
    swaps: int = setting(
        0,
        "times that two squares of a rank change what is on them; 0 takes every order as likely",
        at_least(0),
        at_most(100),
    )
    plies: int = setting(0, "a start lies 0 to this many random plies after that", at_least(0), at_most(300))
