"""Samples, audio files and the formats that a site serves."""
