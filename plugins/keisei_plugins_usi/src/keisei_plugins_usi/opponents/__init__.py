"""Engines from outside as players."""
