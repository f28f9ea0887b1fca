"""The roll: the list of electors, normalised for sealing; decoys in copies of it."""

from referendum.roll.decoys import make_decoys
from referendum.roll.normalise import normalise_electors

__all__ = ["make_decoys", "normalise_electors"]
