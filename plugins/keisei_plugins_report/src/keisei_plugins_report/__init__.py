"""The report of a Keisei run: one page that opens by itself."""
