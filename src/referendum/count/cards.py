"""Cast vote records, card by card: Dominion's JSON export and NIST SP 1500-103 JSON.

A card that lists a question has one of four votes on it: `yes`, `no`, `blank` (no valid mark) or
`several` (more marks than one). Only questions of two answers are read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from referendum.core.errors import InputError

CARDS = pl.Schema(
    [(name, pl.String()) for name in ("card", "kind", "device", "batch", "question", "vote")]
)
"""One row for each card and question: who scanned it, in which batch, and the vote."""

Json = Mapping[str, Any]
Row = tuple[str, str, str, str, str, str]


@dataclass(frozen=True)
class Manifests:
    """What the numbers of a Dominion export stand for, from its manifest files.

    Attributes:
        questions: contest number → title, of contests whose two answers end in yes and no.
        answers: candidate number → `yes` or `no`.
        kinds: counting group number → its description.
    """

    questions: dict[int, str]
    answers: dict[int, str]
    kinds: dict[int, str]


def read_manifests(contests: Json, candidates: Json, groups: Json) -> Manifests:
    """Find the yes/no questions among the contests of a Dominion export.

    Raises:
        InputError: the files are not those manifests, or there is no yes/no question.
    """
    try:
        answers: dict[int, dict[int, str]] = {}
        for one in candidates["List"]:
            last_word = one["Description"].lower().rpartition(" ")[2]
            answers.setdefault(one["ContestId"], {})[one["Id"]] = last_word
        measures = {id_ for id_, own in answers.items() if sorted(own.values()) == ["no", "yes"]}
        questions = {c["Id"]: c["Description"] for c in contests["List"] if c["Id"] in measures}
        kinds = {group["Id"]: group["Description"] for group in groups["List"]}
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"not a Dominion manifest: {error!r}") from error
    if not questions:
        raise InputError("no contest has the answers yes and no", hint="name the right manifests")
    return Manifests(
        questions, {id_: word for m in measures for id_, word in answers[m].items()}, kinds
    )


def dominion_cards(export: Json, manifests: Manifests) -> pl.DataFrame:
    """Read the cards of a Dominion CVR export (`CvrExport_*.json`).

    An adjudicated record (`Modified`) takes the place of the original.

    Returns:
        Columns of `CARDS`, in the order of the file.

    Raises:
        InputError: a part that a CVR has is missing.
    """
    try:
        rows = list(_dominion(export, manifests))
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"not a Dominion CVR export: {error!r}") from error
    return pl.DataFrame(rows, schema=CARDS, orient="row")


def _dominion(export: Json, manifests: Manifests) -> Iterator[Row]:
    for number, session in enumerate(export["Sessions"], start=1):
        version = session["Original"] if session["Original"]["IsCurrent"] else session["Modified"]
        kind = manifests.kinds.get(session["CountingGroupId"], "all")
        device, batch = str(session["TabulatorId"]), str(session["BatchId"])
        for place, card in enumerate(version["Cards"], start=1):
            # Published exports hide RecordId: the place in the batch names the card.
            name = f"{device}-{batch}-{number}-{place}"
            for contest in card["Contests"]:
                if contest["Id"] in manifests.questions:
                    vote = _dominion_vote(contest, manifests)
                    yield (name, kind, device, batch, manifests.questions[contest["Id"]], vote)


def _dominion_vote(contest: Json, manifests: Manifests) -> str:
    if contest["Overvotes"]:
        return "several"
    votes = {manifests.answers[one["CandidateId"]] for one in contest["Marks"] if one["IsVote"]}
    return votes.pop() if len(votes) == 1 else "blank"


def nist_cards(report: Json) -> pl.DataFrame:
    """Read the cards of a NIST SP 1500-103 version 1 cast vote record report.

    Of each record the snapshot named `CurrentSnapshotId` counts. The ballot measures' selections
    are yes and no, or the two options in their order.

    Returns:
        Columns of `CARDS`, in the order of the file.

    Raises:
        InputError: a part that a report has is missing, or it has no ballot measure.
    """
    try:
        measures = dict(_measures(report))
        rows = list(_nist(report, measures))
    except (KeyError, TypeError, AttributeError, StopIteration) as error:
        raise InputError(f"not a cast vote record report: {error!r}") from error
    if not measures:
        raise InputError("the report has no ballot measure of two answers")
    return pl.DataFrame(rows, schema=CARDS, orient="row")


def _measures(report: Json) -> Iterator[tuple[str, tuple[str, dict[str, str]]]]:
    """Give each ballot measure's identifier, its title, and which selection means what."""
    for election in report["Election"]:
        for contest in election["Contest"]:
            selections = contest["ContestSelection"]
            if contest["@type"] == "CVR.BallotMeasureContest" and len(selections) == 2:
                words = [one["Selection"].strip().lower() for one in selections]
                swapped = words == ["no", "yes"]
                meaning = ("no", "yes") if swapped else ("yes", "no")
                ids = [one["@id"] for one in selections]
                title = contest.get("Name") or contest["@id"]
                yield contest["@id"], (title, dict(zip(ids, meaning, strict=True)))


