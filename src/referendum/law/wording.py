"""The law in words: what a value, a step, a version says, and what differs between two versions."""

from typing import Any

import msgspec

from referendum.law.decision import SHAPES
from referendum.law.model import Statute, Step, Threshold, Value


def value_text(value: Value[Any]) -> str:
    """Write what a value says."""
    inner = value.value
    if isinstance(inner, bool):
        return "yes" if inner else "no"
    if isinstance(inner, int):
        return f"{inner:,}"
    if isinstance(inner, list):
        return ", ".join(map(str, inner))
    if isinstance(inner, dict):
        return ", ".join(f"{name} {number:,}" for name, number in inner.items())
    return str(inner)


def step_text(step: Step) -> str:
    """Write a step as a sentence: who does what, and until when."""
    after = f" after {name_words(step.after)}" if step.after else ""
    limits = [f"within {step.within}{after}"] if step.within else []
    limits += [f"not before {step.not_before}{after}"] if step.not_before else []
    limits += [f"by {step.yearly} of the year"] if step.yearly else []
    limits += [f"at least {step.by or '0 days'} before {name_words(step.before)}"] * bool(
        step.before
    )
    limits += [f"else {step.silence}"] if step.silence else []
    return f"{name_words(step.code)}: {step.actor} {step.does}" + "".join(
        f", {limit}" for limit in limits
    )


def differences(before: Statute, after: Statute) -> list[tuple[str, str, str]]:
    """Give what differs between two versions: path, one value, the other; `-` where there is none.

    Steps are compared by their code.
    """
    old, new = _values_by_path(before), _values_by_path(after)
    order = list(before.__struct_fields__)
    paths = sorted(
        dict.fromkeys([*old, *new]),
        key=lambda path: order.index(path.partition(":")[0].replace(" ", "_")),
    )
    return [
        (path, old.get(path, "-"), new.get(path, "-"))
        for path in paths
        if old.get(path) != new.get(path)
    ]


def _values_by_path(statute: Statute) -> dict[str, str]:
    """Give every value of a version by its path."""
    values: dict[str, str] = {}

    def walk(part: Any, path: str) -> None:  # noqa: ANN401
        if isinstance(part, Value):
            values[path] = value_text(part)
        elif isinstance(part, Step):
            values[f"{path}: {name_words(part.code)}"] = step_text(part).partition(": ")[2]
        elif isinstance(part, list):
            for inner in part:
                walk(inner, path)
        elif isinstance(part, dict | msgspec.Struct):
            for name, inner in present_members(part):
                walk(inner, f"{path}: {name_words(name)}" if path else name_words(name))

    walk(statute, "")
    return values


def present_members(part: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
    """Give the values of a group that are there, by name."""
    names = part if isinstance(part, dict) else part.__struct_fields__
    items = ((n, part[n] if isinstance(part, dict) else getattr(part, n)) for n in names)
    return [(name, inner) for name, inner in items if inner not in (None, {}, "")]


def name_words(name: str) -> str:
    """Write a name of a field or a code as words."""
    return name.replace("_", " ")


def threshold_text(threshold: Threshold) -> str:
    """Say in a line how many signatures a kind of proposal needs."""
    if threshold.number is not None:
        text = f"{threshold.number.value:,}"
    elif threshold.share is not None and threshold.base is not None:
        text = f"{share_text(threshold.share.value)} of {threshold.base.value}"
    else:
        text = "not known"
    return text + distribution_text(threshold)


def distribution_text(threshold: Threshold) -> str:
    """Say what districts must give, beginning with a semicolon; empty where nothing is asked."""
    rule = threshold.distribution
    if rule is None:
        return ""
    unit = rule.unit.value
    if rule.cap is not None:
        return f"; one {unit} counts for at most {share_text(rule.cap.value)}"
    need = rule.need.value if rule.need else "a number not known"
    districts = {"all": f"each {unit}"}.get(need, f"{need} of them ({unit})")
    least = f"{share_text(rule.share.value)} in " if rule.share else "a minimum in "
    return f"; {least}{districts}"


def share_text(share: str) -> str:
    """Write an exact share as a reader expects it: `1/10` as 10%, `1/3` as it is."""
    over, _, under = share.partition("/")
    if not under or 10_000 % int(under):
        return share
    whole, part = divmod(int(over) * 10_000 // int(under), 100)
    return f"{whole}.{part:02}".rstrip("0").rstrip(".") + "%"


def error_text(statute: Statute) -> str:
    """Say who carries the sampling error."""
    return SHAPES[statute.decision.shape.value].error if statute.decision else "not known"


def method_text(statute: Statute) -> str:
    """Say in a line how the lines are checked."""
    if statute.verification is None:
        return "not known"
    method = statute.verification.method.value
    if method == "full" or statute.sampling is None:
        return "every line"
    return f"{method}: {_sample_text(statute)}"


def _sample_text(statute: Statute) -> str:
    sampling = statute.sampling
    if sampling is None:
        return "not known"
    parts = [f"{sampling.minimum.value:,} lines"] if sampling.minimum else []
    parts += [share_text(sampling.fraction.value)] if sampling.fraction else []
    size = " or ".join(parts) + (", the larger" if len(parts) > 1 else "")
    where = f" in each {sampling.district.value}" if sampling.district else ""
    return (size or "size not named by the law") + where
