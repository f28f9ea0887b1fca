"""Dominion's JSON export of cast vote records, versions 5.2 to 5.17."""

import pytest
from exports import card, mark, marked, session, write, write_manifests

from referendum.core.errors import InputError
from referendum.count import ContestChoice, forms_of_cards, records_of_cards
from referendum.flows.count.cast_vote_records import read_cards

A, B = 1, 2
YES, NO = 10, 11
CONTESTS = (
    (A, "MEASURE A", ("YES", "NO"), {}),
    (B, "MEASURE B", ("BONDS - YES", "BONDS - NO"), {}),
)
VOTES = ("yes", "no", "blank", "several_marks", "other", "total")
REDACTED = "*** REDACTED ***"


@pytest.fixture
def read(tmp_path):
    def read(*exports, contests=CONTESTS, manifests=None, **choice):
        write_manifests(tmp_path, contests, **(manifests or {}))
        paths = [
            write(tmp_path, f"CvrExport_{n}.json", {"Version": "5.10.50.85", "Sessions": sessions})
            for n, sessions in enumerate(exports)
        ]
        return read_cards(paths, tmp_path, ContestChoice(**choice))

    return read


def votes_of(found):
    forms = forms_of_cards(found.cards, "all")
    return {row["question"]: tuple(row[name] for name in VOTES) for row in forms.to_dicts()}


def vote(contest):
    return session(1, card(contest))


@pytest.mark.parametrize(
    ("contest", "told"),
    [
        (marked(A, mark(YES)), "yes"),
        (marked(A, mark(NO)), "no"),
        (marked(A), "blank"),
        (marked(A, mark(YES), mark(NO)), "several"),
        (marked(A, mark(YES), Overvotes=1), "several"),
        (marked(A, mark(YES), OutstackConditionIds=[5]), "several"),
        (marked(A, mark(YES), OutstackConditionIds=[7]), "other"),
        (marked(A, mark(YES, IsVote=False, IsAmbiguous=True), Undervotes=1), "blank"),
        (marked(A, mark(YES, IsAmbiguous=True)), "yes"),
        (marked(A, mark(YES, Rank=2), mark(NO, Rank=1)), "no"),
        (marked(A, mark(YES), Marks=REDACTED), "missing"),
        (marked(A, mark(YES), Marks="[Redacted for privacy]"), "missing"),
        (marked(A, mark(YES), Marks=None), "missing"),
        (marked(A, mark(YES), Marks=[]), "missing"),
        (marked(A, mark(REDACTED)), "missing"),
        (marked(A, mark(YES, IsVote=REDACTED)), "missing"),
        ({"Id": A, "Marks": []}, "blank"),
    ],
)
def test_a_contest_is_read_by_its_marks_and_conditions(read, contest, told):
    assert read([vote(contest)]).cards["vote"].to_list() == [told]


def test_an_invalid_card_counts_for_neither(read):
    found = read([session(1, card(marked(A, mark(YES)), OutstackConditionIds=[7]))])
    assert votes_of(found) == {"MEASURE A": (0, 0, 0, 0, 1, 1)}
    assert any("calls the contest invalid" in note for note in found.notes)


def test_conditions_are_read_by_the_manifest_of_the_export(read):
    conditions = {"OutstackCondition": [{"Id": 21, "Description": "Invalid contest"}]}
    good = vote(marked(A, mark(YES), OutstackConditionIds=[21]))
    assert votes_of(read([good], manifests=conditions))["MEASURE A"] == (0, 0, 0, 0, 1, 1)
    with pytest.raises(InputError, match="outstack condition 7 is not known"):
        read([vote(marked(A, mark(YES), OutstackConditionIds=[7]))], manifests=conditions)


def modified(**more):
    both = vote(marked(A, mark(YES)))
    both["Original"]["IsCurrent"] = False
    after = {"BallotTypeId": 1, "IsCurrent": True, "Cards": [card(marked(A, mark(NO)))]}
    return both | {"Modified": after | more}


def test_the_current_version_counts(read):
    assert votes_of(read([modified()]))["MEASURE A"][:2] == (0, 1)
    first = modified(IsCurrent=False)
    first["Original"]["IsCurrent"] = True
    assert votes_of(read([first]))["MEASURE A"][:2] == (1, 0)
    with pytest.raises(InputError, match="no version of the record is called current"):
        read([modified(IsCurrent=False)])
    both = modified()
    both["Original"]["IsCurrent"] = True
    with pytest.raises(InputError, match="both versions"):
        read([both])


