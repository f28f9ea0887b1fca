"""Acts made ready in one place, signed in others, and then appended.

What people pass to each other is one file, `NAME.act`: the acts, what their signatures are over,
and the signatures so far. The bundles stay beside it at the office, in the folder `NAME`.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from referendum.core.canonical import canonical_json, read_canonical_json, sha256_hex
from referendum.core.days import read_time
from referendum.core.errors import InputError, KeyFault, OrderError, RecordError
from referendum.record.act_schemas import require_schema
from referendum.record.acts import Act, act_message, encode_act
from referendum.record.bundles import BundleStore
from referendum.record.durable import write_file
from referendum.record.log import LogWriter, Signer
from referendum.record.officers import (
    Appointment,
    OfficerKey,
    OfficerSigner,
    Roster,
    sign_message,
    verify_signature,
)
from referendum.record.opening import Opening, new_record, open_record
from referendum.record.plain_files import read_key_bytes
from referendum.record.reading import FORMAT as RECORD_FORMAT
from referendum.record.reading import RecordInfo
from referendum.record.rehearsal import rehearse
from referendum.record.signing_plan import SigningPlan
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter

FORMAT = "referendum-prepared/1"
SUFFIX = ".act"
LARGEST = 2_000_000

UNFINISHED = ".unfinished"
"""A file in a folder of bundles whose file of acts is not written yet."""


class Signatory(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An officer who is to sign an act, and the signature once it is there."""

    name: str
    role: str
    key: str
    signature: str | None


