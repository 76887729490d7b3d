"""`keisei usi`: any player as an engine that user interfaces speak USI with."""
