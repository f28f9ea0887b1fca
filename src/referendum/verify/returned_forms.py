"""What is wrong between returns: sums, kinds that overlap, one name in two spellings."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from referendum.verify.names import name_key
from referendum.verify.report import Mismatch

Key = tuple[str, ...]  # question, kind, region, district, place
Numbers = dict[str, int | None]

LEAST_VOTES = 20
BALLOT_ACCOUNT = (
    "electors", "marked", "added", "voters", "received", "unused", "spoiled", "declined",
    "taken_away", "missing", "difference",
)  # fmt: skip
SUM_LEVELS = ((0, 2, 3), (0, 2), (0,))


@dataclass(frozen=True)
class Return:
    """A form that stands, with what its ballot account says."""

    key: Key
    numbers: Numbers
    explanation: str

    @property
    def account(self) -> tuple[int | None, ...]:
        """The total and the ballot account, but for the reasons: of the box, not the question."""
        return tuple(self.numbers[name] for name in ("total", *BALLOT_ACCOUNT))

    @cached_property
    def votes(self) -> tuple[int, int, int]:
        """Yes, no and ballots."""
        yes, no, total = (self.numbers[name] or 0 for name in ("yes", "no", "total"))
        return yes, no, total


def check_faults_between_forms(forms: list[Return], file: str) -> None:
    """See that no return is the sum of others or overlaps with others."""
    _check_sums(forms, file)
    kinds: dict[Key, set[str]] = {}
    for form in forms:
        kinds.setdefault((form.key[0], *form.key[2:]), set()).add(form.key[1])
    for where, found in kinds.items():
        if "all" in found and len(found) > 1:
            words = f"{', '.join(where)} has a return of all kinds beside one of a kind"
            raise Mismatch(words, file)


def require_distinct_boxes(forms: list[Return], file: str) -> None:
    """See that no two boxes have one name where an audit names them by place and kind."""
    if len({form.key[1] for form in forms}) < 2:
        return
    boxes: set[Key] = set()
    for form in forms:
        question, kind, region, district, place = form.key
        box = (question, region, district, f"{place} ({kind})")
        if box in boxes:
            raise Mismatch(f"two boxes are named {box[-1]}", file)
        boxes.add(box)


def require_one_spelling(tables: dict[str, list[Key]]) -> None:
    """See that every name is spelt in one way, in all tables.

    Args:
        tables: by file, the keys of its rows; what a row does not name is empty.
    """
    spelled: dict[Key, str] = {}
    for file, keys in tables.items():
        for name in dict.fromkeys(name for key in keys for name in names_in(key)):
            first = spelled.setdefault(name_spelling_key(name), name[-1])
            if first != name[-1]:
                raise Mismatch(f"{name[-1]!r} and {first!r} are one name", file)


def name_spelling_key(name: Key) -> Key:
    """Give what all spellings of a name have in common, with the names within which it is one."""
    return (name[0], *map(spelling_key, name[1:]))


def form_spelling_key(key: Key) -> Key:
    """Give what all spellings of a form's key have in common."""
    return tuple(map(spelling_key, key))


def spelling_key(name: str) -> str:
    """Give what the spellings of a name have in common; zeros before a number go."""
    return re.sub("(?<![0-9])0+(?=[0-9])", "", name_key(name))


def names_in(key: Key) -> Iterable[Key]:
    """Give the names in a key; a place is named within its district, that within its region."""
    question, kind, region, district, place = key
    names: list[Key] = [("question", question), ("kind", kind), ("region", region)]
    if region:
        names.append(("district", region, district))
    if region and district:
        names.append(("place", region, district, place))
    return [name for name in names if name[-1]]


def find_faults_between_forms(forms: list[Return], *, common: bool) -> list[tuple[Return, str]]:
    """Find the forms that break a rule between forms, each with its code, as they are tried.

    Args:
        forms: of all parts, but those that were not expected.
        common: whether all questions stand on one ballot.
    """
    rest, found = forms, list[tuple[Return, str]]()
    while sums := _sums_by_numbers(rest):
        found += sums
        rest = _without(rest, sums)
    kinds: dict[Key, set[str]] = {}
    for form in rest:
        kinds.setdefault((form.key[0], *form.key[2:]), set()).add(form.key[1])
    overlapping = {where for where, names in kinds.items() if "all" in names and len(names) > 1}
    overlap = [(f, "kinds_overlap") for f in rest if (f.key[0], *f.key[2:]) in overlapping]
    rest = _without(rest, overlap)
    differing = (
        [(form, "accounts_differ") for form in find_differing_accounts(rest)] if common else []
    )
    return found + overlap + differing


