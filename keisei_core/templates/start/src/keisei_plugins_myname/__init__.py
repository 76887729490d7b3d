"""Starts for Keisei: White plays without a few pieces."""
