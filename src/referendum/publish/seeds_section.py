"""What a page says of seeds: who took part in making each, what each revealed, and who did not."""

from collections.abc import Iterable
from typing import Any

from referendum.flows.wording import DRAW_WORDS, TYPED_SEED, dice_words, origin_of_seed
from referendum.publish.figures import Figure, trace
from referendum.record.acts import Act
from referendum.record.reading import Record
from referendum.record.seed_calls import DRAWS, AnsweredCall


def seeds_section(record: Record) -> dict[str, Any] | None:
    """Gather what the page shows of seeds; None where no draw was made and nobody was called."""
    calls = [_call(record, act) for act in record.acts if act.kind == "seed.call"]
    typed = [
        {
            "act": _number(act),
            "draws": DRAW_WORDS[act.kind],
            "seed": trace(act.parameters["seed"], f"{act.number}/parameters/seed"),
        }
        for act in _draws(record)
        if origin_of_seed(act) == TYPED_SEED
    ]
    if not calls and not typed:
        return None
    return {"calls": calls, "typed": typed}


def origin(record: Record, seed: str | None) -> dict[str, Any] | None:
    """Say of a seed who made it: `words`, and `typed`; None where there is none."""
    if seed is None:
        return None
    for act in record.acts:
        if act.kind == "seed.close" and act.facts["seed"] == seed:
            (bundle,) = record.standings.read_by(act)["seed_call"]
            call = record.standings.writer(bundle)
            dice = call.parameters["dice"]
            secrets = (
                [f"the secrets of {joined(act.facts['revealed'])}"] if act.facts["revealed"] else []
            )
            rolled = [f"{dice['rolls']} dice, rolled in public by {dice['by']}"] if dice else []
            return {"words": " and ".join([*secrets, *rolled]), "typed": False}
    return {"words": TYPED_SEED, "typed": True}


def joined(names: Iterable[str]) -> str:
    """Write names as a list of words."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _number(act: Act | None) -> Figure | None:
    return Figure(act.number, f"{act.number}/number") if act else None


def _parameter(act: Act, name: str) -> Any:  # noqa: ANN401
    """Give a parameter of an act with its source."""
    return trace(act.parameters[name], f"{act.number}/parameters/{name}")


def _draws(record: Record) -> list[Act]:
    fallen = record.fallen_acts()
    return [act for act in record.acts if act.kind in DRAWS and act.number not in fallen]


def _call(record: Record, act: Act) -> dict[str, Any]:
    found = AnsweredCall.of(record.standings, act)
    cause = record.causes().get(act.number)
    facts = trace(found.close.facts, f"{found.close.number}/facts") if found.close else {}
    return {
        "act": _number(act),
        "draws": DRAW_WORDS[act.parameters["for"]],
        "until": _parameter(act, "until"),
        "dice": dice_words(_parameter(act, "dice")) if act.parameters["dice"] else "",
        "rolled": _parameter(found.dice, "digits") if found.dice else None,
        "parties": [_party(found, party) for party in found.call.parties],
        "withheld": joined(facts["withheld"]) if facts.get("withheld") else "",
        "absent": joined(found.uncommitted)
        if found.uncommitted and (found.reveals or found.close)
        else "",
        "began": bool(found.reveals),
        "seed": facts.get("seed"),
        "text": f"bundles/public/{found.close.writes[0].digest}/seed.txt" if found.close else "",
        "used": _number(found.draw),
        "dropped": None
        if cause is None
        else {
            "act": Figure(cause, f"{cause}/number"),
            "why": trace(record.acts[cause].reason, f"{cause}/reason"),
        },
        "known": bool(found.reveals or found.dice or found.close),
    }


def _party(found: AnsweredCall, party: str) -> dict[str, Any]:
    committed, revealed = found.commitments.get(party), found.reveals.get(party)
    return {
        "name": party,
        "committed": _number(committed),
        "signed": party in found.call.keys,
        "revealed": _number(revealed),
        "secret": _parameter(revealed, "secret") if revealed else "",
    }
