"""What Keisei asks of planes: each check of the public kit is a test here."""

from keisei_core.testing import FeaturePlanesContract


class TestMyname(FeaturePlanesContract):
    name = "myname"


class TestMynameWithShortReach(FeaturePlanesContract):
    name = "myname"
    options = {"reach": 2}
