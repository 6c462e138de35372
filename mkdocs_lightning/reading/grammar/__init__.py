"""The `:::speak` grammar: what an author writes, from a line of colons to a block as a value."""
