"""The baseline network of Keisei: a plain CNN actor-critic."""
