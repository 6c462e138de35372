"""What single elements of a page mean to a listener: silence, labels, numbers, names."""
