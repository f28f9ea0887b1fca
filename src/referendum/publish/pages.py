"""What a page says of a record: values only, ready for the template."""

import base64
import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from msgspec import structs

from referendum.flows.count.combined_returns import read_combined_returns, set_aside_rows
from referendum.flows.count.outcome import (
    exclusion_lines,
    outcome_word,
    reason_words,
    returns_words,
    set_aside_lines,
    share_words,
)
from referendum.flows.headline import (
    districts_to_recount,
    headline,
    reason_unsettled,
    returns_since,
)
from referendum.flows.petition.fallen import missing_deliveries
from referendum.flows.petition.totals import standing_deliveries
from referendum.flows.wording import (
    act_title,
)
from referendum.law import (
    CERTAINTIES,
    CONDITIONS,
    CalculationStep,
    Statute,
    Value,
    exclusions_from_opening,
    read_statute,
)
from referendum.publish.audit_section import audit_section, audit_words
from referendum.publish.charts import bars, share_bar
from referendum.publish.decision_section import comparison_words, decision_section
from referendum.publish.figures import (
    Figure,
    Rows,
    Words,
    count,
    document,
    mark,
    plain,
    share,
    sum_of,
    table,
    trace,
)
from referendum.publish.forecast_section import view
from referendum.publish.risk_section import risk_section, sample_risk
from referendum.publish.seeds_section import seeds_section
from referendum.publish.timeline import (
    ActView,
    BundleView,
    answer_of,
    day_of,
    number_of,
    reason_of,
    show_act,
)
from referendum.publish.witnesses_section import witnesses_section
from referendum.record.acts import Act
from referendum.record.frames import to_csv
from referendum.record.reading import Inputs, Record
from referendum.record.seed_calls import AnsweredCall


@dataclass(frozen=True)
class Answer:
    """The first thing a reader wants to know.

    Attributes:
        word: the headline.
        told: what is said beside it, with the sources of its figures.
        good: whether that is a yes; None where it is open.
    """

    word: str
    told: str
    good: bool | None

    @property
    def headline(self) -> str:
        """The headline, with its source."""
        return mark("state", self.word, self.word)

    @property
    def detail(self) -> str:
        """What is said beside the headline, as text alone."""
        return plain(self.told)


@dataclass(frozen=True)
class Page:
    """Everything that the page of one record shows."""

    name: str
    title: str
    question: str
    statute: str
    office: str
    made_up: bool
    officers: bool
    answer: Answer
    updated: str
    decision: Mapping[str, Any] | None
    risk: Mapping[str, Any] | None
    sample_risk: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    audit: Mapping[str, Any] | None
    forecast: Mapping[str, Any] | None
    seeds: Mapping[str, Any] | None
    witnesses: Mapping[str, Any] | None
    deliveries: str
    withdrawn: tuple[str, ...]
    again: tuple[str, ...]
    acts: tuple[ActView, ...]
    key: str
    size: int
    root: str

    @property
    def heading(self) -> str:
        """What the window is called."""
        text = f"{''.join(self.title)}: {self.answer.word}"
        return mark("heading", text, text)

    @property
    def public(self) -> list[BundleView]:
        """The public bundles, in the order of the acts."""
        return [bundle for act in self.acts for bundle in act.bundles if not bundle.sealed]


def page(record: Record, policy: bytes | None = None) -> Page:
    """Gather what the page of a record shows.

    Args:
        record: it.
        policy: the trust policy that is published beside it, if there is one.
    """
    record.require_signed()
    opening = record.opening
    fallen = record.fallen_acts()
    statute = _statute(record)
    decision, result, audit = (
        decision_section(record, statute),
        _result(record, statute),
        audit_section(record),
    )
    return Page(
        name=record.folder.name,
        title=Words(opening.parameters["title"], "0/parameters/title"),
        question=Words(opening.parameters["question"], "0/parameters/question"),
        statute=statute.title,
        office=opening.parameters["office"],
        made_up=record.made_up,
        officers=bool(record.roster.rule),
        answer=_answer(record, decision, result, audit),
        updated=record.acts[-1].recorded,
        decision=decision,
        risk=risk_section(record),
        sample_risk=sample_risk(record, decision) if decision else None,
        result=result,
        audit=audit,
        forecast=_forecast(record),
        seeds=seeds_section(record),
        witnesses=witnesses_section(record, policy),
        deliveries=_deliveries(record),
        withdrawn=_withdrawn_answers(record),
        again=(*_redone_acts(record), *_deliveries_put_right(record)),
        acts=tuple(show_act(record, act, act.number in fallen) for act in record.acts),
        key=Words(record.info.key, "log/key"),
        size=Figure(record.log.size, "log/size"),
        root=Words(base64.b64encode(record.log.root).decode(), "log/root"),
    )


