"""Watching and playing in the browser: one server, which listens to this machine alone."""
