"""What a page shows: players with their texts in 31 languages, highlighted sentences and captions."""
