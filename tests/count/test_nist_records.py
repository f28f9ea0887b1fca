"""Cast vote record reports of NIST SP 1500-103, by the specification."""

import pytest
from exports import measure, record, report, voted, write

from referendum.core.errors import InputError
from referendum.count import ContestChoice, forms_of_cards, records_of_cards
from referendum.flows.count.cast_vote_records import cards_to_forms, read_cards

A = measure("a", name="Measure A")
VOTES = ("yes", "no", "blank", "several_marks", "other", "total")


@pytest.fixture
def read(tmp_path):
    def read(*reports, **choice):
        paths = [write(tmp_path, f"{n}.json", one) for n, one in enumerate(reports)]
        return read_cards(paths, None, ContestChoice(**choice))

    return read


def votes_of(found):
    forms = forms_of_cards(found.cards, "all")
    return {row["question"]: tuple(row[name] for name in VOTES) for row in forms.to_dicts()}


def one(contest):
    """A report of one record with one contest of the measure A."""
    return report([A], [record(contest)])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Against", "For"), ("Non", "Oui"), ("Nein", "Ja"), ("No on A", "Yes on A"),
        ("Reject", "Approve"), ("No - against the measure", "Yes - for the measure"),
        ("NO", "YES"), ("no ", " yes"), ("NO/AGAINST", "YES/FOR"), ("反對", "同意"),
        ("Contra el cambio", "A favor"),
    ],
)  # fmt: skip
def test_which_option_says_yes_follows_from_its_words_never_from_its_place(read, first, second):
    contest = measure("a", first, second, name="Measure A")
    records = [record(voted("a", n)) for n in (0, 0, 0, 1)]
    chosen = {"yes": (second,)} if first.startswith("Contra el") else {}
    assert votes_of(read(report([contest], records), **chosen)) == {"Measure A": (1, 3, 0, 0, 0, 4)}


@pytest.mark.parametrize(
    ("contest", "vote"),
    [
        (voted("a", 0), "yes"),
        (voted("a", 1), "no"),
        (voted("a"), "blank"),
        ({"ContestId": "a"}, "blank"),
        (voted("a", 0, 1), "several"),
        (voted("a", 0, status=["overvoted", "invalidated-rules"]), "several"),
        (voted("a", 0) | {"Overvotes": 1}, "several"),
        (voted("a", 0, status=["invalidated-rules"]), "other"),
        (voted("a", status=["not-indicated", "undervoted"]), "blank"),
        (voted("a", 0, IsAllocable="no"), "blank"),
        (voted("a", 0, IsAllocable="unknown"), "blank"),
        (voted("a", 0, HasIndication="no"), "blank"),
        (voted("a", 0, HasIndication="unknown"), "blank"),
        (voted("a", 0, HasIndication="unknown", IsAllocable="yes"), "yes"),
        (voted("a", 0, Status=["invalidated-rules"]), "blank"),
        (voted("a", 0, Status=["adjudicated"]), "yes"),
        (voted("a", 0, Status=["generated-rules"], IsGenerated=True), "yes"),
        (voted("a", 0, NumberVotes=0), "blank"),
        (voted("a", 0, CVRWriteIn={"Text": "Maybe"}), "other"),
    ],
)
def test_a_contest_is_read_by_its_statuses(read, contest, vote):
    assert read(one(contest)).cards["vote"].to_list() == [vote]


@pytest.mark.parametrize(
    ("contest", "told"),
    [
        (voted("a", 0, HasIndication="perhaps"), "record 1: .*HasIndication: 'perhaps' is none"),
        (voted("a", 0, status=["spoilt"]), "'spoilt' is none"),
        (voted("a", 0, IsAllocable="maybe"), "'maybe' is none"),
        (voted("a", 0, NumberVotes=2), "2 votes; an answer is one vote or none"),
        (voted("a", 0, FractionalVotes="0.5"), "1 votes and 0.5"),
        (voted("a", 0, NumberVotes="1"), "NumberVotes: expected a whole number.*found a text"),
        (voted("a", 0, IsAllocable="yes", HasIndication="no"), "without an indication"),
        (voted("a", 0, IsAllocable="yes", Status=["invalidated-rules"]), "and invalidated"),
        (voted("a", 0, status=["not-indicated"]), "called not-indicated and has a vote"),
        (voted("a", 2), "a-2 is not one of its contest"),
        (voted("b", 0), "contest b is not one of the report"),
        (voted("a", 0, 0), "an option of a comes twice"),
    ],
)
def test_what_the_specification_does_not_have_is_a_fault_of_its_record(read, contest, told):
    with pytest.raises(InputError, match=told) as caught:
        read(one(contest))
    assert "record 1" in caught.value.where


