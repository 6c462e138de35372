"""From Markdown to sentences: blocks, scripts, voices, and the keys that identify what is synthesized."""
