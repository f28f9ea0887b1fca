"""What a page says of a record: values only, ready for the template."""

import base64
import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from markupsafe import Markup

from referendum.core.exact import percent
from referendum.flows.record import Record
from referendum.flows.wording import act_title, fact_texts
from referendum.journal import Act, Written
from referendum.law import CERTAINTIES, Statute, Value, known, read_statute
from referendum.petition import GATES
from referendum.publish.charts import Bar, bars, share_bar

KIND_TITLES = {
    "statute": "The statute, as data",
    "requirement": "What is required",
    "gates": "Each line and the gate that it failed",
    "outcomes": "Each standing line and what matching says",
    "draw": "The drawn lines",
    "checks": "What the checkers found",
    "decision": "The decision",
    "returns": "The returns of polling places",
    "result": "The result",
    "electors": "The list of electors",
    "lines": "The signature lines",
    "matches": "Which line matches which elector",
}


@dataclass(frozen=True)
class Answer:
    """The first thing a reader wants to know."""

    word: str
    detail: str
    good: bool | None


@dataclass(frozen=True)
class File:
    """A published file."""

    path: str
    name: str
    rows: int | None
    size: int
    sha256: str


@dataclass(frozen=True)
class BundleView:
    """A bundle as the page lists it."""

    title: str
    digest: str
    sealed: bool
    act: int
    files: tuple[File, ...]


@dataclass(frozen=True)
class ActView:
    """An act as the timeline tells it."""

    number: int
    title: str
    day: str
    by: str
    section: str
    facts: tuple[tuple[str, str], ...]
    bundles: tuple[BundleView, ...]
    fallen: bool
    corrects: int | None


@dataclass(frozen=True)
class Page:
    """Everything that the page of one record shows."""

    name: str
    title: str
    question: str
    statute: str
    office: str
    made_up: bool
    answer: Answer
    updated: str
    decision: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    acts: tuple[ActView, ...]
    key: str
    size: int
    root: str

    @property
    def public(self) -> list[BundleView]:
        """The public bundles, in the order of the acts."""
        return [bundle for act in self.acts for bundle in act.bundles if not bundle.sealed]


def page(record: Record) -> Page:
    """Gather what the page of a record shows."""
    opening = record.opening
    fallen = record.fallen()
    decision, result = _decision(record), _result(record)
    return Page(
        name=record.folder.name,
        title=opening.parameters["title"],
        question=opening.parameters["question"],
        statute=_statute(record).title,
        office=opening.by,
        made_up=record.made_up,
        answer=_answer(record, decision, result),
        updated=record.acts[-1].recorded,
        decision=decision,
        result=result,
        acts=tuple(_act(record, act, act.number in fallen) for act in record.acts),
        key=record.info.key,
        size=record.log.size,
        root=base64.b64encode(record.log.root).decode(),
    )


def _statute(record: Record) -> Statute:
    bundle = record.opening.writes[0]
    return read_statute(record.bundles.read(bundle.digest, "statute.toml", sealed=False))


def _answer(
    record: Record, decision: Mapping[str, Any] | None, result: Mapping[str, Any] | None
) -> Answer:
    if decision:
        good = decision["decision"] == "sufficient"
        rule = {"lower_bound": "by the lower bound", "projection": "by the projection"}
        how = rule.get(decision.get("rule", ""), "at the preliminary count")
        detail = f"{decision['compared']:,} signatures {how}; {decision['required']:,} required"
        return Answer("Sufficient" if good else "Insufficient", detail, good)
    if result:
        share = percent(Fraction(result["yes"], result["formal"] or 1))
        detail = f"Yes {result['yes']:,} of {result['formal']:,} formal votes ({share})"
        return Answer("Carried" if result["carried"] else "Not carried", detail, result["carried"])
    last = record.acts[-1]
    return Answer("In progress", f"Last step: {act_title(last)}, {last.at[:10]}", None)


