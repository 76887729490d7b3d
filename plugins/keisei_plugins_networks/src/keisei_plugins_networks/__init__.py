"""Networks that come with Keisei: trained, and ready to play."""
