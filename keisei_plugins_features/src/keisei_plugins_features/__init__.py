"""Observation planes of Keisei: core46 and eight optional sets."""
