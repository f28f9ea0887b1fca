"""Tables from outside become checked frames."""
