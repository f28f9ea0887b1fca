"""The audit: planned from the returns, drawn, examined, and its risk stated, round by round."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from referendum.audit import WHOLE, Assertion, Claim, Claims, Votes, claims, macro_risk
from referendum.audit.assorters import MARKS, Assorter
from referendum.audit.batches import whole_weights
from referendum.audit.oneaudit import compared_risk, pool_mean, recorded_stake, stake
from referendum.audit.risk import polling_risk, printed
from referendum.audit.samplers import distinct, rivest, weighted
from referendum.core.errors import InputError, LawError, OrderError
from referendum.core.exact import as_text, fraction
from referendum.core.tables import Column, Table
from referendum.count import ELECTORS_BY_DISTRICT, RETURNS, count_result
from referendum.flows.frames import from_csv, public_tables
from referendum.flows.intake import read_whole_table
from referendum.flows.record import Inputs
from referendum.flows.writing import Derivation, Made, RecordWriter, Stamp
from referendum.journal import Act
from referendum.law import Statute, Tally, VoteRule, known

METHODS = ("ballot_polling", "batch_comparison", "oneaudit", "card_comparison")
_PLACE = ("region", "district", "place")
DRAWS = pl.Schema(
    {
        "round": pl.Int64,
        "scope": pl.String,
        "draw": pl.Int64,
        **dict.fromkeys(_PLACE, pl.String),
        "card": pl.Int64,
    }
)

_OF_PLACE = tuple(
    Column(name, "text", meaning, required=True)
    for name, meaning in (
        ("region", "as in the returns"),
        ("district", "as in the returns"),
        ("place", "polling place whose box was opened"),
    )
)
CARDS = Table(
    "findings on cards",
    (
        *_OF_PLACE,
        Column("card", "integer", "place of the card in the box, from 1", required=True, least=1),
        Column("mark", "text", "`yes`, `no`, `blank` or `missing`", required=True),
    ),
    key=(*_PLACE, "card"),
)
BATCHES = Table(
    "findings on boxes",
    (
        *_OF_PLACE,
        Column("yes", "integer", "counted by hand", required=True, least=0),
        Column("no", "integer", "counted by hand", required=True, least=0),
        Column("informal", "integer", "counted by hand", required=True, least=0),
    ),
    key=_PLACE,
)
RECORDS = Table(
    "records of cards",
    (
        *_OF_PLACE[:2],
        Column("place", "text", "polling place in whose box the card lies", required=True),
        Column("card", "integer", "place of the card in the box, from 1", required=True, least=1),
        Column("mark", "text", "`yes`, `no` or `blank`, as it was read", required=True),
    ),
    key=(*_PLACE, "card"),
)
FINDINGS = {
    "ballot_polling": CARDS,
    "batch_comparison": BATCHES,
    "oneaudit": CARDS,
    "card_comparison": CARDS,
}


def _rule(statute: Statute) -> VoteRule:
    return known(statute.vote, "how a vote is decided")


def _section(statute: Statute, _: Mapping[str, Any]) -> str:
    return _rule(statute).cite


def boxes_of(inputs: Inputs, question: str | None = None) -> pl.DataFrame:
    """Give the boxes of a question: `region`, `district`, `place` and their votes.

    A box of a kind of vote among several is named `PLACE (KIND)`.

    Raises:
        LawError: the returns are of several questions, and none of them is named.
        InputError: they are not of the one that is named.
    """
    returns = from_csv(inputs.data("returns", "returns.csv"), RETURNS.schema)
    questions = returns.get_column("question").unique().sort().to_list()
    if question is None and len(questions) > 1:
        raise LawError(
            f"the returns are of {len(questions)} questions, and an audit is of one",
            hint=f"--question, one of: {', '.join(questions)}",
        )
    if question is not None:
        if question not in questions:
            raise InputError(
                f"there are no returns of the question {question!r}",
                hint=f"one of: {', '.join(questions)}",
            )
        returns = returns.filter(pl.col("question") == question)
    if returns.get_column("kind").n_unique() > 1:
        returns = returns.with_columns(place=pl.format("{} ({})", "place", "kind"))
    return returns


def claims_of(inputs: Inputs, prove: str | None, question: str | None = None) -> Claims:
    """Turn the result of the returns into claims; N of a scope is the sum of its ballots."""
    rule = _rule(inputs.statute())
    electors = from_csv(inputs.data("returns", "electors.csv"), ELECTORS_BY_DISTRICT.schema)
    result = count_result(boxes_of(inputs, question), electors, rule)
    regions = {row["region"]: _votes(row) for row in result.regions.iter_rows(named=True)}
    counting = rule.regions.value if rule.regions else []
    if missing := [name for name in counting if name not in regions]:
        raise OrderError(
            f"there are no returns of {', '.join(missing)}, whose majority counts",
            hint="an audit is planned when every region that counts has returns",
        )
    return claims(rule, result.conditions, _votes(result.totals), regions, prove)


def _votes(row: Mapping[str, Any]) -> Votes:
    return Votes(Tally(row["yes"], row["no"], row["informal"], row["electors"]), row["total"])


def _plan(inputs: Inputs, parameters: Mapping[str, Any]) -> Made:
    claimed = claims_of(inputs, parameters["prove"], parameters.get("question"))
    document = {
        "carried": claimed.carried,
        "assertions": [_written(one) for one in claimed.assertions],
        "settled": len(claimed.canvass),
        "full_count": bool(claimed.full_count),
    }
    facts = {
        "carried": claimed.carried,
        "claims": len(claimed.assertions),
        "full_count": bool(claimed.full_count),
    }
    return Made((public_tables("audit_plan", {}, document),), facts)


def _written(one: Assertion) -> dict[str, Any]:
    worths: dict[str, Any] = {mark: as_text(one.assorter.of(mark)) for mark in MARKS}
    return {
        "condition": one.condition,
        "scope": one.scope,
        "reached": one.reached,
        "cards": one.cards,
        "mean": as_text(one.mean),
        **worths,
    }


def _read_plan(inputs: Inputs) -> tuple[str, list[Assertion]]:
    """Give the method and the claims of the plan."""
    assertions = [
        Assertion(
            one["condition"],
            one["scope"],
            one["reached"],
            Assorter(*(Fraction(one[mark]) for mark in MARKS)),
            one["cards"],
            Fraction(one["mean"]),
        )
        for one in inputs.document("audit_plan")["assertions"]
    ]
    return inputs.parameters("audit_plan")["method"], assertions


PLANNING = Derivation(
    kind="audit.plan",
    reads=lambda p: (
        "statute",
        "returns",
        "result",
        *["audit_cards"] * (p["method"] == "card_comparison"),
    ),
    section=_section,
    make=_plan,
)


def plan_audit(
    record: RecordWriter,
    method: str,
    risk_limit: str,
    prove: str | None,
    stamp: Stamp,
    question: str | None = None,
    error_rates: tuple[str, str] = ("1/1000", "1/10000"),
) -> Act:
    """Commit to the claims, the method and the risk limit, before any seed is known.

    The question is one of several; none is named where there is but one. Error rates are for card
    comparison: shares of the cards whose record overstates the outcome by half a vote, and by a
    whole one.

    Raises:
        InputError: the risk limit is not between 0 and 1, or `prove` did not fail.
    """
    record.require_subject("vote")
    limit = fraction(risk_limit)
    if not 0 < limit < 1:
        raise InputError(f"a risk limit of {risk_limit} is not between 0 and 1", hint="mostly 0.05")
    parameters: dict[str, Any] = {
        "method": method,
        "risk_limit": as_text(limit),
        "prove": prove,
    }
    if question is not None:
        parameters["question"] = question
    if method == "card_comparison":
        rates = [fraction(rate) for rate in error_rates]
        if min(rates) < 0 or sum(rates) >= 1:
            raise InputError(f"error rates of {', '.join(error_rates)} are none")
        parameters["error_rates"] = [as_text(rate) for rate in rates]
        of_cards = record.inputs(("audit_cards",)).parameters("audit_cards")["question"]
        if of_cards != question:
            raise InputError(
                f"the records of cards are of the question {of_cards or 'that is asked alone'}",
                hint="receive those of this one with: referendum audit cards",
            )
    return record.derive(PLANNING, parameters, stamp)


@dataclass(frozen=True)
class Scope:
    """The boxes and claims of the whole, or of a region.

    Attributes:
        boxes: rows of the returns, in their order.
        assertions: what is claimed of them.
    """

    boxes: list[dict[str, Any]]
    assertions: list[Assertion]

    @property
    def claims(self) -> list[Claim]:
        """The claims as batches are compared to them."""
        return [Claim(one.assorter, one.mean, one.cards) for one in self.assertions]

    @property
    def bounds(self) -> list[Fraction]:
        """The largest relative overstatement of each box: the largest over the claims."""
        return [
            max(claim.bound(_tally(box), box["total"]) for claim in self.claims)
            for box in self.boxes
        ]


def _tally(box: Mapping[str, Any]) -> Tally:
    return Tally(box["yes"], box["no"], box["informal"])


def _scopes(inputs: Inputs, assertions: list[Assertion]) -> dict[str, Scope]:
    question = inputs.parameters("audit_plan").get("question")
    boxes = boxes_of(inputs, question).to_dicts()
    names = sorted({one.scope for one in assertions})
    return {
        name: Scope(
            [box for box in boxes if name in (WHOLE, box["region"])],
            [one for one in assertions if one.scope == name],
        )
        for name in names
    }


def _draw(inputs: Inputs, parameters: Mapping[str, Any]) -> Made:
    method, assertions = _read_plan(inputs)
    later = parameters["round"] > 1
    earlier = (
        from_csv(inputs.data("audit_draw", "draws.csv"), DRAWS)
        if later
        else pl.DataFrame(schema=DRAWS)
    )
    seeds = inputs.document("audit_draw")["seeds"] if later else []
    rows = [
        (parameters["round"], name, number, *row)
        for name, scope in _scopes(inputs, assertions).items()
        for number, row in enumerate(
            _drawn(method, name, scope, parameters, earlier.filter(pl.col("scope") == name)),
            start=1,
        )
    ]
    fresh = pl.DataFrame(rows, schema=DRAWS, orient="row")
    document = {"seeds": [*seeds, parameters["seed"]]}
    facts = {"round": parameters["round"], "drawn": fresh.height}
    tables = {"draws": pl.concat([earlier, fresh])}
    return Made((public_tables("audit_draw", tables, document),), facts)


def _drawn(
    method: str, name: str, scope: Scope, parameters: Mapping[str, Any], earlier: pl.DataFrame
) -> list[tuple[Any, ...]]:
    """Draw from a scope: cards without replacement, or boxes by their bounds with replacement."""
    seed, size = f"{parameters['seed']},{name}", parameters["sizes"].get(name, 0)
    boxes = scope.boxes
    if method == "batch_comparison":
        picks = weighted(seed, whole_weights(scope.bounds), size)
        return [(*_key(boxes[pick]), None) for pick in picks]
    starts = [0]
    for box in boxes:
        starts.append(starts[-1] + box["total"])
    first = {_key(box): start for box, start in zip(boxes, starts, strict=False)}
    taken = [first[tuple(row[:3])] + row[3] - 1 for row in earlier[[*_PLACE, "card"]].iter_rows()]
    if len(taken) + size > starts[-1]:
        raise InputError(f"{size} more cards cannot be drawn of {starts[-1]} in {name or 'all'}")
    cards = distinct(rivest(seed, 0, starts[-1] - 1), size, taken)
    places = pl.Series(starts[1:]).search_sorted(pl.Series(cards, dtype=pl.Int64), side="right")
    return [
        (*_key(boxes[place]), card - starts[place] + 1)
        for place, card in zip(places, cards, strict=True)
    ]


def _key(box: Mapping[str, Any]) -> tuple[str, str, str]:
    return box["region"], box["district"], box["place"]


AUDIT_DRAWING = Derivation(
    kind="audit.draw",
    reads=lambda p: (
        "statute",
        "returns",
        "audit_plan",
        *["audit_draw", "audit_risk"] * (p["round"] > 1),
    ),
    section=_section,
    make=_draw,
)


def draw_audit(record: RecordWriter, seed: str, sizes: dict[str, int], stamp: Stamp) -> Act:
    """Draw a round: boxes or cards, by a public seed that nobody knew when the plan was made.

    Args:
        record: the record.
        seed: public, and fresh for every round.
        sizes: draws by scope; the whole is `*`.
        stamp: of the act.

    Raises:
        InputError: the seed is empty or was used before; a scope has no claim, or no size.
        OrderError: nothing of the plan can be shown by a sample.
    """
    inputs = record.inputs(("audit_plan",))
    plan = inputs.document("audit_plan")
    if not plan["assertions"] or plan["full_count"]:
        raise OrderError("no sample shows this outcome", hint="see: referendum audit cost")
    scopes = {one["scope"] for one in plan["assertions"]}
    if set(sizes) != scopes or min(sizes.values()) < 1:
        raise InputError(
            f"sizes are given for {sorted(sizes)}, the claims are about {sorted(scopes)}",
            hint="--size N for the whole, --size REGION=N for each region",
        )
    number = _round(record, stamp)
    used = record.inputs(("audit_draw",)).document("audit_draw")["seeds"] if number > 1 else []
    if not seed.strip() or seed in used:
        raise InputError("the seed is empty or was used before", hint="roll the dice again")
    parameters = {"seed": seed, "sizes": sizes, "round": number}
    return record.derive(AUDIT_DRAWING, parameters, stamp)


def _round(record: RecordWriter, stamp: Stamp) -> int:
    """Give the number of the round: the next one where a risk stands, unless a draw is mended."""
    risk = record.standing("audit.risk")
    if risk is None:
        return 1
    mended = stamp.corrects is not None and stamp.corrects < risk.number
    return int(risk.facts["round"]) + (0 if mended else 1)


def receive_findings(
    record: RecordWriter, first: Path, second: Path, encoding: str, stamp: Stamp
) -> Act:
    """Receive what two people found, each in a file of their own, on what this round drew.

    Raises:
        InputError: the two differ, an item that was drawn lacks a finding, or another has one.
    """
    record.allow("audit.findings", stamp)
    inputs = record.inputs(("audit_draw", "audit_plan"))
    method = inputs.parameters("audit_plan")["method"]
    table = FINDINGS[method]
    hint = "each of the two files needs one row for every item that was drawn"
    one, two = (read_whole_table(table, path, encoding, hint) for path in (first, second))
    one, two = one.sort(table.key), two.sort(table.key)
    _require_equal(one, two, table, second)
    if table is CARDS:
        _require_marks(one, first)
    drawn = from_csv(inputs.data("audit_draw", "draws.csv"), DRAWS)
    number = inputs.parameters("audit_draw")["round"]
    earlier = _earlier(record, table, number)
    items = drawn.select(table.key).unique()
    known_items = earlier.select(table.key)
    _require_items(items.join(known_items, on=table.key, how="anti"), one, table, first)
    found = pl.concat([earlier, one]).sort(table.key)
    facts = {"round": number, "examined": one.height}
    made = Made((public_tables("audit_findings", {"findings": found}),), facts)
    kinds = ("audit_draw", *["audit_findings"] * (number > 1))
    section = _rule(record.inputs(("statute",)).statute()).cite
    return record.receive(
        "audit.findings", made, {}, stamp, section=section, inputs=record.inputs(kinds)
    )


def _earlier(record: RecordWriter, table: Table, number: int) -> pl.DataFrame:
    if number == 1:
        return pl.DataFrame(schema=table.schema)
    inputs = record.inputs(("audit_findings",))
    return from_csv(inputs.data("audit_findings", "findings.csv"), table.schema)


def _require_equal(one: pl.DataFrame, two: pl.DataFrame, table: Table, path: Path) -> None:
    """Two people must have found the same: a difference is settled on the paper, not here."""
    differ = pl.concat([one.join(two, on=one.columns, how="anti"),
                        two.join(one, on=one.columns, how="anti")])  # fmt: skip
    if differ.height:
        where = ", ".join(str(cell) for cell in differ.select(table.key).row(0))
        raise InputError(
            f"the two findings differ in {differ.height} rows, the first is {where}",
            where=str(path),
            hint="look at the paper again, both together",
        )


def _require_marks(
    findings: pl.DataFrame, path: Path, known_marks: tuple[str, ...] = MARKS
) -> None:
    odd = findings.filter(~pl.col("mark").is_in(known_marks))
    if odd.height:
        raise InputError(
            f"the mark {odd['mark'][0]!r} is not known",
            where=str(path),
            hint=f"one of {', '.join(known_marks)}",
        )


def _require_items(drawn: pl.DataFrame, found: pl.DataFrame, table: Table, path: Path) -> None:
    missing = drawn.join(found, on=table.key, how="anti").sort(table.key)
    strangers = found.join(drawn, on=table.key, how="anti").sort(table.key)
    for rows, what, hint in (
        (missing, "were drawn and have no finding", "a card that is not there is `missing`"),
        (strangers, "have a finding and were not drawn", "choosing cards would spoil the sample"),
    ):
        if rows.height:
            where = ", ".join(str(cell) for cell in rows.select(table.key).row(0))
            raise InputError(f"{rows.height} {what}: {where}", where=str(path), hint=hint)


def _risk(inputs: Inputs, _: Mapping[str, Any]) -> Made:
    method, assertions = _read_plan(inputs)
    draws = from_csv(inputs.data("audit_draw", "draws.csv"), DRAWS)
    findings = from_csv(inputs.data("audit_findings", "findings.csv"), FINDINGS[method].schema)
    limit = Fraction(inputs.parameters("audit_plan")["risk_limit"])
    risks = []
    for name, scope in _scopes(inputs, assertions).items():
        drawn = draws.filter(pl.col("scope") == name)
        measure = _MEASURES[method]
        if method == "card_comparison":
            measure = partial(_recorded_risks, given=_given(inputs))
        risks += [
            {"condition": one.condition, "scope": name, "risk": printed(risk)}
            for one, risk in zip(scope.assertions, measure(scope, drawn, findings), strict=True)
        ]
    highest = max((one["risk"] for one in risks), key=Fraction)
    number = inputs.parameters("audit_draw")["round"]
    facts = {"round": number, "risk": highest, "confirmed": Fraction(highest) <= limit}
    document = {**facts, "risk_limit": as_text(limit), "assertions": risks}
    return Made((public_tables("audit_risk", {}, document),), facts)


def _card_risks(
    scope: Scope, drawn: pl.DataFrame, findings: pl.DataFrame
) -> list[Fraction | float]:
    key = [*_PLACE, "card"]
    marks = drawn.join(findings, on=key, how="left", maintain_order="left")["mark"].to_list()
    return [polling_risk(one, marks) for one in scope.assertions]


def receive_cards(
    record: RecordWriter, path: Path, encoding: str, stamp: Stamp, question: str | None = None
) -> Act:
    """Receive a record of every card: box by box they must add up to the returns.

    Raises:
        InputError: a box has more or fewer records than ballots, or others than it reported.
    """
    record.allow("audit.cards", stamp)
    inputs = record.inputs(("returns",))
    hint = "every card of every box needs one good row"
    cards = read_whole_table(RECORDS, path, encoding, hint).sort(RECORDS.key)
    _require_marks(cards, path, MARKS[:3])
    _require_sums(cards, boxes_of(inputs, question), path)
    made = Made((public_tables("audit_cards", {"cards": cards}),), {"cards": cards.height})
    section = _rule(record.inputs(("statute",)).statute()).cite
    return record.receive(
        "audit.cards", made, {"question": question}, stamp, section=section, inputs=inputs
    )


def _require_sums(cards: pl.DataFrame, boxes: pl.DataFrame, path: Path) -> None:
    def many(mark: str) -> pl.Expr:
        return (pl.col("mark") == mark).sum().cast(pl.Int64)

    found = cards.group_by(_PLACE).agg(
        yes=many("yes"), no=many("no"), informal=many("blank"),
        total=pl.len().cast(pl.Int64), last=pl.col("card").max(),
    )  # fmt: skip
    told = boxes.filter(pl.col("total") > 0).with_columns(last="total")
    names = ("yes", "no", "informal", "total", "last")
    odd = (
        told.select(*_PLACE, *names)
        .join(found, on=_PLACE, how="full", coalesce=True, suffix="_of_cards")
        .filter(
            pl.any_horizontal(
                ~pl.col(name).eq_missing(pl.col(f"{name}_of_cards")) for name in names
            )
        )
        .sort(_PLACE)
    )
    if odd.height:
        row = odd.row(0, named=True)
        figures = ", ".join(
            f"{name} {row[f'{name}_of_cards']} against {row[name]}" for name in names[:4]
        )
        raise InputError(
            f"the records of {odd.height} boxes are not what was returned; the first,"
            f" {row['place']}: {figures}",
            where=str(path),
            hint="mend the records, or the returns with: referendum returns receive --corrects",
        )


def _recorded_risks(
    scope: Scope, drawn: pl.DataFrame, findings: pl.DataFrame, given: Mapping[str, Any]
) -> list[Fraction | float]:
    key = [*_PLACE, "card"]
    half, whole = (Fraction(rate) for rate in given["error_rates"])
    beside = drawn.join(findings, on=key, how="left", maintain_order="left").join(
        given["cards"], on=key, how="left", maintain_order="left", suffix="_read"
    )
    marks = list(beside.select("mark_read", "mark").iter_rows())
    return [
        compared_risk(
            one,
            [(one.assorter.of(read), found) for read, found in marks],
            recorded_stake(one, half, whole),
            0.0,
        )
        for one in scope.assertions
    ]


def _pooled_risks(
    scope: Scope, drawn: pl.DataFrame, findings: pl.DataFrame
) -> list[Fraction | float]:
    key = [*_PLACE, "card"]
    marks = drawn.join(findings, on=key, how="left", maintain_order="left")["mark"]
    boxes = {_key(box): (_tally(box), box["total"]) for box in scope.boxes}
    drawn_boxes = [boxes[row] for row in drawn.select(_PLACE).iter_rows()]
    return [
        compared_risk(
            one,
            [(pool_mean(one, *box), mark) for box, mark in zip(drawn_boxes, marks, strict=True)],
            stake(one, list(boxes.values())),
            0.5,
        )
        for one in scope.assertions
    ]


def _batch_risks(
    scope: Scope, drawn: pl.DataFrame, findings: pl.DataFrame
) -> list[Fraction | float]:
    """Give the risk of the scope, which its claims share: draws are by the largest bound."""
    bounds = {_key(box): bound for box, bound in zip(scope.boxes, scope.bounds, strict=True)}
    boxes = {_key(box): box for box in scope.boxes}
    audited = {_key(row): _tally(row) for row in findings.iter_rows(named=True)}
    taints = {}
    for key, found in audited.items():
        if key in boxes:
            reported, cards = _tally(boxes[key]), boxes[key]["total"]
            error = max(claim.error(reported, found, cards) for claim in scope.claims)
            taints[key] = error / bounds[key] if bounds[key] else Fraction(error > 0)
    order = [taints[row] for row in drawn.select(_PLACE).iter_rows()]
    risk = macro_risk(sum(bounds.values(), Fraction(0)), order)
    return [risk] * len(scope.assertions)


_MEASURES: dict[str, Callable[..., list[Fraction | float]]] = {
    "ballot_polling": _card_risks,
    "batch_comparison": _batch_risks,
    "oneaudit": _pooled_risks,
    "card_comparison": _recorded_risks,
}


def _given(inputs: Inputs) -> dict[str, Any]:
    """Give the records of the cards, and the error rates of the plan."""
    cards = from_csv(inputs.data("audit_cards", "cards.csv"), RECORDS.schema)
    return {"cards": cards, "error_rates": inputs.parameters("audit_plan")["error_rates"]}


RISK = Derivation(
    kind="audit.risk",
    reads=lambda p: (
        "statute",
        "returns",
        *["audit_cards"] * bool(p.get("records")),
        "audit_plan",
        "audit_draw",
        "audit_findings",
    ),
    section=_section,
    make=_risk,
)


def state_risk(record: RecordWriter, stamp: Stamp) -> Act:
    """State the risk that the outcome is wrong and the audit would still stop here."""
    method = record.inputs(("audit_plan",)).parameters("audit_plan")["method"]
    return record.derive(RISK, {"records": True} if method == "card_comparison" else {}, stamp)


def pulls(record: RecordWriter) -> pl.DataFrame:
    """Give the list of this round by box: what to take out, each once, in the order of the boxes.

    Returns:
        `region`, `district`, `place`, `card`; without the column `card` where boxes are counted.
    """
    inputs = record.inputs(("audit_draw", "audit_plan"))
    method = inputs.parameters("audit_plan")["method"]
    number = inputs.parameters("audit_draw")["round"]
    drawn = from_csv(inputs.data("audit_draw", "draws.csv"), DRAWS)
    key = FINDINGS[method].key
    before = drawn.filter(pl.col("round") < number)
    fresh = drawn.filter(pl.col("round") == number)
    return fresh.select(key).unique().join(before, on=key, how="anti").sort(key)
