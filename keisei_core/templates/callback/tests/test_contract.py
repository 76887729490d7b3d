"""What Keisei asks of a callback: each check of the public kit is a test here."""

from keisei_core.testing import CallbackContract


class TestMyname(CallbackContract):
    name = "myname"


class TestMynameNowAndThen(CallbackContract):
    name = "myname"
    options = {"every_updates": 3, "positions": 4}
