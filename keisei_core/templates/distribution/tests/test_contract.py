"""What Keisei asks of a distribution backend: each check of the public kit is a test here."""

from keisei_core.testing import DistributionContract


class TestMyname(DistributionContract):
    name = "myname"
    worlds = {1: {}, 2: {}}  # the options for one process and for two, which torchrun starts
