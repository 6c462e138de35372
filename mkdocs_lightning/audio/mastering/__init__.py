"""From the sentences of a clip to its sound: edges trimmed, voices brought to one loudness, peaks limited."""
