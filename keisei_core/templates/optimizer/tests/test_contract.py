"""What Keisei asks of an optimiser: each check of the public kit is a test here."""

from keisei_core.testing import OptimizerContract


class TestMyname(OptimizerContract):
    name = "myname"
    options = {"learning_rate": 0.01}  # the toy network of the kit is learned in 150 steps


class TestMynameWithoutMemory(OptimizerContract):
    name = "myname"
    options = {"learning_rate": 0.01, "momentum": 0.0, "warmup": 0.0}
