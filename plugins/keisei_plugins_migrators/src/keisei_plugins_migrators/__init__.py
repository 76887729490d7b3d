"""The checkpoint migrators of Keisei."""
