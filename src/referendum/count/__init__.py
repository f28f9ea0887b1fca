"""The count: returns that add up, totals, and the result under the vote rule."""

from referendum.count.entry import ENTRY_RULES, EntryRule, compare_entries, warnings
from referendum.count.formats import FORMATS, Format, in_own_words, returns_of
from referendum.count.reconcile import Reconciled, reconcile
from referendum.count.result import Result, count_result
from referendum.count.tables import ELECTORS_BY_DISTRICT, RETURNS

__all__ = [
    "ELECTORS_BY_DISTRICT",
    "ENTRY_RULES",
    "FORMATS",
    "RETURNS",
    "EntryRule",
    "Format",
    "Reconciled",
    "Result",
    "compare_entries",
    "count_result",
    "in_own_words",
    "reconcile",
    "returns_of",
    "warnings",
]
