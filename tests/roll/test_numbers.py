"""Numbers of decoys: of the list's own form, check characters too, and from its gaps."""

import numpy as np
import pytest

from referendum.roll.numbers import Gaps, learn_form


def luhn(digits):
    total = 0
    for place, digit in enumerate(reversed(digits)):
        twice = int(digit) * (2 - place % 2)
        total += twice - 9 * (twice > 9)
    return str(-total % 10)


def modulo_11(digits):
    left = -sum((n + 2) * int(one) for n, one in enumerate(reversed(digits))) % 11
    return "X" if left == 10 else str(left)


def modulo_97(digits):
    return f"{98 - int(digits + '00') % 97:02}"


def letter(digits):
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23]


def weights(digits):
    return str(sum(int(one) * w for one, w in zip(digits, (3, 7, 1, 3, 7, 1), strict=True)) % 10)


def damm(digits):
    table = [
        "0317598642",
        "7092154863",
        "4206871359",
        "1750983426",
        "6123045978",
        "3674209581",
        "5869720134",
        "8945362017",
        "9438617205",
        "2581436790",
    ]
    state = 0
    for one in digits:
        state = int(table[state][int(one)])
    return str(state)


RULES = [luhn, modulo_11, modulo_97, letter, weights, damm]


def taken(ids, count=60):
    rng = np.random.default_rng(3)
    gaps = Gaps(ids, learn_form(ids))
    models = rng.integers(0, len(ids), count)
    made = [gaps.take(int(one), left) for one in models for left in gaps.like(int(one), rng)[:2]]
    made = [one for one in made if one]
    assert len(made) == len(set(made)) >= count / 4
    assert not set(made) & set(ids)
    return made


@pytest.mark.parametrize("spread", [2_000, 900_000])
@pytest.mark.parametrize("rule", RULES)
def test_numbers_from_gaps_have_the_check_characters_of_the_list(rule, spread):
    rng = np.random.default_rng(1)
    numbers = np.sort(rng.choice(spread, 1200, replace=False) + 100_000)
    made = taken([f"E{n}{rule(str(n))}" for n in numbers])
    assert all(one[7:] == rule(one[1:7]) for one in made)


def test_damm_and_verhoeff_are_those_of_the_books():
    assert damm("572") == "4"
    rows = [f"{n}{verhoeff(str(n))}" for n in range(20_000, 29_000, 3)]
    assert verhoeff("236") == "3"
    assert all(one[5:] == verhoeff(one[:5]) for one in taken(rows))


def verhoeff(digits):
    step, state = "1576283094", 0
    places = [list(range(10)), [int(one) for one in step]]
    while len(places) < 8:
        places.append([places[1][one] for one in places[-1]])
    inverse = [0, 4, 3, 2, 1, 5, 6, 7, 8, 9]
    for place, one in enumerate(reversed(digits), start=1):
        state = dihedral(state, places[place % 8][int(one)])
    return str(inverse[state])


def dihedral(one, other):
    if one < 5:
        return (one + other) % 5 if other < 5 else 5 + (one + other) % 5
    return 5 + (one - other) % 5 if other < 5 else (one - other) % 5


@pytest.mark.parametrize("letters", ["0123456789abcdef", "ABCDEFGHJKLMNPQRSTUVWXYZ"])
def test_numbers_of_letters_keep_their_alphabet_and_length(letters):
    rng = np.random.default_rng(1)
    made = taken(["".join(rng.choice(list(letters), 12)) for _ in range(800)])
    assert all(len(one) == 12 and set(one) <= set(letters) for one in made)


def test_numbers_without_gaps_or_form_have_no_room():
    assert (
        Gaps([str(n) for n in range(1, 900)], learn_form([str(n) for n in range(1, 900)])).room == 0
    )
    assert learn_form(["a1", "b22", "ccc"]) is None
