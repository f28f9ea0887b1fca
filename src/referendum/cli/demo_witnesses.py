"""How the demonstration has its records witnessed: by two witnesses, in the program itself."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

from referendum.core.errors import RecordError
from referendum.record.log import Log, Signer
from referendum.record.witness import (
    Cosigner,
    Witness,
    WitnessState,
    ask_in_process,
    logs_by_origin,
    put_cosignatures,
    write_new_cosigner,
)

WITNESSES = {
    "newspaper": "newspaper-made-up.example/witness",
    "university": "university-made-up.example/witness",
}
"""Names of the witnesses: in the policy, and of their keys."""

REMARK = (
    "Made up: the newspaper and the university of this demonstration are no newspaper and no"
    " university. The program that made the records made their keys too, so their signatures show"
    " how witnesses work, and prove nothing."
)


def cosign_records(folder: Path, records: Mapping[Path, Signer]) -> bytes:
    """Have two witnesses cosign the checkpoint of each record; give the policy that asks for both.

    Args:
        folder: of the demonstration; keys and states of the witnesses are made in it.
        records: folders of the records, with the keys of their logs.
    """
    cosigners = {
        name: write_new_cosigner(folder / "keys" / f"{name}.pem", key_name)
        for name, key_name in WITNESSES.items()
    }
    logs = logs_by_origin(signer.verifier for signer in records.values())
    with ExitStack() as stack:
        asked = []
        for name, cosigner in cosigners.items():
            place = folder / "witnesses" / name
            state = stack.enter_context(WitnessState.open(place, cosigner.verifier))
            asked.append(Witness(cosigner, logs, state))
        for record, signer in records.items():
            _cosign(record, signer, asked)
    policy = _policy(cosigners, records.values())
    (folder / "policy.txt").write_bytes(policy)
    return policy


def _cosign(record: Path, signer: Signer, asked: Iterable[Witness]) -> None:
    log = Log.open(record / "log", signer.verifier)
    answers = [ask_in_process(log, witness) for witness in asked]
    for answer in answers:
        if answer.failure:
            raise RecordError(f"a witness did not sign: {answer.failure}", where=str(record))
    put_cosignatures(log, signer.verifier, answers)


def _policy(cosigners: Mapping[str, Cosigner], signers: Iterable[Signer]) -> bytes:
    lines = [
        f"# {REMARK}",
        *(f"log {signer.verifier}" for signer in signers),
        *(f"witness {name} {cosigner.verifier}" for name, cosigner in cosigners.items()),
        f"group both all {' '.join(cosigners)}",
        "quorum both",
    ]
    return "".join(f"{line}\n" for line in lines).encode()
