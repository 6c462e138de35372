"""What a change to a site changes in what is heard, and what that costs."""
