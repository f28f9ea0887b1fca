"""Rows that would be counted twice, and boxes of which a form is not there."""

import pytest
from test_unsettled import PLAIN, Vote, table

ASKED = "question,region,district,place,yes,no,informal,total"


@pytest.mark.parametrize("more", [(), ("A,A,D,P3,30,60,0,100", "B,A,E,P,6,4,0,10")])
def test_a_box_of_a_common_ballot_without_a_form_of_a_question_is_open(tmp_path, more):
    rows = table(
        "A,A,D,P1,60,40,0,100", "B,A,D,P1,60,40,0,100", "A,A,D,P2,60,40,0,100",
        *(["A,A,E,P,6,4,0,10", *more] if more else []),
        header=ASKED,
    )  # fmt: skip
    facts, result = Vote(tmp_path, PLAIN).result(rows, common_ballot=True)
    # P3 has a form set aside of A and none of B.
    assert [one["outstanding"] for one in result["questions"]] == ([100, 200] if more else [0, 100])
    assert facts["carried"]["B"] is None


def test_questions_of_their_own_boxes_need_no_form_of_each_other(tmp_path):
    rows = table("A,A,D,P1,60,40,0,100", "B,A,D,P1,60,40,0,100", "A,A,D,P2,60,40,0,100",
                 header=ASKED)  # fmt: skip
    facts, _ = Vote(tmp_path, PLAIN).result(rows)
    assert facts["carried"] == {"A": True, "B": True}
