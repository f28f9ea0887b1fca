"""Parts that stand side by side: none has what another has, and all say alike what all must say."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from referendum.verify.audit_samples import CARD_RECORD_COLUMNS
from referendum.verify.bundles import Bundle
from referendum.verify.chain import Chain
from referendum.verify.kinds import Act
from referendum.verify.polls import house_key, houses_of, poll_identities
from referendum.verify.report import Mismatch
from referendum.verify.returned_forms import Key, form_spelling_key, name_spelling_key, names_in
from referendum.verify.returns import (
    KEY,
    PLACES,
    PREVIOUS,
    SET_ASIDE_COLUMNS,
    VOTES,
    names_by_table,
    read_returns,
)

SHARED_PARAMETERS = {
    "returns": ("common_ballot", "scope"),
    "polls": ("referendum", "vote_date", "status_quo", "ballot_question"),
    "audit_findings": (),
    "audit_cards": (),
}
"""Parameters in which all parts of a kind agree."""


class StandingReturns:
    """What the parts of the returns that stand have."""

    def __init__(self) -> None:
        self._returned: dict[Key, int] = {}
        self._spelled: dict[Key, dict[str, set[int]]] = {}
        self._given: dict[str, set[int]] = {"electors": set(), "places": set(), "previous": set()}
        self._names: dict[int, set[Key]] = {}
        self._keys: dict[int, list[Key]] = {}

    def check(self, act: Act, bundle: Bundle) -> None:
        """See that a part has no form, and gives no table, that another part has."""
        file = f"{bundle.path}/returns.csv"
        aside = [row[1:6] for row in bundle.rows("set_aside.csv", SET_ASIDE_COLUMNS)]
        keys = [*(row[:5] for row in bundle.rows("returns.csv", (*KEY, *VOTES))), *aside]
        for key in map(tuple, keys):
            other = self._returned.get(form_spelling_key(key))
            if all(key) and other is not None:
                raise Mismatch(f"the form of {', '.join(key)} is in act {other} too", file)
        for name in self._tables(act, bundle):
            for other in self._given[name]:
                raise Mismatch(f"{name} came with act {other}", f"{bundle.path}/{name}.csv")
        expected = bool(self._given["places"]) or "places" in self._tables(act, bundle)
        if (act["parameters"].get("as_of") is not None) != expected:
            raise Mismatch("a time is given exactly where places are listed", file)
        for named in self._named(bundle):
            for spelling, acts in self._spelled.get(name_spelling_key(named), {}).items():
                if acts and spelling != named[-1]:
                    words = f"{named[-1]!r} is {spelling!r} in act {min(acts)}: they are one name"
                    raise Mismatch(words, file)

    def add(self, act: Act, bundle: Bundle) -> None:
        """Take note of a part."""
        number: int = act["number"]
        rows = bundle.rows("returns.csv", (*KEY, *VOTES))
        self._keys[number] = [form_spelling_key(tuple(row[:5])) for row in rows]
        self._returned.update((key, number) for key in self._keys[number])
        for name in self._tables(act, bundle):
            self._given[name].add(number)
        self._names[number] = set(self._named(bundle))
        for named in self._names[number]:
            spellings = self._spelled.setdefault(name_spelling_key(named), {})
            spellings.setdefault(named[-1], set()).add(number)

    def drop(self, number: int) -> None:
        """Take note that a part no longer stands."""
        for key in self._keys.pop(number):
            if self._returned.get(key) == number:
                del self._returned[key]
        for name in self._names.pop(number):
            _drop_spelling(self._spelled[name_spelling_key(name)], name[-1], number)
        for given in self._given.values():
            given.discard(number)

    @staticmethod
    def _tables(act: Act, bundle: Bundle) -> list[str]:
        given = {
            "electors": act["parameters"].get("electors") == "table",
            "places": any(bundle.rows("places.csv", PLACES)),
            "previous": any(bundle.rows("previous.csv", PREVIOUS)),
        }
        return [name for name, there in given.items() if there]

    @staticmethod
    def _named(bundle: Bundle) -> Iterable[Key]:
        aside = list(bundle.rows("set_aside.csv", SET_ASIDE_COLUMNS))
        tables = names_by_table(bundle, read_returns(bundle), aside)
        return {name for keys in tables.values() for key in keys for name in names_in(key)}


def _drop_spelling(spellings: dict[str, set[int]], spelling: str, number: int) -> None:
    """Take note that a part that spells a name so no longer stands."""
    spellings[spelling].discard(number)
    if not spellings[spelling]:
        del spellings[spelling]


class StandingFindings:
    """What the findings that stand are about."""

    def __init__(self) -> None:
        self._found: dict[Key, int] = {}
        self._keys: dict[int, list[Key]] = {}

    def check(self, act: Act, bundle: Bundle) -> None:  # noqa: ARG002
        """See that nothing was found by another part."""
        for key in self._of(bundle):
            if key in self._found:
                words = f"{', '.join(key)} was found in act {self._found[key]} too"
                raise Mismatch(words, f"{bundle.path}/findings.csv")

    def add(self, act: Act, bundle: Bundle) -> None:
        """Take note of a part."""
        self._keys[act["number"]] = self._of(bundle)
        self._found.update((key, act["number"]) for key in self._keys[act["number"]])

    def drop(self, number: int) -> None:
        """Take note that a part no longer stands."""
        for key in self._keys.pop(number):
            if self._found.get(key) == number:
                del self._found[key]

    @staticmethod
    def _of(bundle: Bundle) -> list[Key]:
        width = 5 if b",card,mark" in bundle.data("findings.csv").split(b"\n", 1)[0] else 4
        rows = (tuple(one.values()) for one in bundle.records("findings.csv"))
        return [row[:width] for row in rows]


class StandingCards:
    """Of which boxes there are records, and where each imprint stands."""

    def __init__(self) -> None:
        self._boxes: dict[Key, int] = {}
        self._prints: dict[str, dict[Key, int]] = {}
        self._own: dict[int, tuple[set[Key], set[tuple[str, Key]]]] = {}

    def check(self, act: Act, bundle: Bundle) -> None:  # noqa: ARG002
        """See that no box, and no card by its imprint, is in another part."""
        file = f"{bundle.path}/cards.csv"
        boxes, prints = self._of(bundle)
        for box in sorted(boxes):
            if box in self._boxes:
                raise Mismatch(f"{box[3]} has records in act {self._boxes[box]} too", file)
        for imprint, box in sorted(prints):
            for other, number in self._prints.get(imprint, {}).items():
                if other[0] == box[0] or other[1:] != box[1:]:
                    raise Mismatch(f"the imprint {imprint} stands in act {number} too", file)

    def add(self, act: Act, bundle: Bundle) -> None:
        """Take note of a part."""
        number: int = act["number"]
        self._own[number] = boxes, prints = self._of(bundle)
        self._boxes.update((box, number) for box in boxes)
        for imprint, box in prints:
            self._prints.setdefault(imprint, {})[box] = number

    def drop(self, number: int) -> None:
        """Take note that a part no longer stands."""
        boxes, prints = self._own.pop(number)
        for box in boxes:
            if self._boxes.get(box) == number:
                del self._boxes[box]
        for imprint, box in prints:
            if self._prints[imprint].get(box) == number:
                del self._prints[imprint][box]

    @staticmethod
    def _of(bundle: Bundle) -> tuple[set[Key], set[tuple[str, Key]]]:
        boxes, prints = set[Key](), set[tuple[str, Key]]()
        for *box, _, _, imprint in bundle.rows("cards.csv", CARD_RECORD_COLUMNS):
            boxes.add(tuple(box))
            if imprint:
                prints.add((imprint, tuple(box)))
        return boxes, prints


class StandingPolls:
    """Which polls the parts that stand have, and how they spell their houses."""

    def __init__(self) -> None:
        self._rows: dict[Key, int] = {}
        self._houses: dict[str, dict[str, set[int]]] = {}
        self._own: dict[int, tuple[list[Key], set[str]]] = {}

    def check(self, act: Act, bundle: Bundle) -> None:  # noqa: ARG002
        """See that no poll is in another part, and that a house is spelt in one way."""
        file = f"{bundle.path}/polls.csv"
        for row in poll_identities(bundle):
            if row in self._rows:
                words = f"a poll of {row[0][:40]}, {row[2]} is in act {self._rows[row]} too"
                raise Mismatch(words, file)
        for house in sorted(houses_of(bundle)):
            for spelling, acts in self._houses.get(house_key(house), {}).items():
                if acts and spelling != house:
                    raise Mismatch(f"{house!r} is {spelling!r} in act {min(acts)}", file)

    def add(self, act: Act, bundle: Bundle) -> None:
        """Take note of a part."""
        number: int = act["number"]
        self._own[number] = rows, houses = poll_identities(bundle), houses_of(bundle)
        self._rows.update((row, number) for row in rows)
        for house in houses:
            spelled = self._houses.setdefault(house_key(house), {})
            spelled.setdefault(house, set()).add(number)

    def drop(self, number: int) -> None:
        """Take note that a part no longer stands."""
        rows, houses = self._own.pop(number)
        for row in rows:
            if self._rows.get(row) == number:
                del self._rows[row]
        for house in houses:
            _drop_spelling(self._houses[house_key(house)], house, number)


class StandingParts:
    """The parts of every kind that stand, as the acts are gone through in order."""

    def __init__(self, chain: Chain) -> None:
        self._falls: dict[int, list[int]] = {}
        for number in sorted(chain.fallen_acts()):
            self._falls.setdefault(chain.cause_of(number), []).append(number)
        self._fallen = {number: chain.cause_of(number) for number in chain.fallen_acts()}
        self._of: dict[str, StandingReturns | StandingPolls | StandingFindings | StandingCards] = {
            "returns": StandingReturns(),
            "polls": StandingPolls(),
            "audit_findings": StandingFindings(),
            "audit_cards": StandingCards(),
        }
        self._held: dict[int, str] = {}
        self._shared_parameters: dict[str, dict[int, dict[str, Any]]] = {
            kind: {} for kind in SHARED_PARAMETERS
        }

    def drop_fallen(self, act: Act) -> None:
        """Take note of the parts that fall by an act."""
        for number in self._falls.get(act["number"], []):
            if kind := self._held.pop(number, None):
                self._of[kind].drop(number)
                self._shared_parameters[kind].pop(number)

    def check(self, act: Act, writes: dict[str, Bundle]) -> None:
        """See that a part and those that stand beside it go together."""
        for kind, bundle in writes.items():
            if kind in self._of:
                for number, said in islice(self._shared_parameters[kind].items(), 1):
                    for name, value in said.items():
                        if act["parameters"].get(name) != value:
                            raise Mismatch(f"its {name} is another than that of act {number}")
                self._of[kind].check(act, bundle)

    def add(self, act: Act, writes: dict[str, Bundle]) -> None:
        """Take note of a part that holds."""
        number = act["number"]
        if self._fallen.get(number, number + 1) <= number:
            return
        for kind, bundle in writes.items():
            if kind in self._of:
                self._held[number] = kind
                self._of[kind].add(act, bundle)
                self._shared_parameters[kind][number] = {
                    name: act["parameters"][name] for name in SHARED_PARAMETERS[kind]
                }
