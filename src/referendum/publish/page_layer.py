"""The page layer of a published record and of a site: files, their list, the note that signs it.

The record's specification (docs/record.md, section 15) says what each holds.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from referendum import __version__
from referendum.core.canonical import canonical_json, sha256_hex
from referendum.record.log import Signer
from referendum.record.reading import Record

LIST = "pages.json"
NOTE = "pages"
DATA = "data.json"
SITE = "site.json"
SITE_NOTE = "site"
SITE_FORMAT = "referendum-site/2"
LIST_FORMAT = "referendum-pages/1"
DATA_FORMAT = "referendum-page/1"


def write_page_layer(
    folder: Path, record: Record, files: Mapping[str, bytes], signer: Signer | None
) -> None:
    """Write the files of the page layer beside a published record, with their list.

    Args:
        folder: the published record.
        record: what the pages show.
        files: content by name.
        signer: the log's key; without it the list is not signed.
    """
    for name, content in files.items():
        (folder / name).write_bytes(content)
    listed = canonical_json(page_list(record, files))
    (folder / LIST).write_bytes(listed)
    if signer is not None:
        (folder / NOTE).write_bytes(signer.sign_text(note_text(record.info.origin, listed)))


def page_list(record: Record, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Give the list of the page layer: each file's digest, and the head of the log it shows."""
    return {
        "format": LIST_FORMAT,
        "origin": record.info.origin,
        "size": record.log.size,
        "code": f"referendum {__version__}",
        "files": _entries(files),
    }


def _entries(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    return [
        {"name": name, "sha256": sha256_hex(files[name]), "bytes": len(files[name])}
        for name in sorted(files)
    ]


def write_site_list(
    folder: Path, records: Mapping[str, Record], files: Mapping[str, bytes], signers: list[Signer]
) -> None:
    """Write the files that the records of a site share, with their list and the note of it.

    Args:
        folder: the site, in which the records lie already.
        records: by the names of their folders.
        files: content by path below the site.
        signers: keys of the records' logs; each signs, and without any there is no note.
    """
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    listed: dict[str, Any] = {
        "format": SITE_FORMAT,
        "code": f"referendum {__version__}",
        "records": [
            {
                "name": name,
                "origin": record.info.origin,
                "pages": sha256_hex((folder / name / LIST).read_bytes()),
            }
            for name, record in records.items()
        ],
        "files": _entries(files),
    }
    data = canonical_json(listed)
    (folder / SITE).write_bytes(data)
    if signers:
        (folder / SITE_NOTE).write_bytes(_sign_note(site_text(data), signers))


def site_text(data: bytes) -> str:
    """Give the two lines that the logs' keys sign; no log can have the first for its origin."""
    return f"{SITE_FORMAT} site\n{sha256_hex(data)}\n"


def _sign_note(text: str, signers: Iterable[Signer]) -> bytes:
    """Write a note that several keys sign."""
    notes = [signer.sign_text(text).decode() for signer in signers]
    lines = [note.removeprefix(f"{text}\n") for note in dict.fromkeys(notes)]
    return f"{text}\n{''.join(lines)}".encode()


def note_text(origin: str, listed: bytes) -> str:
    """Give the two lines that the log's key signs; no log can have the first for its origin."""
    return f"{LIST_FORMAT} {origin}\n{sha256_hex(listed)}\n"


def page_data(record: Record, state: str) -> dict[str, Any]:
    """Give what a page says, for programs: the headline and the acts.

    Args:
        record: what the page shows.
        state: the headline's words.
    """
    opening, fallen = record.opening.parameters, record.fallen_acts()
    return {
        "format": DATA_FORMAT,
        "title": opening["title"],
        "question": opening["question"],
        "subject": opening["subject"],
        "made_up": record.made_up,
        "state": state,
        "updated": record.acts[-1].recorded,
        "acts": [
            {
                "number": act.number,
                "kind": act.kind,
                "at": act.at,
                "recorded": act.recorded,
                "stands": act.number not in fallen,
                "facts": act.facts,
            }
            for act in record.acts
        ],
    }
