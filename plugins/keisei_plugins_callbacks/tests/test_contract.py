from keisei_core.testing import CallbackContract


class TestTactics(CallbackContract):
    name = "tactics"


class TestTacticsOfFewPositions(CallbackContract):
    name = "tactics"
    options = {"positions": 7, "every_updates": 2}
    features = "core46+check"
