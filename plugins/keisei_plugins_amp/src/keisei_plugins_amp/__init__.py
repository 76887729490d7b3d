"""Mixed precision for Keisei: bfloat16, and float16 with loss scaling."""