def _nist(report: Json, measures: dict[str, tuple[str, dict[str, str]]]) -> Iterator[Row]:
    for number, record in enumerate(report["CVR"], start=1):
        current = record["CurrentSnapshotId"]
        snapshot = next(one for one in record["CVRSnapshot"] if one["@id"] == current)
        device = record.get("CreatingDeviceId", "")
        name = record.get("UniqueId") or record.get("BallotAuditId") or str(number)
        for contest in snapshot.get("CVRContest", []):
            if contest["ContestId"] in measures:
                question, meaning = measures[contest["ContestId"]]
                vote = _nist_vote(contest, meaning)
                yield (name, "all", device, record.get("BatchId", ""), question, vote)


def _nist_vote(contest: Json, meaning: Mapping[str, str]) -> str:
    marked = [
        meaning[selection["ContestSelectionId"]]
        for selection in contest.get("CVRContestSelection", [])
        if any(_is_vote(position) for position in selection["SelectionPosition"])
    ]
    if contest.get("Overvotes") or len(marked) > 1:
        return "several"
    return marked[0] if marked else "blank"


def _is_vote(position: Json) -> bool:
    """A mark that is there, and that adjudication did not strike out."""
    marked: bool = position["HasIndication"] == "yes"
    return marked and position.get("IsAllocable", "yes") != "no"


def forms_of_cards(cards: pl.DataFrame, region: str) -> pl.DataFrame:
    """Add up cards to forms, one for each question, kind, device (district) and batch (place).

    Args:
        cards: columns of `CARDS`.
        region: what the forms say as region.

    Returns:
        Columns `question`, `kind`, `region`, `district`, `place`, `yes`, `no`, `blank`,
        `several_marks`, `informal`, `total`.
    """
    of = {"yes": "yes", "no": "no", "blank": "blank", "several": "several_marks"}
    counts = [(pl.col("vote") == vote).sum().alias(name) for vote, name in of.items()]
    placed, key = _placed(cards, region), ["question", "kind", "region", "district", "place"]
    sums = placed.group_by(key).agg(*counts, total=pl.len()).sort(key)
    informal = (pl.col("blank") + pl.col("several_marks")).alias("informal")
    return sums.select(*key, *of.values(), informal, "total")


def records_of_cards(cards: pl.DataFrame, region: str) -> pl.DataFrame:
    """Give the record of every card, numbered through each batch in the order of the file.

    Args:
        cards: columns of `CARDS`.
        region: of all.

    Returns:
        Columns `question`, `kind`, `region`, `district`, `place`, `card` (from 1), `mark` (`yes`,
        `no`, or `blank` for whatever counts for neither), `imprint` (the name of the card).
    """
    key = ["question", "kind", "region", "district", "place"]
    return _placed(cards, region).select(
        *key,
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(key).alias("card"),
        pl.col("vote").replace("several", "blank").alias("mark"),
        pl.col("card").alias("imprint"),
    )


def _placed(cards: pl.DataFrame, region: str) -> pl.DataFrame:
    """Take the device of a card as its district, and the batch as its place."""
    return cards.with_columns(
        pl.lit(region).alias("region"),
        pl.col("device").replace("", "all").alias("district"),
        pl.col("batch").replace("", "all").alias("place"),
    )
