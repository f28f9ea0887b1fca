"""The count: forms that add up, totals, and the result under the vote rule."""

from referendum.count.formats import FORMATS, Format, electors_of, forms_of
from referendum.count.progress import latest, standing_of
from referendum.count.reconcile import Beside, Entry, Reconciled, reconcile, warnings_of
from referendum.count.result import Result, count_result, count_results
from referendum.count.rules import OTHER_CODES, RULES, Rule
from referendum.count.tables import (
    ACCOUNTS,
    ELECTORS_BY_DISTRICT,
    ELECTORS_BY_PLACE,
    FORMS,
    KEY,
    PLACES,
    PREVIOUS,
    RETURNS,
    WARNINGS,
)

__all__ = [
    "ACCOUNTS",
    "ELECTORS_BY_DISTRICT",
    "ELECTORS_BY_PLACE",
    "FORMATS",
    "FORMS",
    "KEY",
    "OTHER_CODES",
    "PLACES",
    "PREVIOUS",
    "RETURNS",
    "RULES",
    "WARNINGS",
    "Beside",
    "Entry",
    "Format",
    "Reconciled",
    "Result",
    "Rule",
    "count_result",
    "count_results",
    "electors_of",
    "forms_of",
    "latest",
    "reconcile",
    "standing_of",
    "warnings_of",
]
