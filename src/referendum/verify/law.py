"""Values of law, found in the statute file that the record carries."""

import re
from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any

from referendum.verify import canonical
from referendum.verify.bundles import Bundle
from referendum.verify.report import Mismatch

exact = canonical.exact


def value(statute: Bundle, *path: str) -> Any:  # noqa: ANN401
    """Give the value at a path of the statute file."""
    part: Any = statute.toml("statute.toml")
    for name in (*path, "value"):
        if not isinstance(part, dict) or name not in part:
            file = f"{statute.path}/statute.toml"
            raise Mismatch(f"the statute has no value {'.'.join(path)}", file)
        part = part[name]
    return part


def has(statute: Bundle, *path: str) -> bool:
    """Whether the statute file has something at a path."""
    part: Any = statute.toml("statute.toml")
    for name in path:
        part = part.get(name) if isinstance(part, dict) else None
    return part is not None


def rounded(number: Fraction, rounding: object) -> int:
    """Round as the law names it."""
    if rounding == "up":
        return ceil(number)
    if rounding == "down":
        return floor(number)
    if rounding == "nearest":
        return floor(number + Fraction(1, 2))
    raise Mismatch(f"the rounding {str(rounding)[:40]!r} is not known")


def optional(statute: Bundle, *path: str) -> Any:  # noqa: ANN401
    """Give the value at a path of the statute file, or None where it has none."""
    return value(statute, *path) if has(statute, *path) else None


def window_end(first: date, length: object, *, first_day_counts: bool) -> date:
    """Give the last day of a window: days and weeks, or months to the like day or the last."""
    found = re.fullmatch(r"([1-9]\d{0,3}) (day|week|month|year)s?", str(length), re.ASCII)
    if not found:
        raise Mismatch(f"the window {str(length)[:40]!r} is not known")
    count, unit = int(found[1]), found[2]
    if unit in {"day", "week"}:
        end = first + timedelta(days=count * (7 if unit == "week" else 1))
    else:
        months = first.year * 12 + first.month - 1 + count * (12 if unit == "year" else 1)
        year, month = divmod(months, 12)
        end = date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
    return end - timedelta(days=1) if first_day_counts else end


def least_number(share: object, base: Fraction, unit: Fraction = Fraction(1)) -> Fraction:
    """Give the least multiple of a unit that is `more than 1/2` or `at least 3/5` of a base."""
    words, _, number = str(share)[:100].rpartition(" ")
    product = exact(number) * base / unit
    if words == "more than":
        return (floor(product) + 1) * unit
    if words == "at least":
        return ceil(product) * unit
    raise Mismatch(f"the share {str(share)[:40]!r} is not known")
