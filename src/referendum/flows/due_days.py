"""What is due when: the days that the statute, a call for a seed or an officer's term sets."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from referendum.core.days import read_date, read_time
from referendum.law import FINAL_ANSWERS, Statute
from referendum.law.calendar import compute_deadlines
from referendum.record.reading import Record
from referendum.record.seed_calls import DRAWS, unused_call

DECIDING_STEPS = ("preliminary_count", "sample", "full_check", "verification", "decision")
"""Steps of statutes, by their codes, that are over when the petition is decided."""


@dataclass(frozen=True)
class DueDay:
    """A last day, or a last moment.

    Attributes:
        day: a day, or a time with its offset (ISO 8601).
        who: whose it is; empty where the act does not say.
        what: must be done by then.
        why: the provision or the act that sets it.
        silence: what follows if it is not done; empty where nothing is said.
        on_record: whether an act of this record shows when it is done.
    """

    day: str
    who: str
    what: str
    why: str
    silence: str = ""
    on_record: bool = True

    def is_past(self, now: str) -> bool:
        """Whether it is over at a time."""
        if len(self.day) == len("2026-05-02"):
            return self.day < now[:10]
        return read_time(self.day) < read_time(now)


def due_days(record: Record, statute: Statute) -> list[DueDay]:
    """Give what is due when on a record, the earliest first."""
    found = [*_signing(record), *_by_statute(record, statute), *_calls(record), *_terms(record)]
    return sorted(found, key=lambda one: one.day)


def _signing(record: Record) -> Iterator[DueDay]:
    issue, closed = record.standing("petition.issue"), record.standing("draw")
    if issue is not None and closed is None and record.standing("decide") is None:
        what = "last day of signing"
        yield DueDay(issue.facts["last_day"], "", what, f"act {issue.number}, {issue.section}")


def _by_statute(record: Record, statute: Statute) -> Iterator[DueDay]:
    events = _events(record)
    if not events or not statute.steps:
        return
    known = {step.code for step in statute.steps}
    known |= {step.after for step in statute.steps} | {step.before for step in statute.steps}
    days = {code: day for code, day in events.items() if code in known}
    for one in compute_deadlines(statute, None, days):
        if one.code not in days and one.latest is not None:
            who, why = one.actor, f"{one.step.text}; {one.step.cite}"
            is_deciding = one.code in DECIDING_STEPS
            yield DueDay(one.latest.isoformat(), who, one.does, why, one.silence, is_deciding)


def _events(record: Record) -> dict[str, date]:
    """Give the days on which steps of the statute were done, as far as the acts show it."""
    issue, decision = record.standing("petition.issue"), record.standing("decide")
    if issue is None:
        return {}
    parameters = issue.parameters
    events = {
        "issue": read_date(parameters["issued_on"]),
        "collection_begins": read_date(parameters["first_day"]),
        "collection_ends": read_date(issue.facts["last_day"]),
    }
    if came := record.standings.all_of("petition.receive"):
        events["delivery"] = max(_day(act.at) for act in came)
    if decision and decision.facts["decision"] in FINAL_ANSWERS:
        events |= dict.fromkeys(DECIDING_STEPS, _day(decision.at))
    return events


def _day(at: str) -> date:
    return read_date(at[:10])


def _calls(record: Record) -> Iterator[DueDay]:
    for kind in DRAWS:
        call = unused_call(record.standings, kind)
        if call is not None and call.close is None:
            parties = ", ".join(call.call.parties) or "the parties"
            what = "commit to their secrets and reveal them"
            yield DueDay(call.call.until, parties, what, f"act {call.act.number}")


def _terms(record: Record) -> Iterator[DueDay]:
    for one in record.roster.serving():
        if one.until is not None:
            yield DueDay(one.until, str(one), "the term as an officer ends", f"act {one.act}")
