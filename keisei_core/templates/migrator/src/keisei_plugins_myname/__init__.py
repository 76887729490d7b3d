"""A checkpoint migrator for Keisei: fewer blocks of a network that has learned."""
