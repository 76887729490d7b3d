"""What Keisei asks of each part."""

from keisei_core.testing import FeaturePlanesContract, ModelContract, PlayerContract


class TestCrowd(FeaturePlanesContract):
    name = "crowd"


class TestMixer(ModelContract):
    name = "mixer"


class TestMixerOverCrowd(ModelContract):
    name = "keisei-plugins-example:mixer"
    options = {"width": 16, "depth": 2}
    features = "core46+crowd"


class TestPromoter(PlayerContract):
    name = "promoter"
