"""`referendum publish`, `serve`."""

import json
import os
from pathlib import Path

import click

from referendum.cli.foreign import reading_foreign_records
from referendum.cli.screen import say
from referendum.cli.shared import find_signer, json_option
from referendum.core.errors import BusyError, InputError, KeyFault
from referendum.flows.privacy import find_disclosures
from referendum.publish import publish as publish_records
from referendum.publish.server import serve_site
from referendum.publish.witnesses_section import is_quorum_met
from referendum.record.log import Signer
from referendum.record.reading import Record, read_info
from referendum.tables.given_files import read_given_file


@click.command()
@click.argument("paths", metavar="RECORD... OUT", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path),
    help="File of a record's signing key: signs the list of its pages. Once for each record;"
    " that of REFERENDUM_KEY if not given.",
)
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(path_type=Path),
    help="Trust policy (C2SP tlog-policy) to publish beside: the pages name its witnesses.",
)
@json_option
@reading_foreign_records
def publish(
    paths: tuple[Path, ...], keys: tuple[Path, ...], policy_file: Path | None, as_json: bool
) -> None:
    """Write the public site of one or more records into the folder OUT.

    Each record is published as a folder that `referendum verify` can check, with a page beside it.
    Sealed bundles stay where they are. The record of real people is refused while it tells of few
    of them and the office has not said why (`referendum privacy`). A site published before is
    replaced as a whole. With --key the list of a record's pages is signed: then nobody else can
    change a page unseen. With --policy the pages say which witnesses signed the history, and which
    are asked for.
    """
    if len(paths) < 2:
        # click gives a last argument before it gives any to a list before it.
        lacking = "OUT, the folder of the site to write" if paths else "RECORD, and OUT after it"
        raise click.UsageError(f"Missing argument {lacking}.")
    *records, out = paths
    signers = _signers(records, keys)
    policy = read_given_file(policy_file) if policy_file else None
    telling = _findings_published(records)
    if telling and not as_json:
        counts = ", ".join(f"{name} {count:,}" for name, count in telling.items())
        say(f"Findings on few people (see referendum privacy RECORD): {counts}")
    publish_records(records, out, signers, policy)
    unmet = [one.name for one in records if policy and not is_quorum_met(Record.open(one), policy)]
    signed = {str(signer.verifier) for signer in signers}
    unsigned = [record.name for record in records if read_info(record).key not in signed]
    names = [record.name for record in records]
    said = {
        "site": str(out), "records": names, "pages_not_signed": unsigned,
        "findings_on_few_people": telling, "quorum_not_met": unmet,
    }  # fmt: skip
    text = f"{len(records)} published; look at {out / 'index.html'}"
    if unsigned:
        text += f"\nThe lists of pages are not signed, for want of --key: {', '.join(unsigned)}"
    if unmet:
        text += (
            f"\nThe policy asks for more witnesses than have signed: {', '.join(unmet)}. The pages"
            " say so; ask them first: referendum witness ask RECORD"
        )
    say(json.dumps(said, indent=2) if as_json else text)


def _findings_published(records: list[Path]) -> dict[str, int]:
    """Count what published records tell of few people, by name; without those that tell nothing."""
    counts = {record.name: len(find_disclosures(Record.open(record))) for record in records}
    return {name: count for name, count in counts.items() if count}


def _signers(records: list[Path], keys: tuple[Path, ...]) -> list[Signer]:
    """Load keys, each that of one of the records; that of the environment if it is one of them."""
    usual = os.environ.get("REFERENDUM_KEY") if not keys else None
    found: list[Signer] = []
    heads = [read_info(record) for record in records]
    for path in keys or ((Path(usual),) if usual else ()):
        signers = [(head, find_signer(path, head.origin)) for head in heads]
        own = [signer for head, signer in signers if str(signer.verifier) == head.key]
        if not own and keys:
            hint = "name the file of a record's own key with --key FILE"
            raise KeyFault("this is the key of none of the records", where=str(path), hint=hint)
        found += own
    return found


@click.command()
@click.argument("site", type=click.Path(path_type=Path))
@click.option("--port", default=8000, show_default=True)
def serve(site: Path, port: int) -> None:
    """Show a published SITE on this machine, until stopped.

    It is for looking at a site before it is put on a file server, which serves it to the internet.
    """
    if not (site / "index.html").exists():
        raise InputError(
            "this is not a published site",
            where=str(site),
            hint="make one with: referendum publish RECORD OUT",
        )
    try:
        server = serve_site(site, port)
    except OSError as error:
        hint = "name another with --port"
        raise BusyError(f"port {port} cannot be used: {error.strerror}", hint=hint) from error
    say(f"http://127.0.0.1:{server.server_port}/  (stop with Ctrl-C)")
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("stopped")
