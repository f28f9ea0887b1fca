"""The rules of entry, as data: what a form must satisfy, and what must be explained.

The floor is the rule sets of two published systems: kiesraad/abacus (its codes F and W, in
backend/src/domain/validate.rs) and onaio/tally-ho (tally_ho/libs/verify/quarantine_checks.py).

A rule speaks only where all the numbers that it names were given: a form of totals alone is held
to fewer rules than one with a full ballot account.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Rule:
    """One rule of entry.

    Attributes:
        code: its name in records.
        level: an `error` sets the form aside until it is mended; a `warning` must be explained.
        column: the column at which it points.
        broken_when: when the rule is broken, as an SQL condition on the columns of a form.
        figures: the columns whose numbers are shown.
        meaning: what it says.
        counterparts: the rules of Abacus (F, W) and tally-ho that it answers to.
    """

    code: str
    level: Literal["error", "warning"]
    column: str
    broken_when: str
    figures: tuple[str, ...]
    meaning: str
    counterparts: str


_OFF = "voters - total - COALESCE(declined, 0) - COALESCE(taken_away, 0)"
_LARGE = f"ABS({_OFF}) >= 15 AND 50 * ABS({_OFF}) >= total"
_BOX = ("voters", "total", "declined", "taken_away", "difference")

RULES: tuple[Rule, ...] = (
    Rule(
        "does_not_add_up", "error", "total",
        "yes + no + informal <> total",
        ("yes", "no", "informal", "total"),
        "in the box = yes + no + informal",
        "F.203; reconciliation",
    ),
    Rule(
        "reasons_do_not_add_up", "error", "informal",
        "blank + no_initials + unclear + several_marks + contested + other <> informal",
        ("blank", "no_initials", "unclear", "several_marks", "contested", "other", "informal"),
        "the reasons add up to informal, a reason not given being none",
        "F.202, F.401 to F.403",
    ),
    Rule(
        "account_does_not_balance", "error", "received",
        "received <> unused + total + COALESCE(spoiled, 0) + COALESCE(declined, 0)"
        " + COALESCE(taken_away, 0) + COALESCE(missing, 0)",
        ("received", "unused", "total", "spoiled", "declined", "taken_away", "missing"),
        "received = unused + in the box + spoiled + declined + taken away + missing",
        "none; ballot account of Alberta and Canada",
    ),
    Rule(
        "voters_do_not_add_up", "error", "voters",
        "marked + COALESCE(added, 0) <> voters",
        ("marked", "added", "voters"),
        "voters = marked + added",
        "F.201",
    ),
    Rule(
        "difference_not_stated", "error", "difference",
        f"difference IS NULL AND {_OFF} <> 0",
        _BOX,
        "more or fewer voters than ballots must be stated on the form",
        "F.301, F.303, F.305, F.307, F.309",
    ),
    Rule(
        "difference_is_another", "error", "difference",
        f"difference <> {_OFF}",
        _BOX,
        "the difference stated is that of the figures",
        "F.302, F.304, F.306, F.308, F.310",
    ),
    Rule(
        "difference_not_explained", "error", "difference",
        "difference <> 0 AND explanation IS NULL",
        ("difference",),
        "a difference is explained",
        "F.312",
    ),
    Rule(
        "more_ballots_than_electors", "error", "total",
        "total > electors + COALESCE(added, 0) + 5 AND explanation IS NULL",
        ("total", "electors", "added"),
        "more than five ballots beyond the electors on the list and those added are explained",
        "over-voting",
    ),
    Rule(
        "many_blank", "warning", "blank",
        "total > 0 AND 100 * blank >= 3 * total",
        ("blank", "total"),
        "blank ballots are 3% or more",
        "W.201",
    ),
    Rule(
        "many_rejected", "warning", "informal",
        "total > 0 AND 100 * (informal - COALESCE(blank, 0)) >= 3 * total",
        ("informal", "blank", "total"),
        "rejected ballots (informal ones where blank is not told apart) are 3% or more",
        "W.202",
    ),
    Rule(
        "large_difference", "warning", "difference",
        _LARGE,
        _BOX,
        "voters and ballots differ by 15 or more and by 2% or more",
        "W.203",
    ),
    Rule("no_ballots", "warning", "total", "total = 0", ("total",), "no ballot at all", "W.204"),
    Rule(
        "no_electors", "warning", "electors", "electors = 0", ("electors",),
        "no elector on the list",
        "W.205",
    ),
    Rule(
        "fewer_electors_than_voters", "warning", "electors",
        "electors < voters",
        ("electors", "voters"),
        "more voters than electors on the list",
        "W.206",
    ),
    Rule(
        "more_ballots_than_voters", "warning", "total",
        "20 * total > 21 * voters",
        ("total", "voters"),
        "ballots exceed the voters by more than 5%",
        "card check",
    ),
)  # fmt: skip
"""Rules on one form. The first error found is the reason why a form is set aside."""

OTHER_CODES: dict[str, str] = {
    "missing": "a number or name that the form must have is not there",
    "not_a_number": "a cell is no whole number",
    "negative": "a number is below zero",
    "out_of_range": "a number is beyond what any place has",
    "control_character": "a name has a line break or another control character inside",
    "spelt_otherwise": "a name is spelt otherwise than in most rows: taken for the same name",
    "too_long": "a text is longer than 500 characters",
    "repeated": "the form of this question, kind and place came before",
    "not_final": "the file says that the row is not counted yet, or not finally",
    "sum_of_others": "the row is a sum of others: by its name, its code or its numbers",
    "sum_differs": "the row is named as a sum, and the others do not add up to it",
    "kinds_overlap": "the place has a form of kind `all` beside forms of other kinds",
    "equals_the_others": "the form has the numbers of all others of its district, its region or the"
    " whole together: is it a sum?",
    "not_expected": "the place is not on the list of places",
    "accounts_differ": "questions on a common ballot have different totals or ballot accounts",
    "entered_once": "only one of the two entries has the form",
    "entries_differ": "the two entries differ (Abacus W.001; tally-ho data entry 1 and 2)",
    "same_clerk": "both entries are by the same person",
    "no_clerk": "an entry does not say who keyed it",
    "swapped_with_neighbours": "yes and no may be swapped: see the rest of the district",
    "swapped_with_previous": "yes and no may be swapped: see the last vote of the place",
    "district_exceeds_electors": "the district has more ballots than electors",
    "running_totals": "the places are times of day, and no number falls from one to the next: is"
    " each the total so far?",
    "nearly_the_others": "the form has the numbers of all others of its district, its region or the"
    " whole together but for a few votes: is it a sum?",
    "looks_alike": "another region, district or place has a name that looks the same, in letters of"
    " another script: are they one?",
    "electors_differ": "the electors of the district are not those that its forms state",
    "electors_of_place_differ": "the forms of the place state different numbers of electors",
}
"""Codes of what is found between forms, or in a cell."""
