"""What Keisei asks of a network: each check of the public kit is a test here."""

from keisei_core.testing import ModelContract


class TestMyname(ModelContract):
    name = "myname"


class TestMynameOverOtherPlanes(ModelContract):
    name = "myname"
    options = {"width": 16, "depth": 1}
    features = "core46+check"