def test_version_5_2_has_contests_without_cards(read):
    old = session(1)
    old["Original"] = {
        "BallotTypeId": 1, "IsCurrent": True,
        "Contests": [{"Id": A, "Marks": [{"CandidateId": YES, "Rank": 1, "IsVote": True}]}],
    }  # fmt: skip
    assert votes_of(read([old]))["MEASURE A"] == (1, 0, 0, 0, 0, 1)


def imprints(found):
    rows = records_of_cards(found.cards, "all").select("place", "card", "imprint", "mark")
    return rows.rows()


def test_a_card_is_called_as_it_is_printed_in_the_order_of_its_numbers(read):
    votes = {2: YES, 3: YES, 1: NO}
    sessions = [session(n, card(marked(A, mark(votes[n])))) for n in votes]
    expected = [("1", 1, "5-1-1", "no"), ("1", 2, "5-1-2", "yes"), ("1", 3, "5-1-3", "yes")]
    for files in ([sessions], [sessions[:2], sessions[2:]], [sessions[2:], sessions[:2]]):
        assert imprints(read(*files)) == expected


def test_hidden_numbers_are_taken_from_the_image_or_counted_apart(read):
    hidden = {"RecordId": "X"}
    image = r"D:\NAS\Tabulator00005\Batch001\Images\00005_00001_000022*.*"
    sessions = [
        session(1, card(marked(A, mark(YES)))),
        session(0, card(marked(A, mark(NO)))) | hidden | {"ImageMask": image},
        session(0, card(marked(A, mark(NO)))) | hidden,
        session(0, card(marked(A, mark(NO)))) | hidden
        | {"ImageMask": image.replace("00005_", "00009_")},
    ]  # fmt: skip
    found = read(sessions)
    assert [row[2] for row in imprints(found)] == ["5-1-1", "5-1-22", "5-1-X-1", "5-1-X-2"]
    assert sum("hide their number" in note for note in found.notes) == 2


@pytest.mark.parametrize("files", [1, 2])
def test_a_record_that_comes_twice_is_named_with_both_places(read, files):
    sessions = [session(1, card(marked(A, mark(one)))) for one in (YES, NO)]
    with pytest.raises(
        InputError, match=r"5-1-1 comes twice: before in .*0\.json, record 1"
    ) as told:
        read(*([sessions] if files == 1 else [[one] for one in sessions]))
    assert told.value.where.endswith("0.json, record 2" if files == 1 else "1.json, record 1")


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (vote(marked(9, mark(YES))), "contest 9 is not in the manifest"),
        (vote(marked(A, mark(20))), "candidate 20 is not in the manifest as one of contest 1"),
        (session(1, card(marked(A), marked(A))), "contest 1 comes twice on one card"),
        (session(1, card(marked(A)), card(marked(A), Id=8)), "contest 1 stands on two cards"),
        (session(1, card(marked(A)), card(marked(B))), "card 7 comes twice"),
        (vote(marked(A)) | {"SessionType": "TestVote"}, "is not known to be a vote"),
        (session(1, card(marked(A, Marks="yes"))), "Marks: expected a list, found the text 'yes'"),
        (vote(marked(A)) | {"Original": {"IsCurrent": True}}, "neither Cards nor Contests"),
        (vote(marked(A)) | {"TabulatorId": None}, "TabulatorId: expected"),
        (vote(marked(A)) | {"BatchId": REDACTED}, "the batch of the record is hidden"),
    ],
)
def test_a_record_that_cannot_be_is_a_fault_that_names_it(read, record, told):
    with pytest.raises(InputError, match=told) as caught:
        read([session(2, card(marked(B))), record])
    assert caught.value.where.endswith("CvrExport_0.json, record 2")


def test_two_contests_of_one_title_are_two_questions(read):
    contests = [(1, "PROP A", ("Yes", "No"), {}), (2, "Prop. A", ("Yes", "No"), {"DistrictId": 4})]
    sessions = [session(1, card(marked(1, mark(10)), marked(2, mark(21))))]
    expected = {"PROP A (1)": (1, 0, 0, 0, 0, 1), "Prop. A (2)": (0, 1, 0, 0, 0, 1)}
    assert votes_of(read(sessions, contests=contests)) == expected
    districts = {"District": [{"Id": 4, "Description": "Old Town"}]}
    named = votes_of(read(sessions, contests=contests, manifests=districts))
    assert list(named) == ["PROP A (1)", "Prop. A (Old Town)"]


