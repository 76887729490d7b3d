"""Teachers: what is taught beside the games."""