def _statute(record: Record) -> Statute:
    bundle = record.opening.writes[0]
    return read_statute(record.bundles.read(bundle.digest, "statute.toml", sealed=False))


def _answer(
    record: Record,
    decision: Mapping[str, Any] | None,
    result: Mapping[str, Any] | None,
    audit: Mapping[str, Any] | None,
) -> Answer:
    word = headline(record)
    if decision:
        detail = f"{comparison_words(decision)}; {decision['required']:,} required"
        found = decision["decision"]
        return Answer(word, detail, None if decision["open"] else found == "sufficient")
    if result:
        return _outcome(record, word, result, audit)
    last = record.acts[-1]
    return Answer(word, f"Last step: {act_title(last)}, {day_of(last)}", None)


def _withdrawn_answers(record: Record) -> tuple[str, ...]:
    """Tell each answer, and each count by hand against one, that no longer stands, and why."""
    causes = record.causes()
    return tuple(
        f"Act {number_of(act)} of {day_of(act)} {_said(act)}. It no longer stands,"
        f" because: {reason_of(record.acts[causes[act.number]])}"
        f" (act {number_of(record.acts[causes[act.number]])})"
        for act in record.acts
        if act.number in causes and _said(act)
    )


def _said(act: Act) -> str:
    """Say what an act had said of the outcome; empty where it said nothing of it."""
    if act.kind == "audit.full_count" and not act.facts["confirmed"]:
        return "was a count by hand that did not confirm the result"
    return f"had said “{answer_of(act)}”" if act.kind in {"decide", "result"} else ""


AGAIN = {
    "draw": ("The sample of lines was drawn", "The lines of stage {} were drawn"),
    "risk.draw": (
        "The risk-limiting check was begun",
        "Round {} of the risk-limiting check was drawn",
    ),
    "audit.draw": ("The audit was begun", "Round {} of the audit was drawn"),
}
"""What is said of first and further draws made more than once: chance may be tried at leisure."""


def _redone_acts(record: Record) -> tuple[str, ...]:
    """Say what was drawn more than once, further rounds too, and which seeds were let go."""
    sentences = []
    for kind, (first, further) in AGAIN.items():
        name = "stage" if kind == "draw" else "round"
        rounds: dict[int, list[Act]] = {}
        for act in record.acts:
            if act.kind == kind:
                rounds.setdefault(act.parameters[name], []).append(act)
        for number, acts in rounds.items():
            shown = Figure(number, f"{acts[0].number}/parameters/{name}")
            words = first if number == 1 else further.format(shown)
            sentences += _drawn_again(record, words, acts)
    return (*sentences, *_seeds_let_go(record))


def _drawn_again(record: Record, words: str, acts: list[Act]) -> list[str]:
    """Say how often a round was drawn, and why; nothing where no draw of it fell."""
    causes = record.causes()
    fallen = [causes[act.number] for act in acts if act.number in causes]
    if len(acts) < 2 or not fallen:
        return []
    why = "; ".join(dict.fromkeys(reason_of(record.acts[cause]) for cause in fallen))
    numbers = ", ".join(str(number_of(act)) for act in acts)
    times = Figure(len(acts), f"count({','.join(f'{act.number}/number' for act in acts)})")
    return [f"{words} {times} times (acts {numbers}), because: {why}"]


def _seeds_let_go(record: Record) -> list[str]:
    """Say which calls for a seed were dropped, and which gave the seed of a draw that fell."""
    causes, sentences = record.causes(), []
    for act in record.acts:
        if act.kind != "seed.call":
            continue
        if act.number in causes:
            why = reason_of(record.acts[causes[act.number]])
            sentences.append(
                f"A call for a seed was dropped{_known_before(record, act)} (act"
                f" {number_of(act)}), because: {why}"
            )
            continue
        draw = AnsweredCall.of(record.standings, act).draw
        if draw is not None and draw.number in causes:
            why = reason_of(record.acts[causes[draw.number]])
            sentences.append(
                f"The call for a seed in act {number_of(act)} gave the seed of act"
                f" {number_of(draw)}, which was put right, because: {why}"
            )
    return sentences


