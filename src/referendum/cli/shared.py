"""What commands have in common: the options of an act, keys, and how an act is told."""

import functools
import json
import os
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
import msgspec

from referendum.cli.screen import say
from referendum.core.errors import InputError, KeyFault
from referendum.core.progress import listen_to_progress
from referendum.flows.wording import act_lines
from referendum.record.acts import Act
from referendum.record.durable import write_new_file
from referendum.record.log import Signer, load_signer
from referendum.record.officers import (
    OfficerSigner,
    Roster,
    load_officer_signer,
)
from referendum.record.stamps import Stamp
from referendum.record.writing import Outputs, RecordWriter
from referendum.tables.given_files import read_given_file

if TYPE_CHECKING:
    import polars as pl

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")

encoding_option = click.option(
    "--encoding", default="utf-8", show_default=True, help="Encoding of a CSV file."
)

yes_option = click.option(
    "--yes",
    multiple=True,
    metavar="[QUESTION=]OPTION",
    help="Cast vote records: the option that says yes, where its words do not tell; repeatable.",
)

leave_option = click.option(
    "--leave",
    multiple=True,
    metavar="QUESTION",
    help="Cast vote records: a question that is left out; repeatable.",
)

dates_option = click.option(
    "--dates",
    type=click.Choice(["dmy", "mdy"]),
    help="Which comes first in days such as 03/04/2026, where the column does not decide.",
)

accept_option = click.option(
    "--accept",
    multiple=True,
    metavar="COLUMN",
    help="Sign the table though much of this column cannot be read; `rows`: though rows are"
    " set aside. The record says so.",
)

left_out_option = click.option(
    "--left-out",
    metavar="REASON",
    help="Go on though lines of a delivery that fell have not come again, and say why.",
)

record_argument = click.argument("folder", metavar="RECORD", type=click.Path(path_type=Path))

record_or_none = click.argument(
    "folder", metavar="[RECORD]", required=False, type=click.Path(path_type=Path)
)

sign_option = click.option(
    "--sign",
    "sign_with",
    multiple=True,
    metavar="KEYFILE",
    type=click.Path(path_type=Path),
    help="Sign with this officer's key; repeatable.",
)

passphrase_option = click.option(
    "--passphrase-from",
    "passphrases",
    multiple=True,
    metavar="SOURCE",
    help="Passphrase of each --sign in turn: env:NAME or file:PATH; asked for if not given.",
)

prepare_option = click.option(
    "--prepare",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Record nothing: write FILE.act, for officers to sign elsewhere.",
)

later_option = click.option(
    "--by", "later", multiple=True, metavar="NAME", help="Officer who will sign, with --prepare."
)

at_option = click.option("--at", help="Day or time of the step (ISO 8601); now if not given.")

key_option = click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path),
    envvar="REFERENDUM_KEY",
    help="File of the record's signing key; from the key folder if not given.",
)


