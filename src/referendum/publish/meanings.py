"""What each code on a page means, by the kind of table that it stands in."""

import re

from referendum.count import OTHER_CODES, RULES
from referendum.petition import GATES
from referendum.polls import FAULTS

UNREAD = {
    "broken_quotes": "a quotation mark is opened and not closed",
    "too_many_cells": "the row has more cells than the header",
    "row_too_long": "the row is longer than any form",
    "not_a_date": "the day cannot be read",
    "two_digit_year": "the year is not written out",
    "day_out_of_range": "the day is of another time than it can be",
    "not_a_number": "the number cannot be read",
    "negative": "the number is below 0",
    "out_of_range": "the number is larger than it can be",
    "not_a_code": "the word is none of those that the column takes",
    "not_yes_or_no": "the word is neither yes nor no",
    "illegible": "the cell holds a word for what cannot be read",
    "too_long": "the cell is longer than any can be",
    "control_character": "the cell holds signs that are no text",
    "missing": "what the row must have is not there",
    "unknown_column": "a column that the table does not have: not read",
    "repeated": "an earlier row says the same",
    "spelt_otherwise": "a name is spelt otherwise than in most rows: taken for the same name",
}
"""Faults of rows and cells of any table."""

MEANINGS: dict[str, dict[str, str]] = {
    "gate": {code: gate.meaning for code, gate in GATES.items()},
    "outcome": {
        "listed": "the line leads to an elector on the list",
        "not_listed": "no elector on the list fits the line",
        "unsure": "one may fit: people decide",
        "repeat": "the elector has another line that counts",
        "line": "any line: lines are checked alone",
    },
    "finding": {
        "valid": "the signature counts",
        "not_listed": "the signer is not on the list of electors",
        "not_resident": "the signer does not live where signers must",
        "illegible": "the line cannot be read",
        "repeat": "another line of the same signer counts",
        "not_signed": "the line has no signature",
        "wrong_date": "the day of signing is not one that counts",
        "signature_differs": "the signature is not that of the elector",
    },
    "return": {
        **UNREAD,
        **{
            rule.code: f"broken: {rule.meaning}" if rule.level == "error" else rule.meaning
            for rule in RULES
        },
        **OTHER_CODES,
    },
    "poll": {**UNREAD, **FAULTS},
}
"""By kind of table, code to meaning."""

_COPY = re.compile(r"copy_(\d+)")


def meaning(code: str, kind: str) -> str:
    """Say what a code means; a code that no list has is read as the words that it is made of."""
    if kind == "finding" and (copy := _COPY.fullmatch(code)):
        return f"line {copy[1]} of an elector among the drawn lines: one counts"
    return MEANINGS[kind].get(code, code.replace("_", " "))
