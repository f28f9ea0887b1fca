"""The count: returns that add up, totals, and the result under the vote rule."""

from referendum.count.formats import FORMATS, Format, in_own_words
from referendum.count.reconcile import Reconciled, reconcile
from referendum.count.result import Result, count_result
from referendum.count.tables import ELECTORS_BY_DISTRICT, RETURNS

__all__ = [
    "ELECTORS_BY_DISTRICT",
    "FORMATS",
    "RETURNS",
    "Format",
    "Reconciled",
    "Result",
    "count_result",
    "in_own_words",
    "reconcile",
]
