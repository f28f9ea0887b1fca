"""Contact samples: signers chosen at random are asked whether they signed; some do not answer.

Silence is not a finding. The number who would confirm is bounded three ways: with the silent as
denials, with the silent as confirmations, and with the silent like those who answered (missing at
random). Only the first two hold without an assumption.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from referendum.core.errors import InputError
from referendum.law.bounds import lower_bound

Conclusion = Literal["sufficient", "insufficient", "rests_on_the_silent", "open"]


@dataclass(frozen=True)
class ContactResponses:
    """Responses of a contact sample.

    Attributes:
        lines: N, lines from which the signers were drawn without replacement.
        asked: n, signers drawn.
        confirmed: those who said that they signed.
        denied: those who said that they did not.

    Raises:
        InputError: more answered than were asked, or more were asked than there are.
    """

    lines: int
    asked: int
    confirmed: int
    denied: int

    def __post_init__(self) -> None:
        """Refuse impossible counts."""
        answered = self.confirmed + self.denied
        if min(self.confirmed, self.denied) < 0 or not 0 < self.asked <= self.lines:
            raise InputError(f"{self.asked} asked of {self.lines} lines cannot be")
        if answered > self.asked:
            raise InputError(f"{answered} answered of {self.asked} who were asked: cannot be")

    @property
    def silent(self) -> int:
        """Those who did not answer."""
        return self.asked - self.confirmed - self.denied


@dataclass(frozen=True)
class ContactBounds:
    """Bounds on the lines whose signers would confirm, each at the level asked for.

    Attributes:
        worst: (least, most): least with the silent as denials, most with them as confirmations.
        like_the_others: (least, most) if responses are missing at random; None if nobody answered.
        conclusion: what holds against the requirement whatever the silent would say;
            `rests_on_the_silent` where only the assumption decides, `open` where not even that.
    """

    worst: tuple[int, int]
    like_the_others: tuple[int, int] | None
    conclusion: Conclusion


def bound_confirmations(
    responses: ContactResponses, required: int, level: Fraction
) -> ContactBounds:
    """Bound the lines whose signers would confirm, exactly (`referendum.law.bounds`).

    Args:
        responses: of the contact sample.
        required: R.
        level: of each one-sided bound, such as 19/20.
    """
    least = lower_bound(responses.lines, responses.asked, responses.confirmed, level)
    most = responses.lines - lower_bound(responses.lines, responses.asked, responses.denied, level)
    answered = responses.confirmed + responses.denied
    at_random = None
    if answered:
        at_random = (
            lower_bound(responses.lines, answered, responses.confirmed, level),
            responses.lines - lower_bound(responses.lines, answered, responses.denied, level),
        )
    return ContactBounds((least, most), at_random, _conclusion((least, most), at_random, required))


def _conclusion(
    worst: tuple[int, int], at_random: tuple[int, int] | None, required: int
) -> Conclusion:
    if worst[0] >= required:
        return "sufficient"
    if worst[1] < required:
        return "insufficient"
    decides = at_random is not None and (at_random[0] >= required or at_random[1] < required)
    return "rests_on_the_silent" if decides else "open"
