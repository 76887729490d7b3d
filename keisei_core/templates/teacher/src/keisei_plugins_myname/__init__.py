"""A teacher for Keisei: captures."""