def _decision(record: Record) -> dict[str, Any] | None:
    if record.standing("decide") is None:
        return None
    decision = record.inputs(("decision",)).document("decision")
    issued = record.inputs(("requirement",)).document("requirement")
    statute = _statute(record)
    threshold = statute.thresholds[issued["proposal"]]
    drawing = record.standing("draw") if decision["method"] == "sample" else None
    return {
        **decision,
        "issued": issued,
        "threshold": threshold,
        "rule_value": statute.decision.rule if statute.decision else None,
        "sampling": statute.sampling,
        "seed": drawing.parameters["seed"] if drawing else None,
        "gates": [
            (code, GATES[code].meaning, decision["rejected"][code])
            for code in known(statute.gates, "gates").order.value
            if code in decision["rejected"]
        ],
        "rejected_in_all": sum(decision["rejected"].values()),
        "product": _plain(Fraction(issued["product"])),
        "confidence": _confidence(decision),
        "chart": _petition_chart(decision),
    }


def _confidence(decision: Mapping[str, Any]) -> str:
    bound = decision.get("lower_bound")
    return percent(Fraction(bound["confidence"]), 0) if bound else ""


def _plain(number: Fraction) -> str:
    """Write an exact number with its decimals where they end, else as a fraction."""
    scaled = number * 10**6
    if scaled.denominator != 1:
        return str(number)
    return f"{number.numerator // number.denominator:,}" + f"{float(number % 1):.6f}"[1:].rstrip(
        "0."
    )


def citation(value: Value[Any]) -> str:
    """Cite a value of law: the provision, how sure it is, and what there is to say of it."""
    source = f": {value.source}" if value.source else ""
    note = f" {value.note}" if value.note else ""
    return f"{value.cite} ({CERTAINTIES[value.certainty]}{source}).{note}"


def _petition_chart(decision: Mapping[str, Any]) -> Markup:
    steps = [("received", decision["lines"]), ("standing", decision["standing"])]
    if decision["method"] == "sample":
        steps += [
            ("distinct", decision["universe"]),
            ("projected", decision["projection"]["rounded"]),
            ("lower bound", decision["lower_bound"]["value"]),
        ]
    required = decision["required"]
    rows = [
        Bar(label, Fraction(count), f"{count:,}", "bar" if count >= required else "bar short")
        for label, count in steps
    ]
    title = f"Lines at each step against {required:,} required; the numbers are in the tables below"
    return bars(title, rows, Fraction(required), f"{required:,} required")


def _result(record: Record) -> dict[str, Any] | None:
    if record.standing("result") is None:
        return None
    inputs = record.inputs(("result", "returns"))
    result = inputs.document("result")
    regions = _table(inputs.data("result", "regions.csv"))
    shares = [
        share_bar(
            row["region"],
            Fraction(int(row["yes"]), int(row["formal"]) or 1),
            reached=row["carried"] == "true",
        )
        for row in regions
    ]
    title = "Share of yes among the formal votes by region, against one half; numbers in the table"
    turnout = Fraction(result["turnout"]) if result["turnout"] else None
    return {
        **result,
        "regions": regions,
        "apart": [row["region"] for row in regions if row["counts"] == "false"],
        "districts": _table(inputs.data("result", "districts.csv")),
        "aside": _table(inputs.data("returns", "set_aside.csv")),
        "turnout_text": percent(turnout) if turnout is not None else "not known",
        "chart": bars(title, shares, Fraction(1, 2), "one half") if shares else "",
    }


def _table(data: bytes) -> list[dict[str, str]]:

    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def _act(record: Record, act: Act, fallen: bool) -> ActView:
    return ActView(
        number=act.number,
        title=act_title(act),
        day=act.at[:10],
        by=act.by,
        section=act.section,
        facts=tuple(fact_texts(act.facts)),
        bundles=tuple(_bundle(record, act, bundle) for bundle in act.writes),
        fallen=fallen,
        corrects=act.corrects,
    )


def _bundle(record: Record, act: Act, bundle: Written) -> BundleView:
    files: tuple[File, ...] = ()
    if not bundle.sealed:
        folder = f"bundles/public/{bundle.digest}"
        manifest = record.bundles.manifest(bundle.digest, sealed=False)
        files = tuple(
            File(f"{folder}/{file.name}", file.name, file.rows, file.bytes, file.sha256)
            for file in manifest.files
        )
    title = KIND_TITLES.get(bundle.kind, bundle.kind)
    return BundleView(title, bundle.digest, bundle.sealed, act.number, files)
