from keisei_core.testing import ModelContract


class TestBaselineAsItComes(ModelContract):
    name = "baseline"


class TestBaselineWithOneChannelOverEveryPlane(ModelContract):
    name = "baseline"
    options = {"channels": 1}
    features = "core46+all"


class TestBaselineOverEarlierPositions(ModelContract):
    name = "baseline"
    options = {"channels": 1}
    features = "core46+history"
