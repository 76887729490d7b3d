"""A network for Keisei: separable convolutions."""
