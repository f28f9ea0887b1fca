"""Sampling: how many lines the statute has drawn, of the whole or in each district."""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil

from referendum.core.errors import LawError
from referendum.core.exact import read_fraction
from referendum.law.model import Sampling, Statute, require_known


def sample_size(sampling: Sampling, lines: int, stage: int = 1) -> int:
    """Give how many of `lines` are drawn: the larger of the minimum and the share, at most all.

    Args:
        sampling: the statute's rule.
        lines: lines of the whole or of one district.
        stage: 2 for the size in all after a second sample.

    Raises:
        LawError: the statute names no size, or has no second sample.
    """
    share_rule = (
        sampling.fraction
        if stage == 1
        else require_known(sampling.second_fraction, "a second sample")
    )
    if share_rule is None and sampling.minimum is None:
        raise LawError(
            "the statute names no size of the sample: the office chooses it",
            hint="give it with --size",
        )
    share = read_fraction(share_rule.value) if share_rule else Fraction(0)
    minimum = sampling.minimum.value if sampling.minimum else 0
    return min(lines, max(minimum, ceil(share * lines)))


def samples_by_district(statute: Statute) -> bool:
    """Whether the statute draws one sample in each district, and not one of the whole."""
    return statute.sampling is not None and statute.sampling.unit.value == "district"


def sample_sizes(
    statute: Statute,
    lines: Mapping[str, int],
    size: int | None = None,
    stage: int = 1,
    before: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Give the size of the sample in each stratum.

    Args:
        statute: the law; one that checks every line draws every line.
        lines: lines by stratum: by district where the statute samples so, else one stratum "".
        size: chosen by the office; at least what the statute asks for.
        stage: 2 for the size in all after a second sample.
        before: lines drawn in the first sample, by stratum: a second one contains them.

    Raises:
        LawError: the statute names no size and none is chosen, or a smaller one is chosen.
    """
    if require_known(statute.verification, "how lines are checked").method.value == "full":
        if size is not None:
            raise LawError("the statute checks every line: no sample is drawn", where=statute.id)
        return dict(lines)
    rule = require_known(statute.sampling, "sampling")
    drawn = before or {}
    if size is None:
        sizes = {name: sample_size(rule, count, stage) for name, count in lines.items()}
        return {name: max(least, drawn.get(name, 0)) for name, least in sizes.items()}
    if len(lines) != 1 or samples_by_district(statute):
        raise LawError(
            "the statute draws a sample in each district, by its own sizes",
            where=statute.id,
            hint="leave out --size",
        )
    [(name, count)] = lines.items()
    if size < drawn.get(name, 0):
        raise LawError(
            f"a second sample of {size:,} leaves out lines of the first, of {drawn[name]:,}",
            where=statute.id,
            hint=f"--size takes {drawn[name]:,} or more, or leave it out",
        )
    return {name: _check_chosen_size(statute, rule, count, size, stage)}


def _check_chosen_size(statute: Statute, rule: Sampling, count: int, size: int, stage: int) -> int:
    named = rule.fraction or rule.minimum
    least = sample_size(rule, count, stage) if named else 1
    if size < least:
        raise LawError(
            f"a sample of {size:,} is smaller than the {least:,} that the statute asks for",
            where=f"{statute.id}, {named.cite}" if named else statute.id,
        )
    return min(size, count)