@dataclass(frozen=True)
class OfficerOptions:
    """Who signs what a command appends: keys at once, or names of those who sign later.

    Attributes:
        sign_with: files of the keys of officers who sign at once.
        passphrases: where the passphrase of each of them comes from.
        prepare: file in which the act is passed to those who sign later.
        later: their names.
    """

    sign_with: tuple[Path, ...] = ()
    passphrases: tuple[str, ...] = ()
    prepare: Path | None = None
    later: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse options that do not go together."""
        if len(self.passphrases) > len(self.sign_with):
            raise click.UsageError("--passphrase-from goes with --sign, one for each in turn.")
        if self.prepare is not None and self.sign_with:
            raise click.UsageError("Sign at once with --sign, or later with --prepare.")
        if self.later and self.prepare is None:
            raise click.UsageError("--by names who signs later: give --prepare FILE too.")

    def load(self) -> list[OfficerSigner]:
        """Unlock the keys of those who sign at once."""
        sources = [*self.passphrases, *[""] * len(self.sign_with)]
        return [
            officer_signer(path, source)
            for path, source in zip(self.sign_with, sources, strict=False)
        ]


def officer_signer(path: Path, source: str) -> OfficerSigner:
    """Load an officer's key; ask for its passphrase if it comes from nowhere and someone is there.

    Raises:
        KeyFault: it cannot be read or unlocked.
    """
    if source:
        return load_officer_signer(path, _passphrase(source))
    try:
        return load_officer_signer(path)
    except KeyFault as fault:
        if "none was given" not in fault.message:
            raise
        if not sys.stdin.isatty():
            hint = "name where it comes from: --passphrase-from env:NAME or file:PATH"
            raise KeyFault(fault.message, where=fault.where, hint=hint) from fault
    return load_officer_signer(path, click.prompt(f"Passphrase of {path}", hide_input=True))


def signature_text(path: Path) -> str:
    """Read what `ssh-keygen -Y sign` wrote.

    Raises:
        InputError: it cannot be read.
        KeyFault: it is no such text.
    """
    try:
        return read_given_file(path).decode("ascii")
    except UnicodeDecodeError as error:
        raise KeyFault("not a signature of ssh-keygen", where=str(path)) from error


def passphrase_of_new_key(*, asked_for: bool) -> str | None:
    """Give the passphrase that protects a new key: of the environment, or asked for; else None."""
    given = os.environ.get("REFERENDUM_PASSPHRASE")
    if given or not asked_for:
        return given or None
    answer: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True)
    return answer


new_passphrase_option = click.option(
    "--passphrase",
    is_flag=True,
    help="Protect the key: asks for a passphrase, unless REFERENDUM_PASSPHRASE holds it.",
)


def _passphrase(source: str) -> str:
    kind, _, place = source.partition(":")
    if kind == "env" and place in os.environ:
        return os.environ[place]
    if kind == "file" and place:
        return read_given_file(Path(place)).decode().removesuffix("\n")
    hint = "env:NAME of a variable that is set, or file:PATH"
    raise KeyFault("the passphrase is not there", where=source[:100], hint=hint)


def _review_act(record: RecordWriter, act: Act, outputs: Outputs) -> None:
    from referendum.flows.privacy.review import review_act  # noqa: PLC0415 - where acts are written

    review_act(record, act, outputs)


@dataclass(frozen=True)
class ActOptions:
    """The options that every command that appends an act has."""

    named: Path | None
    key_file: Path | None
    stamp: Stamp
    as_json: bool
    dry_run: bool = False
    officers: OfficerOptions = field(default_factory=OfficerOptions)
    consequences: list[str] = field(default_factory=list)
    roster: list[Roster] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """The record."""
        if self.named is None:
            raise click.UsageError("Missing argument 'RECORD'.")
        return self.named

    @contextmanager
    def hold(self) -> Iterator[RecordWriter]:
        """Hold the record for writing; for a dry run, a copy of it that nobody keeps."""
        if self.dry_run:
            with self._rehearse() as record:
                record.review = _review_act
                yield record
            return
        if self.officers.prepare is not None:
            with self._prepare(self.officers.prepare) as record:
                record.review = _review_act
                yield record
            return
        from referendum.flows.withdrawals import Withdrawals  # noqa: PLC0415 - needs tables

        officers, signer = self.officers.load(), log_signer(self.key_file)
        with RecordWriter.hold(self.folder, signer, officers) as record, showing_progress():
            self.roster.append(record.roster)
            record.review = _review_act
            before = Withdrawals.of(record)
            yield record
            self.consequences.extend(before.lines_since(record))

    @contextmanager
    def _prepare(self, path: Path) -> Iterator[RecordWriter]:
        from referendum.record.prepared_acts import prepare  # noqa: PLC0415 - seldom

        with prepare(self.folder, path, self.officers.later) as record, showing_progress():
            self.roster.append(record.roster)
            yield record

    @contextmanager
    def _rehearse(self) -> Iterator[RecordWriter]:
        from referendum.record.rehearsal import consequences, rehearse  # noqa: PLC0415 - seldom

        with rehearse(self.folder) as record, showing_progress():
            before, fallen = len(record.acts), record.fallen_acts()
            yield record
            self.consequences.extend(consequences(record, before, fallen))

    @property
    def records(self) -> bool:
        """Whether acts are recorded now, and not only rehearsed or made ready."""
        return not self.dry_run and self.officers.prepare is None

    def tell(self, *acts: Act, **more: Any) -> None:  # noqa: ANN401
        """Print what was done, or would be, for a person or a program."""
        if self.officers.prepare is not None:
            self._tell_prepared(acts, self.officers.prepare, more)
            return
        if not self.dry_run:
            if self.consequences:
                more["withdrawn"] = self.consequences
            tell_acts(acts, *self.roster, as_json=self.as_json, **more)
            if self.consequences and not self.as_json:
                say("\n".join(self.consequences))
            return
        if self.as_json:
            tell_acts(acts, as_json=True, dry_run=True, consequences=self.consequences, **more)
            return
        say("Nothing is recorded: this is what would be signed.")
        tell_acts(acts, as_json=False)
        say("\n".join(self.consequences))

    def _tell_prepared(self, acts: tuple[Act, ...], path: Path, more: dict[str, Any]) -> None:
        from referendum.cli.acts import how_to_sign, shown  # noqa: PLC0415 - seldom
        from referendum.record.prepared_acts import read_prepared  # noqa: PLC0415 - seldom

        if self.as_json:
            tell_acts(acts, as_json=True, prepared=str(path), **more)
            return
        say("Nothing is recorded yet: this waits for signatures.")
        say("\n".join(shown(read_prepared(path))))
        say(how_to_sign(path))


def write_new_sheet(path: Path, frame: "pl.DataFrame", *, as_json: bool = False) -> None:
    """Write a table to a new file (CSV) that only its owner can read, and say so.

    It is for a spreadsheet: what would be a formula there has an apostrophe before it.

    Raises:
        InputError: something is there already, which somebody may have filled in.
    """
    from referendum.core.formulas import sheet_bytes  # noqa: PLC0415 - where a table is

    try:
        write_new_file(path, sheet_bytes(frame))
    except FileExistsError as error:
        hint = "name a new file"
        raise InputError("there is something here already", where=str(path), hint=hint) from error
    said = json.dumps({"file": str(path), "rows": frame.height})
    say(said if as_json else f"{frame.height:,} rows written to {path}")


@contextmanager
def showing_progress() -> Iterator[None]:
    """Show long work as bars with the time left, where a person looks on."""
    if not sys.stderr.isatty():
        yield
        return
    bars: dict[str, Any] = {}

    def show(what: str, done: int, total: int) -> None:
        if what not in bars:
            bars[what] = click.progressbar(length=total, label=f"{what:<22}", file=sys.stderr)
        bar = bars[what]
        bar.update(done - bar.pos)
        if done == total:
            bar.render_finish()

    with listen_to_progress(show):
        yield


def act_options(command: F, record: Callable[[Any], Any] = record_argument) -> F:
    """Give a command the argument RECORD and the options of an act, as `options`."""

    @record
    @key_option
    @sign_option
    @passphrase_option
    @prepare_option
    @later_option
    @at_option
    @click.option("--section", help="Section of the statute; the usual one if not given.")
    @click.option("--corrects", type=int, metavar="ACT", help="Number of the act this puts right.")
    @click.option("--reason", metavar="TEXT", help="What was wrong with it, with --corrects.")
    @json_option
    @functools.wraps(command)
    def wrap_lines(
        folder: Path | None,
        key_file: Path | None,
        at: str | None,
        section: str | None,
        corrects: int | None,
        reason: str | None,
        as_json: bool,
        **rest: Any,  # noqa: ANN401
    ) -> None:
        stamp = Stamp(at, section, corrects, reason)
        dry_run = bool(rest.pop("dry_run", False))
        names = ("sign_with", "passphrases", "prepare", "later")
        officers = OfficerOptions(*(rest.pop(name) for name in names))
        command(ActOptions(folder, key_file, stamp, as_json, dry_run, officers), **rest)

    return cast("F", wrap_lines)


def say_notes(notes: Sequence[str]) -> None:
    """Print what a person has to know of files that were read."""
    for note in notes:
        say(textwrap.fill(f"note: {note}", width=80, subsequent_indent="  "))


def receiving_options(command: F) -> F:
    """Give a command that receives a table the options of an act, and `--dry-run`."""
    dry_run = click.option(
        "--dry-run", is_flag=True, help="Show what would be signed and follow; record nothing."
    )
    return dry_run(act_options(command))


def tell_acts(
    acts: tuple[Act, ...],
    roster: Roster | None = None,
    *,
    as_json: bool,
    **more: Any,  # noqa: ANN401
) -> None:
    """Print acts: as JSON (one object with `acts`), or as a short paragraph each."""
    if as_json:
        say(json.dumps({"acts": msgspec.to_builtins(acts), **more}, indent=2))
        return
    for act in acts:
        say("\n".join(act_lines(act, roster.signers_of(act) if roster else ())))


def key_folder() -> Path:
    """The folder where keys lie when no file is named: the user's own, outside every record."""
    return Path(click.get_app_dir("referendum")) / "keys"


