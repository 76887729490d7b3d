"""Observation planes of Keisei: core46 and five optional sets."""
