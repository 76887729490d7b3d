"""A command for Keisei: one metric of a run as a curve in a line of text."""
