"""Observation planes of Keisei: core46 and seven optional sets."""
