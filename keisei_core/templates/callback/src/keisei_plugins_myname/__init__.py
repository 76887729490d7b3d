"""A callback for Keisei: how long and how varied the games are that a run learns from."""
