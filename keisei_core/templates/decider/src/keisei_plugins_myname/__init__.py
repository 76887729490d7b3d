"""A decider for Keisei: hotter at the start of a game."""
