"""The roll: the list of electors, normalised for sealing; decoys in copies of it."""

from referendum.roll.copies import put_together
from referendum.roll.decoys import has_gaps, make_decoys
from referendum.roll.normalise import normalise_electors

__all__ = ["has_gaps", "make_decoys", "normalise_electors", "put_together"]
