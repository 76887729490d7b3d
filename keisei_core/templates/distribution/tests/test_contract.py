"""What Keisei asks of a distribution backend: each check of the public kit is a test here.

torchrun starts the processes, so that the kit can't start several; tests/test_myname.py does.
"""

from keisei_core.testing import DistributionContract


class TestMyname(DistributionContract):
    name = "myname"
