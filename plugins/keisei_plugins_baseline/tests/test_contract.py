from types import MappingProxyType

from keisei_core.testing import ModelContract


class TestBaselineAsItComes(ModelContract):
    component = "baseline"


class TestBaselineWithOneChannelOverEveryPlane(ModelContract):
    component = "baseline"
    options = MappingProxyType({"channels": 1})
    features = "core46+all"