def _known_before(record: Record, call: Act) -> str:
    """Say what was known of the seed of a call when it was dropped."""
    found = AnsweredCall.of(record.standings, call)
    if found.close:
        return " after its seed was known"
    return " after secrets or dice of it were known" if found.reveals or found.dice else ""


def _deliveries(record: Record) -> str:
    """Say in how many deliveries the lines came, each number with its source; nothing for none."""
    found = standing_deliveries(record)
    if found is None:
        return ""
    facts = {act.number: trace(act.facts, f"{act.number}/facts") for act in found.acts}
    received = record.standings.all_of("petition.receive")
    numbered = [trace(act.facts, f"{act.number}/facts") for act in received]
    numbered = [one for one in numbered if one["first"] is not None]
    waiting = record.standings.bundles("lines_waiting", {})
    claims = [
        Figure(act.parameters["claimed"], f"{act.number}/parameters/claimed")
        for act in found.acts
        if act.parameters["claimed"] is not None
    ]
    said = replace(
        found,
        acts=tuple(structs.replace(act, number=number_of(act)) for act in found.acts),
        lines=sum_of(one["lines"] for one in numbered),
        waiting=sum_of(facts[record.standings.writer(one).number]["lines"] for one in waiting),
        claimed=sum_of(claims) if claims else None,
        count=Figure(found.count, f"count({','.join(f'{number}/number' for number in facts)})"),
    )
    return said.words


def _deliveries_put_right(record: Record) -> list[str]:
    """Say which deliveries of lines were put right, or fell with one that was, and why."""
    causes = record.causes()
    fell = [act.number for act in record.acts if act.kind == "petition.receive"]
    missing = missing_deliveries(record.standings)
    told = [*_missing(record, missing), *_left_out(record)]
    fell = [number for number in fell if number in causes and number not in missing]
    if not fell:
        return told
    why = "; ".join(dict.fromkeys(reason_of(record.acts[causes[number]]) for number in fell))
    named = ", ".join(str(number_of(record.acts[number])) for number in fell)
    return [
        *told,
        f"Lines were received again (deliveries that fell: acts {named}), because: {why}",
    ]


def _missing(record: Record, missing: Iterable[int]) -> list[str]:
    """Say which deliveries fell with another one and did not come again."""
    causes = record.causes()
    return [
        f"Act {number_of(record.acts[number])} fell and was not received again: its lines are"
        f" missing; it fell because: {reason_of(record.acts[causes[number]])}"
        for number in missing
    ]


def _left_out(record: Record) -> list[str]:
    """Say which acts went on without lines that were missing, and why."""
    causes = record.causes()
    said = [
        (act, trace(act.parameters, f"{act.number}/parameters").get("lines_left_out"))
        for act in record.acts
        if act.number not in causes
    ]
    return [
        f"Lines of deliveries that fell are left out of act {number_of(act)}, because: {why}"
        for act, why in said
        if why is not None
    ]


def _outcome(
    record: Record, word: str, result: Mapping[str, Any], audit: Mapping[str, Any] | None
) -> Answer:
    """Give the headline of a vote: what is settled, and what is not in yet."""
    questions = result["questions"]
    shares = [share_words(one, share) for one in questions]
    if len(questions) > 1:
        shares = [
            f"{one['question']}: {share}" for one, share in zip(questions, shares, strict=True)
        ]
    sentences = [*shares, returns_words(result), *([audit_words(audit)] if audit else [])]
    settled = (
        len(questions) == 1 and not reason_unsettled(record) and not districts_to_recount(record)
    )
    return Answer(word, "; ".join(sentences), questions[0]["carried"] if settled else None)


def section(step: CalculationStep) -> str:
    """Cite the section under which a line of arithmetic is done, and how sure that is."""
    sure = f" ({CERTAINTIES[step.certainty]})" if step.certainty else ""  # type: ignore[index]
    return f"{step.cite}{sure}"


