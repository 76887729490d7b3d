from keisei_core.testing import ModelContract


class TestResNetAsItComes(ModelContract):
    name = "resnet"


class TestResNetWithoutSqueezeAndExcitation(ModelContract):
    name = "resnet"
    options = {"tower_depth": 1, "tower_width": 17, "se_ratio": 0.0}


class TestResNetOverEveryPlane(ModelContract):
    name = "resnet"
    options = {"tower_depth": 2, "tower_width": 24, "se_ratio": 1.0}
    features = "core46+all"


class TestResNetWithPartsNormalisedApart(ModelContract):
    name = "resnet"
    options = {"tower_depth": 1, "tower_width": 27, "norm_widths": [16, 8, 3]}


class TestResNetThatPoolsInEveryBlock(ModelContract):
    name = "resnet"
    options = {"tower_depth": 2, "tower_width": 16, "pool_every": 1}


class TestResNetWithAttention(ModelContract):
    name = "resnet"
    options = {"tower_depth": 1, "tower_width": 24, "norm_widths": [16, 8], "attention_blocks": 2, "attention_heads": 2}