def test_the_current_snapshot_counts_and_has_to_be_there(read):
    good = record(voted("a", 1))
    good["CVRSnapshot"].insert(0, {"@id": "o", "Type": "original", "CVRContest": [voted("a", 0)]})
    assert votes_of(read(report([A], [good])))["Measure A"][:2] == (0, 1)
    for id_, told in (("z", "names no snapshot"), ("s", "several snapshots")):
        bad = record(voted("a", 1), CurrentSnapshotId=id_)
        bad["CVRSnapshot"] *= 2
        with pytest.raises(InputError, match=told) as caught:
            read(report([A], [good, bad]))
        assert caught.value.where.endswith("0.json, record 2")


def test_two_contests_of_one_title_are_two_questions(read):
    contests = [A, measure("c", name="measure a")]
    records = [record(voted("a", 0), voted("c", 1)), record(voted("a", 0))]
    assert votes_of(read(report(contests, records))) == {
        "Measure A (a)": (2, 0, 0, 0, 0, 2),
        "measure a (c)": (0, 1, 0, 0, 0, 1),
    }


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({"UniqueId": "7"}, {"UniqueId": "7"}, "UniqueId 7 comes twice"),
        ({"BallotAuditId": "x"}, {"BallotAuditId": "x", "UniqueId": "2"}, "BallotAuditId x"),
        ({"BallotPrePrintedId": "x"}, {"BallotPrePrintedId": "x"}, "BallotPrePrintedId x"),
        ({"BatchSequenceId": 3}, {"BatchSequenceId": 3}, "BatchSequenceId 3"),
    ],
)
@pytest.mark.parametrize("files", [1, 2])
def test_a_record_that_comes_twice_is_named_with_both_places(read, first, second, told, files):
    records = [record(voted("a", 0), **first), record(voted("a", 1), **second)]
    parts = [[*records]] if files == 1 else [[one] for one in records]
    with pytest.raises(InputError, match=told) as caught:
        read(*(report([A], part) for part in parts))
    assert "record 1" in caught.value.message
    assert caught.value.where.endswith("0.json, record 2" if files == 1 else "1.json, record 1")


def test_sheets_of_one_ballot_share_its_printed_number(read):
    contests = [A, measure("c", name="Measure C")]
    sheets = [record(voted(id_, 0), BallotPrePrintedId="9", UniqueId=id_) for id_ in ("a", "c")]
    found = votes_of(read(report(contests, sheets)))
    assert {one[-1] for one in found.values()} == {1}


def test_a_card_is_called_as_it_is_printed_and_stands_in_the_order_of_its_batch(read):
    names = [
        {"UniqueId": "u", "BatchSequenceId": 3},
        {"UniqueId": "v", "BallotPrePrintedId": "p", "BatchSequenceId": 1},
        {"UniqueId": "w", "BallotPrePrintedId": "q", "BallotAuditId": "i", "BatchSequenceId": 2},
    ]
    found = read(report([A], [record(voted("a", 0), **one) for one in names]))
    cards = records_of_cards(found.cards, "all")
    assert cards.select("card", "imprint").rows() == [(1, "p"), (2, "i"), (3, "u")]


def test_names_are_in_one_line_and_the_whole_text_of_a_question_is_cut(read):
    contests = [measure("a", name="Measure\nA "), measure("b", name="Shall it? " * 60)]
    records = [record(voted("a", 0), voted("b", 0), BatchId=" B\t1 ")]
    found = read(report(contests, records))
    assert found.cards["batch"].unique().to_list() == ["B 1"]
    first, second = votes_of(found)
    assert first == "Measure A"
    assert len(second) < 220
    assert second.endswith(" … (b)")


def test_records_that_devices_number_alike_are_told_apart(read):
    records = [record(voted("a", 0), UniqueId="1", CreatingDeviceId=one) for one in ("d", "e")]
    found = read(report([A], records))
    assert sorted(found.cards["card"]) == ["d-1", "e-1"]