class PreparedActs(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Acts that wait for signatures.

    Attributes:
        format: of the file.
        origin: the log's name.
        key: the log's verifier key.
        before: digest of what officers sign of the act before them; None for an opening.
        acts: in order, without signatures.
        signatories: of each act, in the order in which it names them.
    """

    format: str = FORMAT
    origin: str
    key: str
    before: str | None
    acts: tuple[Act, ...]
    signatories: tuple[tuple[Signatory, ...], ...]

    def messages(self) -> list[bytes]:
        """Give what is signed of each act."""
        before, messages = self.before, []
        for act in self.acts:
            messages.append(act_message(before, encode_act(act)))
            before = sha256_hex(messages[-1])
        return messages

    def signers(self) -> list[list[Appointment]]:
        """Give, for each act, who is to sign it, as the file says."""
        return [
            [Appointment(one.name, one.role, OfficerKey.parse(one.key), 0) for one in group]
            for group in self.signatories
        ]

    @property
    def missing_signers(self) -> list[str]:
        """Names of those who have not signed all yet."""
        lack = (one.name for group in self.signatories for one in group if one.signature is None)
        return list(dict.fromkeys(lack))

    def signed_acts(self) -> list[Act]:
        """Give the acts with their signatures.

        Raises:
            KeyFault: one lacks.
        """
        if self.missing_signers:
            raise KeyFault(
                f"not signed yet by {', '.join(self.missing_signers)}",
                hint="pass the file on; each signs with: referendum act sign FILE --sign KEYFILE",
            )
        return [
            msgspec.structs.replace(act, signatures=tuple(str(one.signature) for one in group))
            for act, group in zip(self.acts, self.signatories, strict=True)
        ]

    def with_signatures(
        self, sign: Callable[[Signatory, bytes], str | None]
    ) -> tuple["PreparedActs", int]:
        """Give the file with more signatures, and how many were added.

        Args:
            sign: gives the signature of a signatory under a message, or None.
        """
        added, groups = 0, []
        for group, signed in zip(self.signatories, self.messages(), strict=True):
            ones = []
            for one in group:
                signature = sign(one, signed) if one.signature is None else None
                added += signature is not None
                ones.append(msgspec.structs.replace(one, signature=signature) if signature else one)
            groups.append(tuple(ones))
        return msgspec.structs.replace(self, signatories=tuple(groups)), added


def bundle_folder(path: Path) -> Path:
    """Where the bundles of a file of acts lie: beside it, in a folder of the same name."""
    return path.with_suffix("")


@contextmanager
def prepare(folder: Path, path: Path, names: Sequence[str]) -> Iterator[RecordWriter]:
    """Hold a copy of a record on which a step is done; its acts are then written to a file.

    Args:
        folder: the record, which stays as it is.
        path: the new file.
        names: officers who will sign; those who alone can, if none is named.

    Raises:
        InputError: the file cannot have this name, or is there already.
        KeyFault: it is not clear who will sign.
    """
    require_new(path)
    with rehearse(folder) as record:
        record.signing = SigningPlan(when="later", names=tuple(names))
        first, before = len(record.acts), record.history
        yield record
        acts = record.acts[first:]
        info = RecordInfo(RECORD_FORMAT, record.info.origin, record.opening.parameters["key"])
        _write(path, info, before, acts, record.roster, record.bundles)


def prepare_opening(
    signer: Signer, opening: Opening, stamp: Stamp, path: Path, names: Sequence[str] = ()
) -> Act:
    """Make the opening of a record ready, and write it to a file.

    Raises:
        InputError: the file cannot have this name, or is there already.
        KeyFault: it is not clear who will sign.
    """
    require_new(path)
    with TemporaryDirectory(prefix=".opening-", dir=path.absolute().parent) as place:
        folder = Path(place) / "record"
        signing = SigningPlan(when="later", names=tuple(names))
        act = open_record(folder, signer, opening, stamp, signing)
        info = RecordInfo(RECORD_FORMAT, signer.name, str(signer.verifier))
        _write(path, info, None, [act], Roster.of(act), BundleStore(folder / "bundles"))
    return act


def require_new(path: Path) -> None:
    """See that a file of acts can be written.

    Raises:
        InputError: it has another ending than `.act`, or something is there already.
    """
    if path.suffix != SUFFIX or path.stem == "":
        raise InputError("a file of acts has the ending .act", where=str(path))
    if not path.exists() and (bundle_folder(path) / UNFINISHED).exists():
        shutil.rmtree(bundle_folder(path))  # of a command that was cut off
    for there in (path, bundle_folder(path)):
        if there.exists():
            hint = "name another; what somebody may have signed is not overwritten"
            raise InputError("there is something here already", where=str(there), hint=hint)


def _write(
    path: Path,
    info: RecordInfo,
    before: str | None,
    acts: Sequence[Act],
    roster: Roster,
    store: BundleStore,
) -> None:
    if not acts:
        raise OrderError("nothing was done that could be signed", where=str(path))
    if not any(act.by for act in acts):
        raise OrderError(
            f"{acts[0].kind} needs no officer's signature", hint="do it without --prepare"
        )
    unfinished = _write_bundles(bundle_folder(path), acts, store)
    signatories = tuple(
        tuple(
            Signatory(name=one.name, role=one.role, key=one.key.line, signature=None)
            for one in roster.signers_of(act)
        )
        for act in acts
    )
    write_prepared(
        path,
        PreparedActs(
            origin=info.origin,
            key=info.key,
            before=before,
            acts=tuple(acts),
            signatories=signatories,
        ),
    )
    unfinished.unlink(missing_ok=True)


def _write_bundles(folder: Path, acts: Sequence[Act], store: BundleStore) -> Path:
    """Copy the bundles of acts; give what says that their file of acts is not there yet."""
    unfinished = folder / UNFINISHED
    bundles = [store.read_bundle(reference) for act in acts for reference in act.writes]
    if bundles:
        folder.mkdir(mode=0o700)
        write_file(unfinished, b"")
    for bundle in bundles:
        BundleStore(folder).put(bundle)
    return unfinished


def write_prepared(path: Path, prepared: PreparedActs) -> None:
    """Write a file of acts, in the place of what it held before."""
    write_file(path, canonical_json(msgspec.to_builtins(prepared)))


def read_prepared(path: Path) -> PreparedActs:
    """Read a file of acts; whose signatures hold is not looked at.

    Raises:
        InputError: it is none.
    """
    where, hint = str(path), "it is made by a command with --prepare FILE.act"
    try:
        data = read_key_bytes(path, LARGEST)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=where, hint=hint) from error
    if len(data) > LARGEST:
        raise InputError("too large for a file of acts", where=where)
    try:
        value: Any = read_canonical_json(data, where)
        prepared = msgspec.convert(value, PreparedActs)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InputError(f"not a file of acts: {error}", where=where, hint=hint) from error
    if prepared.format != FORMAT or not prepared.acts:
        raise InputError("not a file of acts", where=where, hint=hint)
    for act, group in zip(prepared.acts, prepared.signatories, strict=False):
        require_schema(act)
        if act.signatures or act.by != tuple(one.name for one in group):
            raise InputError(f"who signs act {act.number} is not clear", where=where)
        for one in group:
            OfficerKey.parse(one.key, one.name)
    if len(prepared.acts) != len(prepared.signatories):
        raise InputError("not a file of acts", where=where, hint=hint)
    return prepared


def sign_prepared(path: Path, signer: OfficerSigner) -> PreparedActs:
    """Sign the acts of a file by an officer, and write the file again.

    Raises:
        KeyFault: nobody with this key is to sign them, or has signed already.
    """
    prepared = read_prepared(path)
    line = signer.key.line
    return _add_signatures(
        path, prepared, lambda one, of: sign_message(signer, of) if one.key == line else None,
        f"the key {signer.key.id}",
    )  # fmt: skip


def take_signature(path: Path, text: str) -> PreparedActs:
    """Take a signature that `ssh-keygen -Y sign` made into a file of acts.

    Raises:
        KeyFault: it is not by one who is to sign, over what is signed of one of the acts.
    """
    prepared = read_prepared(path)

    def signature_if_valid(one: Signatory, of: bytes) -> str | None:
        try:
            verify_signature(OfficerKey.parse(one.key), of, text)
        except RecordError:
            return None
        return text

    return _add_signatures(path, prepared, signature_if_valid, "the signature")


def _add_signatures(
    path: Path, prepared: PreparedActs, sign: Callable[[Signatory, bytes], str | None], what: str
) -> PreparedActs:
    signed, added = prepared.with_signatures(sign)
    if not added:
        lack = ", ".join(prepared.missing_signers)
        if not lack:
            raise KeyFault(
                "all have signed already",
                where=str(path),
                hint=f"append it: referendum act append RECORD {path}",
            )
        raise KeyFault(
            f"{what} is of nobody who has still to sign: {lack}",
            where=str(path),
            hint="who has signed already need not sign again",
        )
    write_prepared(path, signed)
    return signed


def append_prepared(record: RecordWriter, path: Path) -> list[Act]:
    """Append the acts of a file to their record, each held to what it would be held to now.

    Raises:
        OrderError: the record has grown since they were made ready, or is another.
        KeyFault: a signature lacks.
        RecordError: a signature does not hold, or a bundle is not here.
    """
    prepared = read_prepared(path)
    _require_log(prepared, record.info.origin, record.info.key, path)
    there = _count_appended(record, prepared, path)
    acts, messages = prepared.signed_acts()[there:], prepared.messages()[there:]
    record.signing = SigningPlan(when="never")
    for act, signed in zip(acts, messages, strict=True):
        record.roster.require_signed(act, signed)
    store = BundleStore(bundle_folder(path))
    return [_append(record, act, store) for act in acts]


def _count_appended(record: RecordWriter, prepared: PreparedActs, path: Path) -> int:
    """Count the acts of a file that a command which was cut off has appended already.

    Raises:
        OrderError: the record has grown by others, or by all of them.
    """
    before, first = prepared.before, prepared.acts[0].number
    there = len(record.acts) - first
    if there > 0 and not prepared.missing_signers:
        ends = min(there, len(prepared.acts))
        if record.acts[first:] == prepared.signed_acts()[:ends]:
            before = sha256_hex(prepared.messages()[ends - 1])
    if there < 0 or record.history != before:
        raise OrderError(
            "the record has grown since this was made ready",
            where=str(path),
            hint="prepare it again, from what stands now",
        )
    if there == len(prepared.acts):
        raise OrderError(f"this is on the record already, in act {first}", where=str(path))
    return there


def _append(record: RecordWriter, act: Act, store: BundleStore) -> Act:
    """Append an act whose signatures were checked, with its bundles from another store.

    Raises:
        OrderError, InputError: it has no place now, or is dated in the future.
        RecordError: it does not read what stands, or a bundle is not the one that it names.
    """
    where = f"act {act.number}"
    require_schema(act)
    if act.number:
        _require_current(record, act, where)
    elif act.kind != "record.open":
        raise RecordError("the first act opens the record", where=where)
    record.require_time(act.at, act.recorded, record.standings.named_by(act))
    if read_time(act.recorded) > record.clock():
        raise InputError(f"it was recorded in the future, at {act.recorded}", where=where)
    bundles = [store.read_bundle(reference) for reference in act.writes]
    for bundle in bundles:
        if (bundle.manifest.number, bundle.manifest.parents) != (act.number, act.reads):
            raise RecordError("a bundle is of another act", where=where)
    for bundle in bundles:
        record.bundles.put(bundle)
    record.log.append([encode_act(act)])
    record.standings.add(act)
    return act


def _require_current(record: RecordWriter, act: Act, where: str) -> None:
    """See that an act that was made ready has its place, and reads what stands."""
    stamp = Stamp(act.at, act.section, act.corrects, act.reason)
    record.require_allowed(act.kind, stamp)
    expected = record.find_inputs(act.kind, act.parameters, stamp).digests
    if act.reads != expected or act.statute != record.opening.statute:
        raise RecordError("it does not read what stands", where=where)
    if read_time(act.recorded) < read_time(record.acts[-1].recorded):
        raise RecordError("it was made ready before the latest act", where=where)


def append_opening(folder: Path, path: Path, signer: Callable[[str], Signer]) -> Act:
    """Make a new record of an opening that was made ready and signed.

    Raises:
        OrderError: something is at `folder`, or the key is another than that of the opening.
        KeyFault: a signature lacks.
        RecordError: a signature does not hold, or the statute is not beside the file.
    """
    prepared = read_prepared(path)
    key = signer(prepared.origin)
    _require_log(prepared, key.name, str(key.verifier), path)
    (act,), (signed,) = prepared.signed_acts(), prepared.messages()
    if act.number != 0:
        raise OrderError("this opens no record", where=str(path), hint="name the record's folder")
    Roster.of(act).require_signed(act, signed)
    info = RecordInfo(RECORD_FORMAT, prepared.origin, prepared.key)
    with new_record(folder, info) as passing, LogWriter.create(passing / "log", key) as log:
        writer = RecordWriter(passing, info, log, signing=SigningPlan(when="never"))
        return _append(writer, act, BundleStore(bundle_folder(path)))


def _require_log(prepared: PreparedActs, origin: str, key: str, path: Path) -> None:
    if (prepared.origin, prepared.key) != (origin, key):
        raise OrderError(
            f"these acts are of the record {prepared.key}", where=str(path),
            hint=f"this one is {key}",
        )  # fmt: skip
