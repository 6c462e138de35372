"""What other programs read: the podcast feed and the descriptions of clips for search engines."""
