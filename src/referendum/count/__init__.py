"""The count: forms that add up, totals, and the result under the vote rule."""

from referendum.count.arlo import Batches, Columns, forms_of_batches
from referendum.count.aside import figures_of
from referendum.count.cast_vote_records import (
    CARDS,
    CastVoteRecords,
    Choice,
    forms_of_cards,
    records_of_cards,
)
from referendum.count.electors import electors_of_forms, require_electors, without_sums
from referendum.count.exclusion import require_questions
from referendum.count.formats import FORMATS, Format, electors_of, forms_of
from referendum.count.outstanding import Rest
from referendum.count.progress import latest, standing_of
from referendum.count.reconcile import (
    Beside,
    Entry,
    Reconciled,
    at_odds,
    between_forms,
    not_expected,
    reconcile,
    warnings_of,
)
from referendum.count.report import Heading, results_report
from referendum.count.result import Result, count_result, count_results
from referendum.count.rules import OTHER_CODES, RULES, Rule
from referendum.count.spelling import one_spelling, require_boxes, require_regions
from referendum.count.tables import (
    ACCOUNTS,
    ELECTORS_BY_DISTRICT,
    ELECTORS_BY_PLACE,
    EVERY_QUESTION,
    FORMS,
    KEY,
    PLACES,
    PREVIOUS,
    RETURNS,
    SET_ASIDE,
    WARNINGS,
)
from referendum.count.whole import (
    BETWEEN,
    SCHEMAS,
    STANDING,
    Said,
    Tables,
    Whole,
    of_one_part,
    put_together,
)

__all__ = [
    "ACCOUNTS",
    "BETWEEN",
    "CARDS",
    "ELECTORS_BY_DISTRICT",
    "ELECTORS_BY_PLACE",
    "EVERY_QUESTION",
    "FORMATS",
    "FORMS",
    "KEY",
    "OTHER_CODES",
    "PLACES",
    "PREVIOUS",
    "RETURNS",
    "RULES",
    "SCHEMAS",
    "SET_ASIDE",
    "STANDING",
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
    "Rest",
    "Result",
    "Rule",
    "Said",
    "Tables",
    "Whole",
    "at_odds",
    "between_forms",
    "count_result",
    "count_results",
    "electors_of",
    "electors_of_forms",
    "figures_of",
    "forms_of",
    "forms_of_batches",
    "forms_of_cards",
    "latest",
    "not_expected",
    "of_one_part",
    "one_spelling",
    "put_together",
    "reconcile",
    "records_of_cards",
    "require_boxes",
    "require_electors",
    "require_questions",
    "require_regions",
    "results_report",
    "standing_of",
    "warnings_of",
    "without_sums",
]
