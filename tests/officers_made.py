"""A small record with officers, for tests of who signs."""

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from referendum.record.log import Signer, new_signer
from referendum.record.officers import OfficerSigner
from referendum.record.opening import Officer, Opening, open_record, statute_on
from referendum.record.signing_plan import SigningPlan
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter

RETURNS = "region,district,place,yes,no,informal,total\nNSW,North,School,60,40,2,102\n"


def officer_signer(seed: str) -> OfficerSigner:
    """An officer's key that is the same every time."""
    return OfficerSigner(Ed25519PrivateKey.from_private_bytes(sha256(seed.encode()).digest()))


ADA, BO, CY, DI = (officer_signer(name) for name in ("Ada", "Bo", "Cy", "Di"))
KEYS = {"Ada Lund": ADA, "Bo Ek": BO, "Cy Moe": CY}
OFFICERS = (
    Officer("Ada Lund", "chief", ADA.key),
    Officer("Bo Ek", "deputy", BO.key),
    Officer("Cy Moe", "returning", CY.key),
)


@dataclass
class Office:
    """A record with officers, and all keys."""

    folder: Path
    signer: Signer
    officers: tuple[OfficerSigner, ...] = field(default_factory=lambda: tuple(KEYS.values()))

    def hold(self, *officers: OfficerSigner):
        """Hold it for writing, under the signatures of these officers."""
        return RecordWriter.hold(self.folder, lambda _: self.signer, officers)


def opening(officers=OFFICERS, rule=None, made_up=True) -> Opening:
    """The opening of a vote with officers."""
    law = statute_on("au/constitution-s128", date(2023, 10, 14))
    return Opening(
        "A vote",
        "Yes?",
        "vote",
        law,
        made_up,
        office="Test office",
        officers=tuple(officers),
        rule=rule or {},
    )


def new_office(folder: Path, signers=(ADA, BO), **parts) -> Office:
    """Open a record with officers."""
    signer = new_signer("tests.example/office")
    (folder / "returns.csv").write_text(RETURNS)
    open_record(folder / "vote", signer, opening(**parts), Stamp(), SigningPlan(tuple(signers)))
    return Office(folder / "vote", signer)
