"""The count: forms that add up, totals, and the result under the vote rule."""

from referendum.count.arlo import BatchForms, ChoiceColumns, join_batches
from referendum.count.cast_vote_records import (
    CARDS,
    CastVoteRecords,
    ContestChoice,
    forms_of_cards,
    records_of_cards,
)
from referendum.count.combination import (
    BETWEEN_PARTS,
    PLACE_STATUSES,
    SCHEMAS,
    CombinedReturns,
    Declaration,
    Tables,
    combine_parts,
    take_only_part,
)
from referendum.count.electors import drop_sum_rows, electors_of_forms, require_consistent_electors
from referendum.count.exclusion import require_questions
from referendum.count.formats import FORMATS, Format, to_electors, to_forms
from referendum.count.outstanding_vote import OpenReturns
from referendum.count.progress import place_statuses, replace_forms
from referendum.count.reconcile import (
    Entry,
    Reconciliation,
    ReferenceData,
    find_differing_accounts,
    find_faults_between_forms,
    find_unexpected_places,
    find_warnings,
    reconcile_forms,
)
from referendum.count.report import Heading, results_report
from referendum.count.result import Result, count_result, count_results
from referendum.count.rules import OTHER_CODES, RULES, Rule
from referendum.count.set_aside import figures_expression, mask_values
from referendum.count.spelling import require_distinct_boxes, require_known_regions, unify_spelling
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

__all__ = [
    "ACCOUNTS",
    "BETWEEN_PARTS",
    "CARDS",
    "ELECTORS_BY_DISTRICT",
    "ELECTORS_BY_PLACE",
    "EVERY_QUESTION",
    "FORMATS",
    "FORMS",
    "KEY",
    "OTHER_CODES",
    "PLACES",
    "PLACE_STATUSES",
    "PREVIOUS",
    "RETURNS",
    "RULES",
    "SCHEMAS",
    "SET_ASIDE",
    "WARNINGS",
    "BatchForms",
    "CastVoteRecords",
    "ChoiceColumns",
    "CombinedReturns",
    "ContestChoice",
    "Declaration",
    "Entry",
    "Format",
    "Heading",
    "OpenReturns",
    "Reconciliation",
    "ReferenceData",
    "Result",
    "Rule",
    "Tables",
    "combine_parts",
    "count_result",
    "count_results",
    "drop_sum_rows",
    "electors_of_forms",
    "figures_expression",
    "find_differing_accounts",
    "find_faults_between_forms",
    "find_unexpected_places",
    "find_warnings",
    "forms_of_cards",
    "join_batches",
    "mask_values",
    "place_statuses",
    "reconcile_forms",
    "records_of_cards",
    "replace_forms",
    "require_consistent_electors",
    "require_distinct_boxes",
    "require_known_regions",
    "require_questions",
    "results_report",
    "take_only_part",
    "to_electors",
    "to_forms",
    "unify_spelling",
]
