"""Assorters: the value that each card has for an assertion about the outcome.

An assertion is put so that it is true exactly when the mean of its assorter over all cards is more
than 1/2 (Stark, "Sets of half-average nulls generate risk-limiting audits", 2020, section 2). Every
value is exact. E, the number of electors, is not on the cards: like the number of cards it is a
trusted constant, fixed before the draw.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from referendum.core.errors import InputError
from referendum.law import Tally

HALF = Fraction(1, 2)
ONE = Fraction(1)
ZERO = Fraction(0)

Mark = Literal["yes", "no", "blank", "missing"]
MARKS: tuple[Mark, ...] = ("yes", "no", "blank", "missing")
"""What a card can show; `missing`: on the manifest, and not found."""
EXTRA = "extra"
"""The mark of a ballot that a box holds beyond the cards that it returned."""


@dataclass(frozen=True)
class Assorter:
    """The value of a card by what it shows.

    A missing card is taken as what is worst for the assertion.

    Attributes:
        yes: of a card for the proposal.
        no: of a card against it.
        blank: of a card that counts for neither.
        missing: of a card that is listed and not found.
        extra: what an extra card, beyond the N that were reported, takes away from the sum of the
            values, so that the assertion stays true exactly when what is left is more than N/2:
            half, where the assertion is a share of cards; where it is a share of the electors,
            nothing, or the most that a card is worth.
    """

    yes: Fraction
    no: Fraction
    blank: Fraction
    missing: Fraction = ZERO
    extra: Fraction = HALF

    @property
    def upper(self) -> Fraction:
        """The largest value of a card, u."""
        return max(self.yes, self.no, self.blank)

    def value(self, mark: Mark) -> Fraction:
        """Give the value of a card that shows this."""
        value: Fraction = getattr(self, mark)
        return value

    def total(self, tally: Tally) -> Fraction:
        """Give the value of all cards of a tally."""
        return self.yes * tally.yes + self.no * tally.no + self.blank * tally.blank

    def mean(self, tally: Tally, cards: int) -> Fraction:
        """Give the mean over `cards` cards, of which those not in the tally are missing.

        Raises:
            InputError: there are no cards, or fewer than the tally has.
        """
        if cards < max(1, tally.cast):
            raise InputError(f"{cards} cards are fewer than the {tally.cast} votes reported")
        return (self.total(tally) + self.missing * (cards - tally.cast)) / cards


def share_of_valid(share: Fraction, *, reached: bool) -> Assorter:
    """Assert that yes has more, or less, than a share of the valid votes (SHANGRLA, 2.3)."""
    value = 1 / (2 * (share if reached else 1 - share))
    return Assorter(value, ZERO, HALF) if reached else Assorter(ZERO, value, HALF)


def share_of_cards(share: Fraction, *, reached: bool) -> Assorter:
    """Assert that yes stands on more, or fewer, than a share of all cards; blanks count against.

    Raises:
        InputError: the share is such that the cards cannot decide: 0 or less, or 1 or more.
    """
    if not 0 < share < 1:
        raise InputError(f"a share of {share} of the cards is settled without looking at cards")
    if reached:
        return Assorter(1 / (2 * share), ZERO, ZERO)
    value = 1 / (2 * (1 - share))
    return Assorter(ZERO, value, value)


def cards_present(share: Fraction) -> Assorter:
    """Assert that more than a share of the listed cards are there: a turnout quorum that is met.

    A share of 1 or more cannot be shown by cards. That a quorum is *not* met is a statement on
    the number of cards itself: the canvass settles it.

    Raises:
        InputError: the share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise InputError(f"a quorum of {share} of the cards is settled without looking at cards")
    value = 1 / (2 * share)
    return Assorter(value, value, value)


def valid_present(share: Fraction) -> Assorter:
    """Assert that more than a share of the cards are valid votes: a quorum counted on those."""
    value = 1 / (2 * share)
    return Assorter(value, value, ZERO)


@dataclass(frozen=True)
class OverstatementAssorter:
    """The comparison of a card with its record, for an assorter and a margin (SHANGRLA, 3.2).

    Attributes:
        without_error: value of a card whose record is right, 1/(2 - v/u).
        upper: the largest value of a card, 2/(2 - v/u).
    """

    without_error: Fraction
    upper: Fraction

    @classmethod
    def from_margin(cls, upper: Fraction, margin: Fraction) -> "OverstatementAssorter":
        """Work out the values of an assertion with this assorter bound u and margin v."""
        without_error = 1 / (2 - margin / upper)
        return cls(without_error, 2 * without_error)
