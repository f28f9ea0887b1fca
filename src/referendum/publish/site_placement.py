"""A site put in the place of an earlier one, whole, without anything that publishing did not write.

What lies in the folder of the earlier site and was not published stays: at the top (a host's own
files) it is taken over; deeper down the site is left as it is, and the file is named.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from referendum.core.errors import OrderError
from referendum.publish.page_layer import LIST, NOTE, SITE, SITE_NOTE

_OF_A_RECORD = {"record.json", "log", "bundles", LIST, NOTE}


@contextmanager
def replace_site(out: Path) -> Iterator[Path]:
    """Give a folder to write a site into, which takes the place of `out` at the end.

    Everybody can read it, whatever the umask: it is for a web server.

    Raises:
        OrderError: something lies at `out` that was not published.
    """
    foreign = _foreign_files(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    passing = Path(mkdtemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent))
    try:
        yield passing
        _open_to_all(passing)
        if taken := [name for name in foreign if (passing / name).exists()]:
            raise _refuse(out / taken[0])
        _swap(passing, out, foreign)
    finally:
        shutil.rmtree(passing, ignore_errors=True)


def _foreign_files(out: Path) -> list[str]:
    """Name what lies at the top of an earlier site and is not of it."""
    present = {item.name for item in out.iterdir()} if out.exists() else set()
    if not present:
        return []
    published = _published_names(out)
    for path in _paths_below(out):
        if path.split("/")[0] in {name.split("/")[0] for name in published} and not any(
            path == name or path.startswith(f"{name}/") for name in published
        ):
            raise _refuse(out / path)
    return sorted(present - {name.split("/")[0] for name in published})


def _published_names(out: Path) -> set[str]:
    """Give the files and folders that an earlier publication wrote, by path."""
    try:
        listed = json.loads((out / SITE).read_bytes())
        records = [str(one["name"]) for one in listed["records"]]
        names = {SITE, SITE_NOTE, *(str(one["name"]) for one in listed["files"])}
        for record in records:
            pages = json.loads((out / record / LIST).read_bytes())
            files_of_record = _OF_A_RECORD | {str(one["name"]) for one in pages["files"]}
            names |= {f"{record}/{name}" for name in files_of_record}
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise _refuse(out) from error
    return names


def _paths_below(folder: Path) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        for name in names:
            yield (Path(place) / name).relative_to(folder).as_posix()


def _refuse(path: Path) -> OrderError:
    return OrderError(
        "there is something here that was not published",
        where=str(path),
        hint="move it away, or name an empty folder or an earlier published site",
    )


def _open_to_all(folder: Path) -> None:
    folder.chmod(0o755)
    for place, inner, names in os.walk(folder):
        for name in inner:
            (Path(place) / name).chmod(0o755)
        for name in names:
            (Path(place) / name).chmod(0o644)


def _swap(passing: Path, out: Path, foreign: list[str]) -> None:
    """Put the new site in place of the old one, with what was beside the old one."""
    old = Path(mkdtemp(prefix=f".{out.name}.", suffix=".old", dir=out.parent))
    if out.exists():
        out.rename(old / "site")
    passing.rename(out)
    for name in foreign:
        (old / "site" / name).rename(out / name)
    shutil.rmtree(old, ignore_errors=True)
