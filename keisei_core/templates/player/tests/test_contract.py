"""What Keisei asks of a player: each check of the public kit is a test here."""

from keisei_core.testing import PlayerContract


class TestMyname(PlayerContract):
    name = "myname"


class TestMynameWithoutGreed(PlayerContract):
    name = "myname"
    options = {"greed": 0.0}
