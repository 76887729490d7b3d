"""What Keisei asks of an algorithm: each check of the public kit is a test here."""

from keisei_core.testing import AlgorithmContract


class TestMyname(AlgorithmContract):
    name = "myname"


class TestMynameWithoutEntropy(AlgorithmContract):
    name = "myname"
    options = {"entropy_coefficient": 0.0}
