"""Watching a run: its files are followed, its process is asked to save and stop; the trainer knows nothing of it."""
