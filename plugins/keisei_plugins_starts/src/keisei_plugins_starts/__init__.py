"""Where self-play starts: a file of openings, and shuffled set-ups."""
