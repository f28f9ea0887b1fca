"""What a page says of seeds: who took part in making each, what each revealed, and who did not."""

from collections.abc import Iterable
from typing import Any

from referendum.flows.wording import DRAW_WORDS, TYPED, dice_words, origin_of_seed
from referendum.record.acts import Act
from referendum.record.calls import DRAWS, Answered
from referendum.record.reading import Record


def seeds_made(record: Record) -> dict[str, Any] | None:
    """Gather what the page shows of seeds; None where no draw was made and nobody was called."""
    calls = [_call(record, act) for act in record.acts if act.kind == "seed.call"]
    typed = [
        {"act": act.number, "draws": DRAW_WORDS[act.kind], "seed": act.parameters["seed"]}
        for act in _drawing(record)
        if origin_of_seed(act) == TYPED
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
    return {"words": TYPED, "typed": True}


def joined(names: Iterable[str]) -> str:
    """Write names as a list of words."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _drawing(record: Record) -> list[Act]:
    fallen = record.fallen()
    return [act for act in record.acts if act.kind in DRAWS and act.number not in fallen]


def _call(record: Record, act: Act) -> dict[str, Any]:
    found = Answered.of(record.standings, act)
    cause = record.causes().get(act.number)
    facts = found.close.facts if found.close else {}
    return {
        "act": act.number,
        "draws": DRAW_WORDS[act.parameters["for"]],
        "until": act.parameters["until"],
        "dice": dice_words(act.parameters["dice"]) if act.parameters["dice"] else "",
        "rolled": found.dice.parameters["digits"] if found.dice else None,
        "parties": [_party(found, party) for party in found.call.parties],
        "withheld": joined(facts["withheld"]) if facts.get("withheld") else "",
        "absent": joined(facts["absent"]) if facts.get("absent") else "",
        "seed": facts.get("seed"),
        "text": f"bundles/public/{found.close.writes[0].digest}/seed.txt" if found.close else "",
        "used": found.used.number if found.used else None,
        "dropped": None if cause is None else {"act": cause, "why": record.acts[cause].reason},
        "known": bool(found.reveals or found.dice or found.close),
    }


def _party(found: Answered, party: str) -> dict[str, Any]:
    committed, revealed = found.commitments.get(party), found.reveals.get(party)
    return {
        "name": party,
        "committed": committed.number if committed else None,
        "revealed": revealed.number if revealed else None,
        "secret": revealed.parameters["secret"] if revealed else "",
    }
