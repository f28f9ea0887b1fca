"""The exact bound for a count in a finite population, by sums that stay short."""

from fractions import Fraction
from math import comb

from referendum.verify.report import Mismatch

_BITS = 256
_ONE = 1 << _BITS

MOST_EXACT = 100_000
"""Lines of which samples are counted one by one, where rounding cannot tell."""


def lower_bound(universe: int, drawn: int, valid: int, level: Fraction) -> int:
    """Give the smallest M with P(X >= valid) > 1 - level, X hypergeometric, exactly.

    The complement of the tail is held against the level: another way than the program's own.
    """
    if not 0 < level < 1:
        raise Mismatch(f"the confidence {level} does not lie between 0 and 1")
    low, high = valid, universe - (drawn - valid)
    while low < high:
        middle = (low + high) // 2
        if _is_below(valid, middle, universe, drawn, level):
            high = middle
        else:
            low = middle + 1
    return low


def _is_below(valid: int, marked: int, universe: int, drawn: int, level: Fraction) -> bool:
    """Whether P(X < valid) < level, of `marked` lines."""
    below, rest = _weights(valid, marked, universe, drawn)
    if below[1] * level.denominator < level.numerator * (below[1] + rest[0]):
        return True
    if below[0] * level.denominator >= level.numerator * (below[0] + rest[1]):
        return False
    if universe > MOST_EXACT:
        raise Mismatch("the bound is so near to the confidence that it cannot be told here")
    ways = sum(
        comb(marked, seen) * comb(universe - marked, drawn - seen)
        for seen in range(max(0, drawn - universe + marked), min(valid, marked + 1))
    )
    return ways * level.denominator < comb(universe, drawn) * level.numerator


def _weights(
    valid: int, marked: int, universe: int, drawn: int
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Give what samples with fewer than `valid` marked lines weigh, and the others.

    Each as a bound from below and one from above, in parts of the commonest number's weight: from
    there outwards the weights fall, and what is left when one is less than 2^-256 adds at most as
    much for each number.
    """
    fewest, most = max(0, drawn - universe + marked), min(drawn, marked)
    mode = min(max((drawn + 1) * (marked + 1) // (universe + 2), fewest), most)
    sums = {True: [0, 0], False: [0, 0]}
    for step in (1, -1):
        seen, down, up = mode, _ONE, _ONE
        while fewest <= seen <= most and down:
            if step > 0 or seen != mode:
                sums[seen < valid][0] += down
                sums[seen < valid][1] += up
            more, fewer = _ratio(seen, marked, universe, drawn, step)
            down, up = down * more // fewer, -(-up * more // fewer)
            seen += step
        if fewest <= seen <= most:
            # Weights beyond fall on one side of `valid` or on both: bounded for both.
            left = (abs((most if step > 0 else fewest) - seen) + 1) * up
            sums[True][1] += left
            sums[False][1] += left
    return (sums[True][0], sums[True][1]), (sums[False][0], sums[False][1])


def _ratio(seen: int, marked: int, universe: int, drawn: int, step: int) -> tuple[int, int]:
    """Give how the weight of one more, or one fewer, marked line compares, as a fraction."""
    unmarked_left = universe - marked - drawn + seen
    if step > 0:
        return (marked - seen) * (drawn - seen), (seen + 1) * (unmarked_left + 1)
    return seen * unmarked_left, (marked - seen + 1) * (drawn - seen + 1)
