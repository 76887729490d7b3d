"""An opponent for Keisei: takes the most valuable piece in reach."""
