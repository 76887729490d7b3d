"""A tracker for Keisei: metrics as a table of comma-separated values."""
