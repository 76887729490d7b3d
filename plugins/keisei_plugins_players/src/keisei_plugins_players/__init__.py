"""Players for matches: alpha-beta over material."""
