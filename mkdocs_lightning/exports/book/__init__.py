"""A talking book of a site: EPUB 3.3 with Media Overlays, from the HTML of its pages and the cues of their clips."""
