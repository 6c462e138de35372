"""What other programs read: the podcast feed and the descriptions for search engines."""
