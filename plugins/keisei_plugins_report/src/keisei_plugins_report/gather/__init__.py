"""What the page shows, gathered from run folders as one JSON document."""
