"""Files from outside become checked tables."""
