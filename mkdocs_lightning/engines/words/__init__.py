"""When each word of a segment is heard."""
