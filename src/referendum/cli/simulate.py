"""`referendum simulate`: made-up petitions with known truth."""
