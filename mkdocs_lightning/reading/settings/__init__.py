"""Settings of the voice and of pages: what is written, who speaks where, and which values are allowed."""