@pytest.mark.parametrize(
    "options",
    [("YES / SÍ", "NO / NO"), ("YES ", "NO "), ("YES/FOR", "NO/AGAINST"), ("Yes", "No", "Write-in"),
     ("Sí", "No")],
)  # fmt: skip
def test_options_say_what_they_mean_in_many_words(read, options):
    contests = [(1, "MEASURE A", options, {}), CONTESTS[1]]
    found = read([session(1, card(marked(1, mark(10)), marked(B, mark(21))))], contests=contests)
    expected = {"MEASURE A": (1, 0, 0, 0, 0, 1), "MEASURE B": (0, 1, 0, 0, 0, 1)}
    assert votes_of(found) == expected


@pytest.mark.parametrize(
    "options", [("Uphold", "Overturn"), ("Yes", "No", "Abstain"), ("Bell", "Whistle", "Neither")]
)
def test_a_question_that_is_not_understood_is_named_and_stops_the_reading(read, options):
    contests = [(1, "Question 1", options, {}), CONTESTS[1]]
    sessions = [session(1, card(marked(1, mark(10)), marked(B, mark(20))))]
    with pytest.raises(InputError, match=r"Question 1 \(options: "):
        read(sessions, contests=contests)
    found = read(sessions, contests=contests, leave=("question 1",))
    assert list(votes_of(found)) == ["MEASURE B"]
    if len(options) == 2:
        chosen = read(sessions, contests=contests, yes=("Question 1=overturn",))
        assert votes_of(chosen)["Question 1"][:2] == (0, 1)


def test_contests_of_candidates_and_of_ranks_are_left_out_and_told(read):
    contests = [
        CONTESTS[0], (2, "SENATOR", ("ANN", "BEN"), {}),
        (3, "MAYOR", ("CAL", "DOT"), {"NumOfRanks": 2}), (4, "COUNCIL", ("E", "F"), {"VoteFor": 2}),
    ]  # fmt: skip
    held = [marked(A, mark(YES)), marked(2, mark(20, PartyId=3)), marked(3, mark(30)), marked(4)]
    found = read([session(1, card(*held))], contests=contests)
    assert list(votes_of(found)) == ["MEASURE A"]
    assert "contests of ranks, left out: MAYOR" in found.notes
    assert "contests of candidates, left out: SENATOR; COUNCIL" in found.notes
    with pytest.raises(InputError, match="ranks are none: MAYOR"):
        read([session(1, card(marked(3, mark(30))))], contests=contests)


def held(number):
    return session(number, card(marked(A, mark(YES)), marked(B, mark(20))))


@pytest.mark.parametrize(
    ("hide", "certain"),
    [
        (lambda it: it.update(Original=None), False),
        (lambda it: it.update(Original=REDACTED), False),
        (lambda it: it["Original"].update(Cards=[]), False),
        (lambda it: it["Original"].update(Cards=REDACTED), False),
        (lambda it: it["Original"].update(Cards=[REDACTED]), False),
        (lambda it: it["Original"]["Cards"][0].update(Contests=[]), True),
        (lambda it: it["Original"]["Cards"][0].update(Contests=REDACTED), True),
        (lambda it: it["Original"]["Cards"][0].update(Contests=[REDACTED]), True),
        (lambda it: it["Original"]["Cards"][0]["Contests"].pop(), True),
    ],
)
def test_a_record_that_is_redacted_stays_in_the_number_of_cards(read, hide, certain):
    sessions = [held(1), held(2), held(3)]
    hide(sessions[1])
    found = read(sessions)
    for yes, *_, other, total in votes_of(found).values():
        assert yes + other == total == 3
    missing = found.cards.filter(found.cards["vote"] == "missing")
    assert missing["card"].unique().to_list() == ["5-1-2"]
    assert missing["certain"].all() == certain
    assert any("does not say how they are marked" in note for note in found.notes)


def test_an_unknown_group_is_told(read):
    found = read([held(1) | {"CountingGroupId": 9}])
    assert found.cards["kind"].unique().to_list() == ["all"]
    assert any("counting group" in note for note in found.notes)


def test_a_manifest_that_cannot_be_is_refused(tmp_path, read):
    with pytest.raises(InputError, match="contest 1 stands twice"):
        read([held(1)], contests=[CONTESTS[0], CONTESTS[0]])
    path = write(tmp_path, "x.json", {"Sessions": []})
    write(tmp_path, "ContestManifest.json", {"List": [{"Id": "1", "Description": "A"}]})
    with pytest.raises(InputError, match=r"manifest of Contest: List\[0\]\.Id: expected") as caught:
        read_cards([path], tmp_path)
    assert caught.value.where.endswith("ContestManifest.json")
