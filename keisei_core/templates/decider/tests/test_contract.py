"""What Keisei asks of a decider: each check of the public kit is a test here."""

from keisei_core.testing import DeciderContract


class TestMyname(DeciderContract):
    name = "myname"


class TestMynameWithoutChance(DeciderContract):
    name = "myname"
    options = {"temperature": 0.01, "plies": 10}
