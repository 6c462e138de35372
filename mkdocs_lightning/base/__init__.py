"""What every room needs: errors, addresses, files, waiting. Knows nothing of the rest of the package."""
