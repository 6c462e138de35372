"""What a reader sees and hears: players, highlights, captions and the words on the controls."""
