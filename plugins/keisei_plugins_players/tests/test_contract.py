from keisei_core.testing import PlayerContract


class TestAlphaBetaAsItComes(PlayerContract):
    name = "alphabeta"


class TestAlphaBetaTwoPliesAheadAndHalfAtRandom(PlayerContract):
    name = "alphabeta"
    options = {"depth": 2, "random_moves": 0.5}
