"""How the network of a checkpoint plays; imports no torch."""

from typing import Final

import attrs

from keisei_core.config.checks import at_least, at_most, network_path, setting

BEST: Final = ":best"
"""Behind the path of a run folder: the network that `[checkpoint] best_by` chose, in the place of the newest."""


@attrs.frozen(kw_only=True)
class CheckpointOptions:
    """Options of the player `checkpoint`."""

    path: str = network_path(
        "a run, whose newest good checkpoint plays or with :best behind it its best; a checkpoint; an export; keisei:"
    )
    temperature: float = setting(
        0.0, "0 plays the move its policy likes best; above 0 samples at this temperature", at_least(0), at_most(10)
    )
    avoid_repetition: bool = setting(True, "leave out moves that bring back a position of the game")
    precision: str = setting(
        "", "name of the precision it plays in; empty: that of its training, fp32 where this machine emulates that"
    )
    mates_in_one: bool = setting(False, "play a mate in one where there is one, whatever the policy says")
