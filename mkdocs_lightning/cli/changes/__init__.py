"""What a change to a site changes in what is heard: reads it as it was, compares, and prints the difference."""
