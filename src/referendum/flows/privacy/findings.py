"""What publications of a record say together on few people, and what the office accepted of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from referendum.core.errors import InputError, OrderError, RecordError
from referendum.core.printing import quantity
from referendum.flows.privacy.disclosure import Disclosure, smallest_group
from referendum.flows.privacy.groups import lone_line_disclosures, small_cells, small_groups
from referendum.flows.privacy.places import telling_boxes, telling_places
from referendum.flows.privacy.versions import close_versions
from referendum.record.acts import Act
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.record.writing import Outputs, RecordWriter


@dataclass(frozen=True)
class Finding:
    """One way in which a record tells of fewer people than k.

    Attributes:
        name: by which it is accepted.
        act: number of the latest act concerned.
        words: what is told.
        accepted: why the office publishes it all the same; None while it has not said so.
        published: whether all of it was published before; None where that was not asked.
    """

    name: str
    act: int
    words: str
    accepted: str | None
    published: bool | None


def find_disclosures(record: Record, published: int | None = None) -> list[Finding]:
    """Find every way in which the record's public files tell of fewer people than k.

    Args:
        record: its public bundles are read, and no sealed one.
        published: how many of its acts were published before; None where that is not asked.

    Raises:
        RecordError: a public bundle is not what its digest says.
    """
    accepted = {
        name: str(act.parameters["cause"])
        for act in record.standings.all_of("privacy.accept")
        for name in act.parameters["findings"]
    }
    return [
        Finding(
            one.name, one.act, one.words, accepted.get(one.name),
            None if published is None else one.act < published,
        )
        for one in _disclosures(record)
    ]  # fmt: skip


def _disclosures(record: Record) -> Iterator[Disclosure]:
    k = smallest_group(record)
    if record.opening.parameters["subject"] == "petition":
        yield from small_cells(record, k)
        yield from small_groups(record, k)
        yield from lone_line_disclosures(record)
    else:
        yield from telling_places(record, k)
        yield from telling_boxes(record, k)
    yield from close_versions(record, k)


def acts_published_in(record: Record, folder: Path) -> int:
    """Give how many acts of a record were published in a folder, or in one of a site.

    Raises:
        RecordError: what lies there is no earlier state of this record.
    """
    own = folder / record.folder.name
    before = Record.open(own if (own / "record.json").is_file() else folder)
    count = len(before.acts)
    if before.info != record.info or before.acts != record.acts[:count]:
        raise RecordError(
            "what was published there is no earlier state of this record",
            where=str(folder),
            hint="name the folder or the site in which this record was published",
        )
    return count


def accept_findings(record: RecordWriter, names: Sequence[str], cause: str, stamp: Stamp) -> Act:
    """Say in public why findings are published all the same.

    Raises:
        InputError: one of them is no finding on this record, or is accepted already.
    """
    record.require_allowed("privacy.accept", stamp)
    found = {one.name: one for one in find_disclosures(record)}
    for name in names:
        if name not in found or (found[name].accepted and stamp.corrects is None):
            word = "is accepted already" if name in found else "is no finding on this record"
            raise InputError(
                f"{name} {word}", hint=f"see them with: referendum privacy {record.folder}"
            )
    parameters = {"findings": sorted(set(names)), "cause": cause}
    return record.receive("privacy.accept", Outputs((), {}), parameters, stamp)


def require_nothing_open(record: Record) -> None:
    """Require of a record of real people that every finding is mended or accepted.

    Raises:
        OrderError: one is open.
    """
    if record.made_up:
        return
    open_ones = [one for one in find_disclosures(record) if one.accepted is None]
    if open_ones:
        listed = "".join(f"\n  {one.name}: {one.words}" for one in open_ones[:10])
        raise OrderError(
            f"{quantity(len(open_ones), 'finding')} on what this tells of few people:{listed}",
            where=str(record.folder),
            hint=f"see all with: referendum privacy {record.folder}; what stays is accepted by"
            f" name: referendum privacy accept {record.folder} FINDING --cause 'why'",
        )
