"""Observation planes of Keisei: core46 and six optional sets."""
