"""The closed lists of what bundles hold, by kind: files, their columns, and codes in them.

A file whose name ends with `?` may be absent.
"""

from referendum.verify.report import Mismatch

_FORM = ("question", "kind", "region", "district", "place")
_BOX = ("question", "region", "district", "place")
_SUMS = ("yes", "no", "formal", "informal", "total")

FILES: dict[str, dict[str, tuple[tuple[str, ...], ...]]] = {
    "statute": {"statute.toml": ()},
    "requirement": {"requirement.json": ()},
    "gates": {"gates.csv": (("serial", "gate"),), "districts.csv?": (("serial", "district"),)},
    "outcomes": {"outcomes.csv": (("serial", "outcome"),)},
    "alarm": {"alarm.csv": (("serial",),)},
    "draw": {"draw.csv": (("place", "district", "serial", "ticket"),)},
    "checks": {"checks.csv": (("serial", "finding"),)},
    "decision": {"decision.json": ()},
    "risk_plan": {"risk_plan.json": ()},
    "risk_draw": {"risk_draw.csv": (("place", "serial", "ticket"),)},
    "risk_checks": {"risk_checks.csv": (("serial", "first", "second", "finding"),)},
    "risk": {"risk.json": ()},
    "returns": {
        "returns.csv": ((*_FORM, "yes", "no", "informal", "total"),),
        "accounts.csv": (
            (
                *_FORM, "electors", "marked", "added", "voters", "received", "unused", "spoiled",
                "declined", "taken_away", "missing", "difference", "blank", "no_initials",
                "unclear", "several_marks", "contested", "other", "explanation",
            ),
        ),
        "set_aside.csv": (("row", *_FORM, "column", "code", "value", "figures", "ballots"),),
        "warnings.csv": ((*_FORM, "code", "figures", "explanation"),),
        "electors.csv": (("question", "region", "district", "electors"),),
        "places.csv": (("region", "district", "place", "kind", "due", "status"),),
        "previous.csv": (("region", "district", "place", "yes", "no"),),
    },
    "result": {
        "result.json": (),
        "regions.csv": (("question", "region", "counts", *_SUMS, "electors", "carried"),),
        "districts.csv": (("question", "region", "district", *_SUMS, "electors", "recount"),),
        "kinds.csv": (("question", "kind", *_SUMS),),
        "between.csv": ((*_FORM, "code", "figures", "ballots", "explanation"),),
    },
    "polls": {
        "polls.csv": (
            (
                "poll", "sample", "referendum", "pollster", "sponsor", "sponsor_side",
                "field_start", "field_end", "sample_size", "mode", "population", "question",
                "wording", "yes", "no", "undecided", "source", "note",
            ),
        ),
        "set_aside.csv": (("row", "pollster", "field_end", "column", "code", "value"),),
    },
    "forecast": {
        "forecast.json": (),
        "outcome.csv": (("from_per_mille", "parts_per_million"),),
        "weights.csv": (
            ("poll", "sample", "pollster", "field_end", "wording", "share", "weight"),
        ),
        "trend.csv": (
            ("day", "median", "low_50", "high_50", "low_80", "high_80", "low_95", "high_95"),
        ),
        "effects.csv": (("kind", "level", "polls", "points", "sd_points"),),
    },
    "audit_cards": {"cards.csv": ((*_BOX, "card", "mark", "imprint"),)},
    "audit_plan": {"audit_plan.json": ()},
    "audit_draw": {
        "draws.csv": (("round", "sample", "draw", "region", "district", "place", "card"),),
        "audit_draw.json": (),
    },
    "audit_findings": {
        "findings.csv": ((*_BOX, "card", "mark"), (*_BOX, "yes", "no", "informal"))
    },
    "audit_risk": {"audit_risk.json": ()},
    "audit_full_count": {
        "findings.csv": ((*_BOX, "yes", "no", "informal"),),
        "audit_full_count.json": (),
    },
    "seed_call": {"seed_call.json": ()},
    "seed_commitment": {"seed_commitment.json": ()},
    "seed_secret": {"seed_secret.json": ()},
    "seed_dice": {"seed_dice.json": ()},
    "seed": {"seed.txt": ()},
}  # fmt: skip
"""Files of the public bundles, by kind; of a table the columns that it may have."""


ERRORS = frozenset((
    "does_not_add_up", "reasons_do_not_add_up", "account_does_not_balance", "voters_do_not_add_up",
    "difference_not_stated", "difference_is_another", "difference_not_explained",
    "more_ballots_than_electors", "accounts_differ", "sum_of_others", "kinds_overlap",
))  # fmt: skip
"""Rules of returns; a form that breaks one is set aside."""

READING = frozenset((
    "missing", "not_a_number", "negative", "out_of_range", "control_character", "too_long",
    "repeated", "not_a_code", "not_yes_or_no", "row_too_long", "broken_quotes", "too_many_cells",
))  # fmt: skip
"""Faults of a row or cell as it came."""

FAULTS = READING | frozenset((
    "not_a_date", "two_digit_year", "day_out_of_range", "illegible", "spelt_otherwise",
    "unknown_column",
))  # fmt: skip
"""Faults of a table of electors, lines or sheets."""

WARNINGS = frozenset((
    "many_blank", "many_rejected", "large_difference", "no_ballots", "no_electors",
    "fewer_electors_than_voters", "more_ballots_than_voters", "swapped_with_neighbours",
    "swapped_with_previous", "equals_the_others", "nearly_the_others", "looks_alike",
    "district_exceeds_electors", "running_totals", "electors_differ", "electors_of_place_differ",
))  # fmt: skip
"""What must be explained of returns that stand."""

SET_ASIDE = ERRORS | READING | frozenset((
    "not_expected", "entered_once", "entries_differ", "same_clerk", "no_clerk", "not_final",
    "sum_differs",
))  # fmt: skip
"""Why a form can be set aside."""


POLLS_SET_ASIDE = READING | frozenset((
    "share_missing", "not_a_share", "a_fraction", "over_100", "far_under_100", "no_side_taken",
    "undated", "dates_reversed", "on_or_after_vote", "long_ago", "long_field", "nobody_asked",
    "other_referendum", "not_a_date", "two_digit_year", "day_out_of_range", "illegible",
))  # fmt: skip
"""Why a row of polls can be set aside."""


def require_files(kind: str, names: set[str], file: str) -> None:
    """Insist that a bundle has the files of its kind, none missing and none added."""
    known = FILES.get(kind, {})
    needed = {name for name in known if not name.endswith("?")}
    if missing := sorted(needed - names):
        raise Mismatch(f"a bundle {kind} has a file {missing[0]}: it is missing", file)
    if odd := sorted(names - {name.removesuffix("?") for name in known}):
        raise Mismatch(f"a bundle {kind} has no file {odd[0]}", file)


def columns_of(kind: str, name: str) -> tuple[tuple[str, ...], ...]:
    """Give the columns that a table of a kind of bundle may have."""
    known = FILES.get(kind, {})
    return known.get(name) or known.get(f"{name}?") or ()
