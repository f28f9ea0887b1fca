"""Values of law, found in the statute file that the record carries."""

from fractions import Fraction
from math import ceil, floor
from typing import Any

from referendum.verify.bundles import Bundle
from referendum.verify.report import Mismatch


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


def exact(text: object) -> Fraction:
    """Read an exact number."""
    try:
        return Fraction(str(text))
    except (ValueError, ZeroDivisionError) as error:
        raise Mismatch(f"{str(text)[:40]!r} is not an exact number") from error


def rounded(number: Fraction, rounding: object) -> int:
    """Round as the law names it."""
    if rounding == "up":
        return ceil(number)
    if rounding == "down":
        return floor(number)
    if rounding == "nearest":
        return floor(number + Fraction(1, 2))
    raise Mismatch(f"the rounding {str(rounding)[:40]!r} is not known")
