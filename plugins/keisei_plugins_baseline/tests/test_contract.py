from types import MappingProxyType

from keisei_core.testing import ModelContract


class TestBaselineAsItComes(ModelContract):
    name = "baseline"


class TestBaselineWithOneChannelOverEveryPlane(ModelContract):
    name = "baseline"
    options = MappingProxyType({"channels": 1})
    features = "core46+all"
