"""The algorithm keeps the contract of algorithms."""

from keisei_core.decide import Decider, DeciderContext
from keisei_core.testing import AlgorithmContract
from keisei_plugins_search.decider import SearchDecider
from keisei_plugins_search.training_options import SearchDeciderOptions


class Searching(SearchDecider):
    """The decider whose columns are learned from."""

    def __init__(self, context: DeciderContext) -> None:
        super().__init__(context, SearchDeciderOptions(simulations=3, share=0.5))


class TestZero(AlgorithmContract):
    name = "zero"
    decider: type[Decider] = Searching
    follows_results = False


class TestZeroOfManyPassesThroughAShortWindow(TestZero):
    options = {"window": 2, "passes": 3, "result": 0.5}
