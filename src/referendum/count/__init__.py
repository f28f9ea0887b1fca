"""The count: forms that add up, totals, and the result under the vote rule."""

from referendum.count.arlo import Batches, Columns, forms_of_batches
from referendum.count.cast_vote_records import (
    CARDS,
    CastVoteRecords,
    Choice,
    forms_of_cards,
    records_of_cards,
)
from referendum.count.formats import FORMATS, Format, electors_of, forms_of
from referendum.count.progress import latest, standing_of
from referendum.count.reconcile import (
    Beside,
    Entry,
    Reconciled,
    at_odds,
    not_expected,
    reconcile,
    warnings_of,
)
from referendum.count.report import Heading, results_report
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
    "CARDS",
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
    "Batches",
    "Beside",
    "CastVoteRecords",
    "Choice",
    "Columns",
    "Entry",
    "Format",
    "Heading",
    "Reconciled",
    "Result",
    "Rule",
    "at_odds",
    "count_result",
    "count_results",
    "electors_of",
    "forms_of",
    "forms_of_batches",
    "forms_of_cards",
    "latest",
    "not_expected",
    "reconcile",
    "records_of_cards",
    "results_report",
    "standing_of",
    "warnings_of",
]
