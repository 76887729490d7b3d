"""Callbacks: figures of a run beside the core's own."""
