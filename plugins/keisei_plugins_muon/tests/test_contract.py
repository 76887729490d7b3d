"""Muon keeps the contract of optimisers."""

from keisei_core.testing import OptimizerContract


class TestMuon(OptimizerContract):
    name = "muon"


class TestMuonWarmedUp(OptimizerContract):
    name = "muon"
    options = {"warm_up": 0.2, "momentum": 0.9}
