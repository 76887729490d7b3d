"""The processes of a run on a Ray cluster."""
