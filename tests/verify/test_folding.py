"""One name, one spelling: both programs fold names alike, each by its own reading of the rule."""

import sys
import unicodedata

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from referendum.core.names import BLANK, is_blank, name_key, name_keys
from referendum.verify.names import is_blank as verified_is_blank
from referendum.verify.names import name_key as verified_name_key

UNSEEN = "\u00ad\u034f\u115f\u1160\u17b4\u180e\u200b\u2060\u3164\ufe0f\ufeff\uffa0\U000e0041"
PUNCTUATION = ".-'`\u2019\u00b4\u02bb\u02bc\ua78c\u2013\u00b7\u2800 _/()*\u066b\u0640"
ACCENTS = "\u0301\u0327\u0338\u20dd\u20e3\u05b4\u064e\u1ab0\u1dc4\ufe20"

ONE_NAME = [
    ("Straße", "STRASSE"),
    ("Stra\u1e9ee", "strasse"),
    ("Łódź", "Lodz"),
    ("İstanbul", "istanbul"),
    ("Ærø", "AERO"),
    ("Ｓｃｈｏｏｌ ３", "school3"),
    ("Ward \u0663", "Ward 3"),
    ("\u2163", "IV"),
    ("St. John's", "st johns"),
    ("1-2", "1 / 2"),
    ("1\u200b2", "12"),
    ("\u03a3\u03c2", "\u03c3\u03c3"),
    *[("School", f"School{sign}") for sign in UNSEEN + PUNCTUATION + ACCENTS],
    *[("School 12", f"Sch{sign}ool 1{sign}2") for sign in ACCENTS],
]

TWO_NAMES = [
    ("1-2", "12"),
    ("1\u02bc2", "12"),
    ("\u30d3\u30fc\u30eb", "\u30d3\u30eb"),
    ("\u304b", "\u304c"),
    ("\u0915\u093f", "\u0915\u0941"),
    ("Ward 1", "Ward I"),
]


@pytest.mark.parametrize(("one", "other"), ONE_NAME)
def test_spellings_of_one_name_are_one(one, other):
    assert name_key(one) == name_key(other) == verified_name_key(one) == verified_name_key(other)


@pytest.mark.parametrize(("one", "other"), TWO_NAMES)
def test_two_names_stay_two(one, other):
    assert name_key(one) != name_key(other)
    assert verified_name_key(one) != verified_name_key(other)


def test_both_programs_fold_every_sign_alike():
    every = map(chr, range(sys.maxunicode + 1))
    rest = {"Cs", "Co", "Cn"}
    signs = [sign for sign in every if unicodedata.category(sign) not in rest]
    signs += ["\u2065", "\ufff3", "\U000e0fff", "\ue000", "\U0010fffd", "\u0378"]
    names = [f"1{sign}2{sign}a{sign}" for sign in signs]
    keys = name_keys(pl.Series(names)).to_list()
    wrong = [name for name, key in zip(names, keys, strict=True) if key != verified_name_key(name)]
    assert not wrong
    blank = pl.Series(signs).str.replace_all(BLANK, "") == ""
    told = [(is_blank(sign), verified_is_blank(sign)) for sign in signs]
    assert all(one == other for one, other in told)
    # Polars may know a later Unicode, which has more letters.
    alike = zip(signs[:-1], told[:-1], blank[:-1], strict=True)
    assert not [hex(ord(sign)) for sign, (one, _), two in alike if one != two]


SIGNS = st.one_of(
    st.characters(exclude_categories=("Cs",)), st.sampled_from(UNSEEN + PUNCTUATION + ACCENTS + "1")
)


@settings(max_examples=500)
@given(st.text(SIGNS))
@example("1 a 2 b 3")
@example("\u0345\u0308\u00df\u1fb3")
def test_both_programs_fold_any_text_alike(text):
    key = name_key(text)
    assert verified_name_key(text) == key
    assert name_keys(pl.Series([text])).item() == key
    assert is_blank(text) == verified_is_blank(text)
