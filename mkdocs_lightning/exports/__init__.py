"""What other programs read: the podcast, the talking book, descriptions for search engines; and the review."""
