"""The commands that help while one writes, and need no site: `lint` and `schema`."""
