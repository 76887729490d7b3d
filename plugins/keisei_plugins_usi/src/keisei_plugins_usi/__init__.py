"""USI for Keisei: an engine from every network, and every engine as an opponent."""
