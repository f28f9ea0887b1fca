"""How the costs of audits are told in lines, and drawn."""

import textwrap
from collections.abc import Sequence

from referendum.audit.costing import Effort
from referendum.core.exact import percent, read_fraction
from referendum.flows.audit.cost import AuditCosts, Cost
from referendum.publish.ranges import Panel, Range, ranges

WIDTH = 80
METHODS_SHORT = ("polling", "batches", "cards", "ONEAudit")


def cost_lines(found: AuditCosts) -> list[str]:
    """Tell costs in lines of at most 80 columns, and recommend."""
    lines = [line for text in found.uncounted for line in _wrapped(f"Not counted yet: {text}.")]
    if found.full_count:
        lines += _wrapped(f"Only a full count can show this outcome: {found.full_count}.")
    for text in found.settled:
        lines += _wrapped(f"Settled by the canvass, with no sample: {text}.")
    if found.recommendation is None:
        return lines or ["no claim is left for a sample"]
    lines += _scenario("If the report is right", [(one.method, one.right) for one in found.whole])
    lines += ["", *_scenario(
        f"If {_rate(found.errors.one_vote)} of the cards are truly blank and"
        f" {_rate(found.errors.two_votes)} the other way",
        [(one.method, one.small_errors) for one in found.whole],
    )]  # fmt: skip
    lines += ["", *_claims(found), "", f"Recommended: {found.recommendation.method}."]
    for reason in found.recommendation.reasons:
        lines += _wrapped(reason)
    return [*lines, "", *_assumed(found)]


def _rate(share: float) -> str:
    return percent(read_fraction(f"{share:.10f}"), 2)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)


def _scenario(title: str, rows: Sequence[tuple[str, Effort]]) -> list[str]:
    lines = [
        f"{title}:",
        f"{'':<18}{'boxes':>14}{'cards':>24}{'people-hours':>20}",
        f"{'':<18}" + f"{'mean':>7}{'9 of 10':>8}{'mean':>12}{'9 of 10':>11}" + f"{'mean':>11}"
        f"{'9 of 10':>9}",
    ]
    return lines + [
        f"{method:<18}{one.boxes.mean:>7,}{one.boxes.high:>8,}{one.cards.mean:>12,}"
        f"{one.cards.high:>11,}{one.hours.mean:>11,}{one.hours.high:>9,}"
        for method, one in rows
    ]


def _claims(found: AuditCosts) -> list[str]:
    """Give the mean cards of each claim with small errors, a row for each claim."""
    lines = [_claim_row("Claim; cards with small errors, mean", "margin", METHODS_SHORT)]
    for one in found.claims:
        costs = one.costs[: len(METHODS_SHORT)]
        cells = [f"{cost.small_errors.cards.mean:,}" for cost in costs]
        lines.append(_claim_row(one.claim[:36], f"{one.margin:.2%}", cells))
    return lines


def _claim_row(claim: str, margin: str, cells: Sequence[str]) -> str:
    polling, batches, cards, oneaudit = cells
    return f"{claim:<37}{margin:>8}{polling:>9}{batches:>9}{cards:>8}{oneaudit:>9}"


def _assumed(found: AuditCosts) -> list[str]:
    rates = found.rates
    return _wrapped(
        f"Risk limit {found.risk_limit}; {found.runs:,} simulated audits of each kind. Hours:"
        f" {rates.people} people together, {rates.box:g} minutes a box, {rates.card:g} a single"
        f" card, {rates.counted:g} a card of a box that is counted; put in your own"
        " (--help). Card comparison needs a record of every card, ONEAudit the totals of every"
        " box; an audit that does not confirm is a full count."
    )


def cost_chart(found: AuditCosts) -> str:
    """Draw cards and hours of each method, in both scenarios."""
    panels = [
        Panel(
            "Cards that people look at",
            [_range(one, "cards") for one in found.whole],
        ),
        Panel("People-hours", [_range(one, "hours") for one in found.whole]),
    ]
    one, two = _rate(found.errors.one_vote), _rate(found.errors.two_votes)
    legend = ("if the report is right", f"with {one} one-vote and {two} two-vote errors")
    limit = _rate(float(read_fraction(found.risk_limit)))
    title = f"What each kind of audit takes, at a risk limit of {limit}"
    return str(ranges(title, legend, panels))


def _range(cost: Cost, what: str) -> Range:
    right, wrong = getattr(cost.right, what), getattr(cost.small_errors, what)
    return Range(cost.method, ((right.mean, right.high), (wrong.mean, wrong.high)))
