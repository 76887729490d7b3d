"""USI from outside: what clients count on, tried on any engine."""
