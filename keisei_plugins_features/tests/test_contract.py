from keisei_core.testing import FeaturePlanesContract


class TestCore46(FeaturePlanesContract):
    component = "core46"
    absolute = ("black_to_move",)


class TestCheck(FeaturePlanesContract):
    component = "check"


class TestRepetition(FeaturePlanesContract):
    component = "repetition"


class TestPromotionZone(FeaturePlanesContract):
    component = "prom_zone"


class TestLastTwoPlies(FeaturePlanesContract):
    component = "last2ply"


class TestHandThermometer(FeaturePlanesContract):
    component = "hand_onehot"
