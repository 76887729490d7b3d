"""A precision policy for Keisei: float32 products on fewer bits."""