def find_differing_accounts(forms: list[Return]) -> list[Return]:
    """Give the forms of a common ballot whose box has another account for another question."""
    boxes: dict[Key, list[Return]] = {}
    for form in forms:
        boxes.setdefault(form.key[1:], []).append(form)
    return [
        form
        for group in boxes.values()
        if any(one.account != group[0].account for one in group)
        for form in group
    ]


def _without(forms: list[Return], found: list[tuple[Return, str]]) -> list[Return]:
    dropped = {form.key for form, _ in found}
    return [form for form in forms if form.key not in dropped]


def _sums_by_numbers(forms: list[Return]) -> list[tuple[Return, str]]:
    for by in SUM_LEVELS:
        if certain := [form for form, sure in _find_sums_at_level(forms, by) if sure]:
            return [(form, "sum_of_others") for form in certain]
    for depth in (1, 0):
        if found := _find_values_that_are_sums(forms, depth):
            return found
    return []


def _check_sums(forms: list[Return], file: str) -> None:
    for form, certain in _find_sums(forms):
        if certain:
            raise Mismatch(f"{', '.join(form.key)} is the sum of the others", file)
    for depth, what in ((1, "kind"), (0, "question")):
        if sums := _kinds_or_questions_that_are_sums(forms, depth):
            raise Mismatch(f"the {what} {min(sums)} is the sum of the others", file)


def find_possible_sums(forms: list[Return]) -> list[Return]:
    """Give the returns that have the numbers of all others of their group, perhaps by accident."""
    found = {form.key: form for form, certain in _find_sums(forms) if not certain}
    return list(found.values())


def _find_sums(forms: list[Return]) -> Iterator[tuple[Return, bool]]:
    for by in SUM_LEVELS:
        yield from _find_sums_at_level(forms, by)


def _find_sums_at_level(forms: list[Return], by: tuple[int, ...]) -> Iterator[tuple[Return, bool]]:
    groups: dict[Key, list[Return]] = {}
    for form in forms:
        groups.setdefault(tuple(form.key[place] for place in by), []).append(form)
    equal: list[tuple[Return, int]] = []
    large = 0
    for group in groups.values():
        full = sum(form.votes[2] > 0 for form in group)
        large += full >= 3
        sums = [sum(numbers) for numbers in zip(*(one.votes for one in group), strict=True)]
        for form in group:
            others = full - (form.votes[2] > 0)
            if others >= 2 and [2 * number for number in form.votes] == sums:
                equal.append((form, others))
    for form, others in equal:
        enough = min(form.votes[:2]) >= LEAST_VOTES
        yield form, enough and (others >= 3 or 2 * len(equal) >= large)


def _kinds_or_questions_that_are_sums(forms: list[Return], depth: int) -> set[str]:
    """Give the kinds, or the questions, that are the sum of all others in most of their boxes."""
    return {form.key[depth] for form, _ in _find_values_that_are_sums(forms, depth)}


def _find_values_that_are_sums(forms: list[Return], depth: int) -> list[tuple[Return, str]]:
    """Give the forms of such kinds, or questions, in boxes where two or more others have any."""
    boxes: dict[Key, list[Return]] = {}
    for form in forms:
        if form.votes[2]:
            box = form.key[:depth] + form.key[depth + 1 :]
            boxes.setdefault(box, []).append(form)
    forms_by_value: dict[Key, list[tuple[Return, bool]]] = {}
    for group in boxes.values():
        sums = [sum(numbers) for numbers in zip(*(one.votes for one in group), strict=True)]
        for form in group if len(group) > 2 else ():
            equal = [2 * one for one in form.votes] == sums
            forms_by_value.setdefault(form.key[:2], []).append((form, equal))
    found: list[tuple[Return, str]] = []
    for rows in forms_by_value.values():
        equal_ones = sum(equal for _, equal in rows)
        votes = [sum(form.votes[place] for form, _ in rows) for place in (0, 1)]
        if equal_ones >= 2 and 2 * equal_ones > len(rows) and min(votes) >= LEAST_VOTES:
            found += [(form, "sum_of_others" if same else "sum_differs") for form, same in rows]
    return found
