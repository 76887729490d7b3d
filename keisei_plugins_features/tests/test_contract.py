from keisei_core.testing import FeaturePlanesContract


class TestCore46(FeaturePlanesContract):
    name = "core46"
    absolute = ("black_to_move",)


class TestCheck(FeaturePlanesContract):
    name = "check"


class TestRepetition(FeaturePlanesContract):
    name = "repetition"


class TestPromotionZone(FeaturePlanesContract):
    name = "prom_zone"


class TestLastTwoPlies(FeaturePlanesContract):
    name = "last2ply"


class TestHandThermometer(FeaturePlanesContract):
    name = "hand_onehot"


class TestAttacks(FeaturePlanesContract):
    name = "attacks"


class TestSafe(FeaturePlanesContract):
    name = "safe"


class TestHistory(FeaturePlanesContract):
    name = "history"


class TestHistoryOfOnePosition(FeaturePlanesContract):
    name = "history"
    options = {"earlier": 1}
