"""Speed, memory and strength of any config and any checkpoint, in one table."""
