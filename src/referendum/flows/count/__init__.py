"""Returns, records of cards and the result."""