def index_folder() -> Path:
    """The folder of the indexes of lists of electors: the user's own, outside every record."""
    return Path(click.get_app_dir("referendum")) / "indexes"


def usual_key_file(origin: str) -> Path:
    """Where the key of a log lies when no file is named."""
    return key_folder() / f"{origin.replace('/', '_')}.pem"


def find_signer(key_file: Path | None, origin: str) -> Signer:
    """Load a record's signing key, asking for its passphrase if it has one and someone is there."""
    path = key_file or usual_key_file(origin)
    passphrase = os.environ.get("REFERENDUM_PASSPHRASE")
    try:
        return load_signer(path, origin, passphrase)
    except KeyFault as fault:
        if passphrase is None and "passphrase" in fault.message and sys.stdin.isatty():
            return load_signer(path, origin, click.prompt("Passphrase of the key", hide_input=True))
        raise


def log_signer(key_file: Path | None) -> Callable[[str], Signer]:
    """Give what finds the key of a record that exists, by the log's name."""

    def signer(origin: str) -> Signer:
        try:
            return find_signer(key_file, origin)
        except KeyFault as fault:
            if "not here" not in fault.message:
                raise
            # A record that exists has its key: another one would not sign it.
            hint = "name the file of the record's own key with --key FILE"
            raise KeyFault(fault.message, where=fault.where, hint=hint) from fault

    return signer


class WithDefault(click.Group):
    """A command that has commands of its own: what is none of these is the command's."""

    NAME = "run"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the first argument for a command only if it is one."""
        asked = args[0] if args else ""
        if asked not in self.commands and asked not in ctx.help_option_names:
            args = [self.NAME, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the other commands."""
        return [name for name in super().list_commands(ctx) if name != self.NAME]

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help of the command, then the list of its commands."""
        own = click.Context(
            self.commands[self.NAME],
            info_name=ctx.info_name,
            parent=ctx.parent,
            help_option_names=ctx.help_option_names,
        )
        own.command.format_help(own, formatter)
        self.format_commands(ctx, formatter)
