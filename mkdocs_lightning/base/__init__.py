"""Helpers that know nothing of the rest of the package: errors, files and their quirks, addresses, waiting."""
