"""The optimiser Muon for Keisei."""
