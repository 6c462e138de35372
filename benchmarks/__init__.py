"""What is measured, by scripts that anyone can run; see README.md here."""
