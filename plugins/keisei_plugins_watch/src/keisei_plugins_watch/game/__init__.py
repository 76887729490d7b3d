"""Playing in the browser: one game against one player, which all tabs of the page show."""
