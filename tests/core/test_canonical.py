"""Canonical bytes: the same value, the same bytes, and nothing hidden in them."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from referendum.core.canonical import canonical_json, read_canonical_json
from referendum.core.errors import InputError

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(values)
def test_reading_back_gives_the_value(value):
    assert read_canonical_json(canonical_json(value), "here") == value


@given(st.dictionaries(st.text(), values))
def test_the_order_of_members_does_not_matter(value):
    backwards = dict(reversed(value.items()))
    assert canonical_json(value) == canonical_json(backwards)


@pytest.mark.parametrize(
    "data",
    [b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1,"a":1}', b'{"a":1}\n', b'"\\u0061"', b"1.0", b"[1,]"],
)
def test_other_bytes_for_the_same_value_are_refused(data):
    with pytest.raises(InputError):
        read_canonical_json(data, "here")


@pytest.mark.parametrize("value", [1.5, [1, 2.0], {"a": {"b": float("nan")}}, 2**53])
def test_numbers_that_languages_read_differently_are_refused(value):
    with pytest.raises(InputError):
        canonical_json(value)


def test_the_bytes_are_plain_json():
    assert json.loads(canonical_json({"é": [1, None]})) == {"é": [1, None]}


PIECES = ["{", "}", "[", "]", '"a"', '"b"', ":", ",", "1", "-0", "1e3", "0.5", "NaN", "-Infinity"]
PIECES += ["9" * 16, "9" * 17, '"\\ud800"', '"\\u001f"', '"\\u001F"', '"\x7f"', '"é"', '"\ufffd"']
PIECES += ['"\U0001f600":1', '"\uffff":2', "null", "true", " ", "\ufeff", '"\\n"', '"\\/"']


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
@example('{"\U0001f600":1,"\uffff":2}')
@example('{"\uffff":2,"\U0001f600":1}')
@example("[9007199254740993]")
@example('{"a":1,"a":1}')
@example("NaN")
@example('["\\ud800"]')
def test_bytes_are_taken_exactly_where_they_are_canonical(text):
    data = text.encode()
    try:
        canonical = canonical_json(json.loads(data)) == data
    except (ValueError, InputError):
        canonical = False
    try:
        read_canonical_json(data, "here")
        taken = True
    except InputError:
        taken = False
    assert taken == canonical
