"""The list of electors: sealed, handed out in copies, searched."""
