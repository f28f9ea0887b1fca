"""What comes from outside does not steer a screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.printing import printable_text
from referendum.verify.report import printable as verified

EVIL = {
    "\u001b[2J": "\\u001b[2J",
    "\r": "\\u000d",
    "\u007f": "\\u007f",
    "\u009b1m": "\\u009b1m",
    "\u202e": "\\u202e",
    "\u2066": "\\u2066",
    "\u2028": "\\u2028",
    "\u200b": "\\u200b",
    "\u00ad": "\\u00ad",
    "\ufeff": "\\ufeff",
    "\U000e0041": "\\udb40\\udc41",
    "\ud800": "\\ud800",
}


@pytest.mark.parametrize("text", EVIL)
def test_what_steers_a_screen_is_written_out(text):
    assert printable_text(f"a{text}b\n") == f"a{EVIL[text]}b\n"


@given(st.text(alphabet=st.characters()))
def test_nothing_else_than_what_can_be_printed_is_left(text):
    assert all(sign.isprintable() or sign.isspace() for sign in printable_text(text))
    assert "\u001b" not in printable_text(text)
    assert verified(text.replace("\n", "")) == printable_text(text.replace("\n", ""))


@pytest.mark.parametrize(
    "text", ["é", "日本", "עברית", "العربية", "naïve “quoted” – 1/2 €", "a\u0301"]
)
def test_writing_of_every_script_stays(text):
    assert printable_text(text) == text
