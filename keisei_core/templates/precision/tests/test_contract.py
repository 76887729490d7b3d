"""What Keisei asks of a precision policy: each check of the public kit is a test here."""

from keisei_core.testing import PrecisionContract


class TestMyname(PrecisionContract):
    name = "myname"
    tolerance = 0.05  # bfloat16 keeps 8 bits


class TestMynameInFloat32(PrecisionContract):
    name = "myname"
    options = {"dtype": "float32", "channels_last": True}
    tolerance = 0.0