def citation(value: Value[Any]) -> str:
    """Cite a value of law: the provision, how sure it is, and what there is to say of it."""
    source = f": {value.source}" if value.source else ""
    note = f" {value.note}" if value.note else ""
    return f"{value.cite} ({CERTAINTIES[value.certainty]}{source}).{note}"


def _result(record: Record, statute: Statute) -> dict[str, Any] | None:
    if record.standing("result") is None:
        return None
    inputs = record.inputs_and_outputs("result")
    result = document(record, inputs, "result")
    regions, districts, kinds = (
        _by_question(table(record, inputs, "result", f"{name}.csv"))
        for name in ("regions", "districts", "kinds")
    )
    questions = [
        {
            **one,
            "source": one.source,
            "outcome": outcome_word(one),
            "reasons": reason_words(one, statute.vote),
            **_shown_regions(regions[one["question"]]),
            "districts": districts[one["question"]],
            "kinds": kinds[one["question"]],
        }
        for one in result["questions"]
    ]
    whole, aside = read_combined_returns(inputs), set_aside_rows(inputs)
    places = _result_with_sources(record, inputs, "places.csv", _table(to_csv(whole.places)))
    return {
        **result,
        "questions": questions,
        "returns_words": returns_words(result),
        "open_rows": set_aside_lines(aside),
        "exclusions": exclusion_lines(
            questions, exclusions_from_opening(record.opening.parameters)
        ),
        "condition_names": CONDITIONS,
        "aside": _result_with_sources(record, inputs, "set_aside.csv", aside),
        "to_explain": _result_with_sources(
            record, inputs, "warnings.csv", _table(to_csv(whole.warnings))
        ),
        "recounted": bool(inputs.parameters("result").get("recounted")),
        "since": [number_of(act) for act in returns_since(record)],
        "between": table(record, inputs, "result", "between.csv"),
        "parts": [
            {
                "act": number_of(act),
                "day": day_of(act),
                "by": ", ".join(act.by),
                **trace(act.facts, f"{act.number}/facts"),
            }
            for act in record.standings.writers({"returns": inputs.bundles["returns"]})
        ],
        "outstanding": [row for row in places if row["status"] != "counted"],
        "outstanding_count": count(places, status="!counted"),
    }


def _result_with_sources(
    record: Record, inputs: Inputs, name: str, rows: list[dict[str, str]]
) -> list[dict[str, str]]:
    """Give rows that were gathered over all parts of the returns with their sources.

    What the parts show together may have taken rows away, but never changed one.
    """
    traced: dict[tuple[str, ...], list[dict[str, str]]] = {}
    whole = table(record, inputs, "returns", name)
    for row in whole:
        traced.setdefault(tuple(row.values()), []).append(row)
    found = [same.pop(0) if (same := traced.get(tuple(row.values()))) else row for row in rows]
    return whole if len(found) == len(whole) else found


def _shown_regions(regions: Rows) -> dict[str, Any]:
    shares = [
        share_bar(
            f"{row['region']}",
            Fraction(int(row["yes"]), int(row["formal"]) or 1),
            share(row["yes"], row["formal"], 1),
            reached=row["carried"] == "true",
        )
        for row in regions
    ]
    title = "Share of yes among the formal votes by region, against one half; numbers in the table"
    return {
        "regions": regions,
        "apart": [row["region"] for row in regions if row["counts"] == "false"],
        "regions_count": any(row["counts"] == "true" for row in regions),
        "chart": bars(title, shares, Fraction(1, 2), "one half") if shares else "",
    }


def _by_question(rows: Rows) -> dict[str, Rows]:
    grouped: dict[str, Rows] = {}
    for row in rows:
        found = grouped.setdefault(row["question"], Rows())
        found.source = f"{rows.source},question={quote(row['question'], safe='')}"
        found.append(row)
    return grouped


def _forecast(record: Record) -> dict[str, Any] | None:
    act = record.standing("forecast")
    if act is None:
        return None
    inputs = record.inputs_and_outputs("forecast")
    names = ("outcome", "trend", "effects", "weights")
    tables = {name: table(record, inputs, "forecast", f"{name}.csv") for name in names}
    told = view(document(record, inputs, "forecast"), tables)
    aside = table(record, inputs, "polls", "set_aside.csv")
    return {**told, "aside": aside, "act": number_of(act)}


def _table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))
