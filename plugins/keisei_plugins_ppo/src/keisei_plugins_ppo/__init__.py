"""Proximal policy optimisation over alternating players."""
