"""Tree search over a network's policy and value."""
