"""What Keisei asks of a start: each check of the public kit is a test here."""

from keisei_core.testing import StartContract


class TestMyname(StartContract):
    name = "myname"


class TestMynameWithTheKingAlone(StartContract):
    name = "myname"
    options = {"pieces": 19}
