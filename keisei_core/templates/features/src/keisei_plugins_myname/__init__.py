"""Planes for Keisei: how far each square is from the kings."""
