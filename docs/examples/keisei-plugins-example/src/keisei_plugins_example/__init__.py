"""Planes, a network and a player for Keisei."""
