"""The roll: the list of electors, made ready for sealing."""

from referendum.roll.normalise import normalise_electors

__all__ = ["normalise_electors"]
