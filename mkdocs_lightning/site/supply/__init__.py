"""What a supply of clips does beside supplying them."""
