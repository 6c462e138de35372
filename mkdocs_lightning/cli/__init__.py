"""The command `mkdocs-lightning`: shows what a site needs, synthesizes it, looks after the cache."""
