"""Write the site: each record's published folder with its page, and a page that lists them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from referendum.core.canonical import canonical_json
from referendum.core.errors import InputError
from referendum.flows.privacy import require_nothing_open
from referendum.flows.wording import compared_words
from referendum.law import CERTAINTIES, statute_bytes
from referendum.publish.figures import (
    count,
    mark_as_programs_own,
    number,
    place_marks,
    points,
    row_of,
    share,
    state,
    within_record,
)
from referendum.publish.law_pages import act_pages, lines
from referendum.publish.meanings import meaning
from referendum.publish.page_layer import (
    SITE,
    SITE_NOTE,
    page_data,
    write_page_layer,
    write_site_list,
)
from referendum.publish.pages import citation, page, section
from referendum.publish.site_placement import replace_site
from referendum.publish.witnesses_section import POLICY, require_publishable
from referendum.record.bundles import MANIFEST
from referendum.record.log import Signer
from referendum.record.reading import Record

RESERVED = {"law", "index.html", "style.css", SITE, SITE_NOTE}
"""Names of a site's own files and folders, with small letters: some disks tell no others apart."""


def publish(
    records: Sequence[Path],
    out: Path,
    signers: Iterable[Signer] = (),
    policy: bytes | None = None,
) -> None:
    """Publish records as a static site, in place all at once.

    Args:
        records: their folders.
        out: folder of the site.
        signers: keys of logs; the list of pages of a record is signed if its own is among them.
        policy: trust policy that is published beside each record, and names its witnesses.

    Raises:
        InputError: two records have the same folder name, or one that of a page of the site; or
            the policy is none for these records.
        OrderError: something lies at `out` that is not a published site; or the record of real
            people tells of few of them, and the office has not accepted that.
    """
    folders = [folder.resolve() for folder in records]
    _require_names([folder.name for folder in folders])
    opened = [Record.open(folder) for folder in folders]
    for record in opened:
        require_nothing_open(record)
    if policy is not None:
        require_publishable(policy, POLICY, [record.info.key for record in opened])
    with replace_site(out) as folder:
        _write(folder, opened, signers, policy)


def _require_names(names: Sequence[str]) -> None:
    if len(set(names)) != len(names):
        raise InputError(
            f"two records are called {max(names, key=names.count)}",
            hint="rename one of the folders",
        )
    if odd := [name for name in names if not name.strip(".") or name.startswith(".")]:
        raise InputError(
            f"a record cannot be called {odd[0]!r} on a site: it would be hidden",
            hint="rename the folder of the record",
        )
    if taken := sorted(RESERVED & {name.lower() for name in names}):
        raise InputError(
            f"a record cannot be called {taken[0]}: a page of the site is",
            hint="rename the folder of the record",
        )


def _write(
    folder: Path, records: list[Record], signers: Iterable[Signer], policy: bytes | None
) -> None:
    keys = {str(signer.verifier): signer for signer in signers}
    templates = _templates()
    style, _, _ = templates.loader.get_source(templates, "style.css")  # type: ignore[union-attr]
    pages = [page(record, policy) for record in records]
    for record, shown in zip(records, pages, strict=True):
        _copy_record(record, folder / shown.name)
        html = place_marks(templates.get_template("record.html").render(page=shown))
        files = {
            "index.html": html.encode(),
            "data.json": canonical_json(page_data(record, shown.answer.word)),
            "style.css": style.encode(),
            **({POLICY: policy} if policy is not None else {}),
        }
        write_page_layer(folder / shown.name, record, files, keys.get(record.info.key))
    index = place_marks(templates.get_template("index.html").render(pages=pages))
    shared = {"index.html": index.encode(), "style.css": style.encode(), **_law_files(templates)}
    named = {shown.name: record for record, shown in zip(records, pages, strict=True)}
    signers_of_records = [keys[record.info.key] for record in records if record.info.key in keys]
    write_site_list(folder, named, shared, signers_of_records)


def _law_files(templates: Environment) -> dict[str, bytes]:
    """Give the table of jurisdictions and a page for each act, with its file, by path."""
    files: dict[str, bytes] = {}
    pages = act_pages()
    for shown in pages:
        html = templates.get_template("statute.html").render(page=shown, certainties=CERTAINTIES)
        files[f"law/{shown.path}/index.html"] = html.encode()
        law = statute_bytes(shown.statute.id, shown.statute.version)
        files[f"law/{shown.path}/statute.toml"] = law
    table = templates.get_template("law.html").render(
        lines=lines(pages),
        pages=pages,
        rest=[shown for shown in pages if not shown.statute.thresholds],
        certainties=CERTAINTIES,
    )
    return files | {"law/index.html": table.encode()}


def _copy_record(record: Record, folder: Path) -> None:
    """Copy what the log names and nothing else: no sealed bundle, no left-over."""
    (folder / "log").mkdir(parents=True)
    (folder / "record.json").write_bytes(canonical_json(msgspec.to_builtins(record.info)))
    (folder / "log" / "checkpoint").write_bytes(record.log.checkpoint)
    for path in record.log.files():
        target = folder / "log" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(record.log.read_file(path))
    for act in record.acts:
        for bundle in act.writes:
            if not bundle.sealed:
                _copy_bundle(record, bundle.digest, folder)


def _copy_bundle(record: Record, digest: str, folder: Path) -> None:
    """Copy a bundle by what its manifest names, each file held against its digest."""
    target = folder / "bundles" / "public" / digest
    if target.exists():
        return
    target.mkdir(parents=True)
    manifest = record.bundles.manifest(digest, sealed=False)
    (target / MANIFEST).write_bytes(manifest.canonical())
    for file in manifest.files:
        data = record.bundles.read(digest, file.name, sealed=False)
        (target / file.name).write_bytes(data)


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("referendum.publish"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["held"] = compared_words
    environment.filters["number"] = number
    environment.filters["own"] = mark_as_programs_own
    environment.filters["row_of"] = row_of
    environment.filters["state"] = state
    environment.filters["count_rows"] = count
    environment.filters["citation"] = citation
    environment.filters["section"] = section
    environment.filters["points"] = points
    environment.filters["words"] = lambda code: str(code).replace("_", " ")
    environment.filters["meaning"] = meaning
    environment.filters["exact"] = lambda value: f"{value:,}" if isinstance(value, int) else value
    environment.filters["share"] = share
    environment.filters["within"] = within_record
    return environment
