"""Curves of a run in Trackio, which needs no account."""
