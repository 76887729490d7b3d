import math

import pytest

from keisei_core.observe import Channel, PlaneContext


@pytest.mark.parametrize("name", ["", "Pawn", "own pawn", "1st", "own-pawn"])
def test_channel_name_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        Channel(name)


@pytest.mark.parametrize("scale", [0.0, -1.0, math.nan, math.inf])
def test_channel_scale_that_loses_the_content_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="channel scale must be a finite number above 0"):
        Channel("ply", scale)


def test_game_without_plies_is_refused() -> None:
    with pytest.raises(ValueError, match="max_plies"):
        PlaneContext(max_plies=0)
