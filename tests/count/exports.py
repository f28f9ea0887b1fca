"""Small exports of cast vote records, built member by member, for tests."""

import json
from pathlib import Path

YES_NO = ("Yes", "No")


def measure(id_, *options, name=None, type_="CVR.BallotMeasureContest", **more):
    """A contest of a NIST report; its options are `ID-0`, `ID-1` and so on."""
    selections = [
        {"@id": f"{id_}-{n}", "@type": "CVR.BallotMeasureSelection", "Selection": text}
        for n, text in enumerate(options or YES_NO)
    ]
    contest = {"@type": type_, "@id": id_, "ContestSelection": selections} | more
    return contest | ({"Name": name} if name else {})


def voted(contest, *numbers, status=None, **position):
    """A contest of a NIST record, with a mark on each option that is numbered."""
    selections = [
        {"ContestSelectionId": f"{contest}-{n}",
         "SelectionPosition": [{"HasIndication": "yes", "NumberVotes": 1, **position}]}
        for n in numbers
    ]  # fmt: skip
    return {"ContestId": contest, "CVRContestSelection": selections} | (
        {"Status": status} if status else {}
    )


def record(*contests, type_="original", **more):
    """A NIST record of one snapshot."""
    snapshot = {"@id": "s", "Type": type_, "CVRContest": list(contests)}
    return {"CurrentSnapshotId": "s", "CVRSnapshot": [snapshot], "BatchId": "B1"} | more


def report(contests, records, **more):
    """A NIST report."""
    return {
        "@type": "CVR.CastVoteRecordReport",
        "Version": "1.0.0",
        "Election": [{"@id": "e", "Contest": list(contests)}],
        "CVR": list(records),
    } | more


def mark(candidate, **more):
    """A mark of a Dominion record that counts."""
    return {
        "CandidateId": candidate, "PartyId": 0, "Rank": 1, "MarkDensity": 90,
        "IsAmbiguous": False, "IsVote": True, "OutstackConditionIds": [],
    } | more  # fmt: skip


def marked(contest, *marks, **more):
    """A contest of a Dominion record; without marks it is an undervote."""
    return {
        "Id": contest, "Undervotes": 0 if marks else 1, "Overvotes": 0,
        "OutstackConditionIds": [] if marks else [4, 6], "Marks": list(marks),
    } | more  # fmt: skip


def card(*contests, **more):
    """A card of a Dominion record."""
    return {"Id": 7, "PaperIndex": 0, "Contests": list(contests), "OutstackConditionIds": []} | more


def session(number, *cards, batch=1, **more):
    """A Dominion record."""
    original = {"BallotTypeId": 1, "IsCurrent": True, "Cards": list(cards)}
    return {
        "TabulatorId": 5, "BatchId": batch, "RecordId": number, "CountingGroupId": 1,
        "ImageMask": "x", "SessionType": "ScannedVote", "Original": original,
    } | more  # fmt: skip


def write(folder, name, value):
    """Write JSON, and give its path."""
    path = Path(folder) / name
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def write_manifests(folder, contests, **more):
    """Write manifests: of each contest its title, its options, and whatever else it has.

    The options of contest n are the candidates 10 n, 10 n + 1 and so on.
    """
    entries = [
        {"Id": id_, "Description": title, "VoteFor": 1, "NumOfRanks": 0} | rest
        for id_, title, _, rest in contests
    ]
    candidates = [
        {"Id": 10 * id_ + n, "Description": text, "ContestId": id_, "Type": "Regular"}
        for id_, _, options, _ in contests
        for n, text in enumerate(options)
    ]
    groups = [{"Id": 1, "Description": "ordinary"}]
    for name, rows in ({"Contest": entries, "Candidate": candidates, "CountingGroup": groups}
                       | more).items():  # fmt: skip
        write(folder, f"{name}Manifest.json", {"Version": "5.10", "List": rows})
    return Path(folder)
