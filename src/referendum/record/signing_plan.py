"""How an act comes to be signed: at once by keys that are here, later by people, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Literal

from referendum.core.errors import KeyFault
from referendum.record.officers import Appointment, OfficerSigner, Roster, sign_message


@dataclass(frozen=True)
class SigningPlan:
    """Who signs what a writer appends.

    Attributes:
        officers: unlocked keys of officers, for acts that are signed `now`.
        when: `now`; `later`, for acts that are made ready and passed on; `never`, for a rehearsal.
        names: of the officers who sign later; those who alone can, if none is named.
    """

    officers: tuple[OfficerSigner, ...] = ()
    when: Literal["now", "later", "never"] = "now"
    names: tuple[str, ...] = ()

    def choose(
        self, roster: Roster, kind: str, number: int, recorded: str
    ) -> tuple[Appointment, ...]:
        """Choose the officers who sign an act, in the order of the slots of its kind.

        Raises:
            KeyFault: they are not all there, one is not in office, or it is not clear who signs.
        """
        if self.when == "never":
            return ()
        keys = [signer.key for signer in self.officers]
        given = [roster.holder(key, number, recorded) for key in keys]
        given += [roster.require_in_office(name, number, recorded) for name in self.names]
        if self.when == "later" and not given and roster.slots(kind):
            given = _only_possible_signers(roster, kind, number, recorded)
        return roster.choose(kind, given) if roster.slots(kind) else ()

    def sign(self, signers: Sequence[Appointment], message: bytes) -> tuple[str, ...]:
        """Sign by each of those who were chosen; nobody does of acts that are passed on."""
        if self.when != "now":
            return ()
        keys = {signer.key: signer for signer in self.officers}
        return tuple(sign_message(keys[one.key], message) for one in signers)


def _only_possible_signers(
    roster: Roster, kind: str, number: int, recorded: str
) -> list[Appointment]:
    """Give the only officers in office who can sign an act of a kind together."""
    slots = roster.slots(kind)
    serving = [one for one in roster.serving() if one.serves(number, recorded)]
    groups = {
        frozenset(one.name for one in group): list(group)
        for group in permutations(serving, len(slots))
        if all(one.role in roles for one, roles in zip(group, slots, strict=True))
    }
    if len(groups) > 1:
        some = "; ".join(" and ".join(sorted(names)) for names in sorted(groups, key=sorted)[:5])
        raise KeyFault(
            f"it is not said who will sign {kind}: {some}",
            hint="name every one of them: --by NAME for each",
        )
    return next(iter(groups.values()), [])