def test_a_measure_that_is_not_understood_stops_the_reading_unless_it_is_left_out(read):
    odd = measure("b", "A", "B", "C", name="Measure B")
    reports = report([A, odd], [record(voted("a", 0), voted("b", 2))])
    with pytest.raises(InputError, match=r"Measure B \(options: 'A', 'B', 'C'\)"):
        read(reports)
    found = read(reports, leave=("measure b",))
    assert votes_of(found) == {"Measure A": (1, 0, 0, 0, 0, 1)}
    assert "left out as you say: Measure B" in found.notes
    with pytest.raises(InputError, match="no contest is called 'Measure C'"):
        read(reports, leave=("Measure C",))


def test_the_office_says_which_option_is_yes_where_its_words_do_not(read):
    odd = measure("b", "Keep", "Change", name="Flag = ours")
    reports = report([A, odd], [record(voted("a", 0), voted("b", 1))])
    with pytest.raises(InputError, match="not understood"):
        read(reports)
    for said in ("Change", "Flag = ours=change", "b=Change"):
        assert votes_of(read(reports, yes=(said,)))["Flag = ours"][:2] == (1, 0)
    for said, told in (
        (("Chnge",), "no contest has the option"),
        (("Change", "Keep"), "two options"),
        (("No",), "'No' of Measure A says no"),
    ):
        with pytest.raises(InputError, match=told):
            read(reports, yes=said)
    turned = read(reports, yes=("Change", "Measure A=No"))
    assert votes_of(turned)["Measure A"][:2] == (0, 1)


def test_a_write_in_line_counts_for_neither(read):
    contest = measure("a", "No", "Yes", "Write-in", name="Measure A")
    found = read(report([contest], [record(voted("a", n)) for n in (0, 1, 1, 2)]))
    assert votes_of(found) == {"Measure A": (2, 1, 0, 0, 1, 4)}
    assert "votes for a write-in line, which count for neither answer: 1" in found.notes


def test_of_ranked_options_the_first_preference_is_read(read):
    ranked = voted("a", 0, 1)
    for rank, selection in enumerate(ranked["CVRContestSelection"], start=1):
        selection["SelectionPosition"][0]["Rank"] = rank
    tied = voted("a", 0, 1, Rank=1)
    found = read(report([A], [record(ranked), record(voted("a", 1, Rank=1)), record(tied)]))
    assert votes_of(found) == {"Measure A": (1, 1, 0, 1, 0, 3)}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"ReportType": ["other"], "OtherReportType": "test"}, "report of a test"),
        ({"ReportType": ["originating-device-export", "other"], "OtherReportType": "L&A testing"},
         "report of a test"),
        ({"ReportType": ["rcv-round"]}, "round of ranked choice"),
        ({"ReportType": ["draft"]}, "'draft' is none"),
        ({"Version": "2.0"}, "'2.0' is none"),
    ],
)  # fmt: skip
def test_a_report_that_is_not_of_votes_is_refused(read, more, told):
    with pytest.raises(InputError, match=told):
        read(one(voted("a", 0)) | more)


def test_ranked_contests_are_no_measures(read):
    mayor = measure("m", "Ann", "Ben", name="Mayor", type_="CVR.CandidateContest")
    reports = report([mayor | {"VoteVariation": "rcv"}], [record(voted("m", 0))])
    with pytest.raises(InputError, match="contests of ranks are none: Mayor"):
        read(reports)


def test_a_record_that_holds_nothing_stays_in_the_number_of_cards(read):
    contests = [A, measure("c", name="Measure C")]
    full = record(voted("a", 0), voted("c", 1), BallotStyleId="1")
    records = [full, record(voted("c", 0), BallotStyleId="1"), record(BallotStyleId="1")]
    found = read(report(contests, records))
    assert votes_of(found) == {"Measure A": (1, 0, 0, 0, 2, 3), "Measure C": (1, 1, 0, 0, 1, 3)}
    marks = records_of_cards(found.cards, "all")
    assert marks["mark"].to_list().count("missing") == 3
    assert any("Measure A: 2; Measure C: 1" in note for note in found.notes)


def test_reports_of_one_batch_come_in_several_files(tmp_path):
    parts = [report([A], [record(voted("a", n), UniqueId=str(n))]) for n in (0, 1)]
    paths = [write(tmp_path, f"{n}.json", part) for n, part in enumerate(parts)]
    assert cards_to_forms(paths, None, "all").select("yes", "no", "total").rows() == [(1, 1, 2)]
    other = report([A | {"Name": "Another"}], [record(voted("a", 0))])
    with pytest.raises(InputError, match="another one than in"):
        cards_to_forms([*paths, write(tmp_path, "other.json", other)], None, "all")
    with pytest.raises(InputError, match="the same file"):
        cards_to_forms([*paths, paths[0]], None, "all")
