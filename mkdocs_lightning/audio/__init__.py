"""Audio: samples, files and formats. Only `formats` may be loaded without numpy and soundfile."""
