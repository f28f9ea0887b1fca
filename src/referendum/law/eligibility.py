"""Eligibility: would this application, sheet or line stand, fact by fact?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from referendum.core.days import read_span, window_end
from referendum.core.errors import InputError
from referendum.core.exact import read_fraction
from referendum.law.calculation import CalculationStep, cite_step
from referendum.law.model import Application, Code, Statute, Value

Verdict = Literal["stands", "falls", "not stated"]


@dataclass(frozen=True)
class FactTest:
    """One fact, tested against the law.

    Attributes:
        about: `application`, `sheet` or `line`.
        code: of the fact.
        verdict: `not stated` if the facts are silent.
        step: what the law asks, and what there is.
        curable: whether the lack can be mended.
    """

    about: str
    code: str
    verdict: Verdict
    step: CalculationStep
    curable: bool = False


@dataclass(frozen=True)
class Eligibility:
    """What the law says of a set of facts.

    Attributes:
        tests: every rule, in the order of the statute file.
        unknown: facts that the statute has no rule for.
    """

    tests: tuple[FactTest, ...]
    unknown: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """`falls` if any rule is broken, `not stated` if the facts do not tell, else `stands`."""
        verdicts = {test.verdict for test in self.tests}
        return (
            "falls"
            if "falls" in verdicts
            else "not stated"
            if "not stated" in verdicts
            else "stands"
        )


Facts = Mapping[str, Any]


def assess_eligibility(statute: Statute, facts: Facts) -> Eligibility:
    """Test facts against the statute.

    Args:
        statute: the law of the day.
        facts: tables `application`, `sheet`, `line`, each fact by its code: true or false for what
            must or must not be, a number for a limit. A line may give `signed_on` and the
            application `first_day`; the window is then checked too.

    Raises:
        InputError: a fact is of the wrong kind, or a table is not known.
    """
    if unknown := set(facts) - {"application", "sheet", "line"}:
        raise InputError(f"facts about {min(unknown)!r} are not known", hint=_TABLES_HINT)
    tests: list[FactTest] = []
    used: set[str] = set()
    for about, part in _rule_groups(statute):
        if about not in facts:
            continue
        table = facts[about]
        if not isinstance(table, Mapping):
            raise InputError(f"{about} is no table of facts", hint=_TABLES_HINT)
        tests += _test_group(about, part, table)
    tests += _test_window(statute, facts)
    used = {f"{test.about}.{test.code}" for test in tests} | {"application.first_day"}
    stated = [f"{about}.{code}" for about, table in facts.items() for code in table]
    return Eligibility(tuple(tests), tuple(name for name in stated if name not in used))


_TABLES_HINT = "write tables [application], [sheet], [line] with one fact a line"


def _rule_groups(statute: Statute) -> list[tuple[str, Any]]:
    parts = (("application", statute.application), ("sheet", statute.sheets))
    return [(about, part) for about, part in (*parts, ("line", statute.lines)) if part is not None]


def _test_group(about: str, part: Any, table: Facts) -> Iterator[FactTest]:  # noqa: ANN401
    curable = getattr(part, "curable", None)
    mendable = set(curable.value) if curable else set()
    for code, value in part.requires.items():
        yield _test_truth(about, code, value, table, wanted=True, curable=code in mendable)
    for code, value in part.bars.items():
        yield _test_truth(about, code, value, table, wanted=False)
    if isinstance(part, Application):
        for code, value in part.at_least.items():
            yield _test_limit(about, code, value, table, least=True)
        for code, value in part.at_most.items():
            yield _test_limit(about, code, value, table, least=False)
        if part.fee is not None:
            yield _test_fee(part.fee, table)


def _test_truth(
    about: str, code: Code, value: Value[str], table: Facts, *, wanted: bool, curable: bool = False
) -> FactTest:
    fact = table.get(code)
    if fact is not None and not isinstance(fact, bool):
        raise InputError(f"{about}.{code} is {fact!r}", hint="write true or false")
    text = (
        value.value
        if wanted
        else f"not one who {value.value}"
        if about == "application"
        else (f"not: {value.value}")
    )
    verdict: Verdict = "not stated" if fact is None else "stands" if fact is wanted else "falls"
    return FactTest(about, code, verdict, cite_step(value, text), curable)


def _test_limit(
    about: str, code: Code, value: Value[int], table: Facts, *, least: bool
) -> FactTest:
    fact = table.get(code)
    if fact is not None and (isinstance(fact, bool) or not isinstance(fact, int)):
        raise InputError(f"{about}.{code} is {fact!r}", hint="write a whole number")
    words = f"{code.replace('_', ' ')} {'at least' if least else 'at most'} {value.value:,}"
    if fact is None:
        return FactTest(about, code, "not stated", cite_step(value, words))
    holds = fact >= value.value if least else fact <= value.value
    return FactTest(
        about, code, "stands" if holds else "falls", cite_step(value, f"{words}; is {fact:,}")
    )


def _test_fee(fee: Value[str], table: Facts) -> FactTest:
    amount, _, currency = fee.value.partition(" ")
    words = f"a fee of {read_fraction(amount)} {currency} is paid"
    paid = table.get("fee_paid")
    if paid is None:
        return FactTest("application", "fee_paid", "not stated", cite_step(fee, words))
    if isinstance(paid, bool) or not isinstance(paid, int | float):
        raise InputError(f"application.fee_paid is {paid!r}", hint="write the amount")
    holds = read_fraction(str(paid)) >= read_fraction(amount)
    text = f"{words}; paid were {paid}"
    return FactTest("application", "fee_paid", "stands" if holds else "falls", cite_step(fee, text))


def _test_window(statute: Statute, facts: Facts) -> list[FactTest]:
    """Check the day of signing, where the facts give it and the first day of the window."""
    signed = facts.get("line", {}).get("signed_on")
    first = facts.get("application", {}).get("first_day")
    collection = statute.collection
    if collection is None or collection.window is None or "line" not in facts:
        return []
    window = collection.window
    words = f"signed within {window.value} from the first day"
    if not isinstance(signed, date) or not isinstance(first, date):
        return [FactTest("line", "signed_on", "not stated", cite_step(window, words))]
    counts = collection.first_day_counts.value if collection.first_day_counts else True
    last = window_end(first, read_span(window.value), first_day_counts=counts)
    holds = first <= signed <= last
    text = f"{words}, {first} to {last}; signed on {signed}"
    return [FactTest("line", "signed_on", "stands" if holds else "falls", cite_step(window, text))]
