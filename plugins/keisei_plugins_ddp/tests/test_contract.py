from keisei_core.testing import DistributionContract


class TestDDP(DistributionContract):
    name = "ddp"
    worlds = {1: {"processes": 1}, 2: {"processes": 2}}
    restarts = {"processes": 2, "max_restarts": 1}
