"""What a result says, in words: for the command line and the page alike."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from referendum.core.exact import percent
from referendum.core.printing import quantity
from referendum.law import CONDITIONS, Exclusion, VoteRule

Question = Mapping[str, Any]

OUTCOMES = {True: "carried", False: "not carried", None: "not known yet"}


def outcome_word(question: Question) -> str:
    """Say whether a question is carried, in a word or two."""
    if question["exclusion"] == "tie_break":
        return "decides between others"
    return OUTCOMES[question["carried"]]


def share_of(part: int, whole: int) -> str:
    """Print what part of a whole something is."""
    return percent(Fraction(part, whole))


def share_words(question: Question, share_of: Callable[[int, int], str] = share_of) -> str:
    """Say how many of the valid votes were yes, and what was not met though most were.

    Args:
        question: of the document of a result.
        share_of: prints a share.
    """
    yes, formal = question["yes"], question["formal"]
    if not formal:
        return "there are no valid votes"
    lost = [
        f"{CONDITIONS[one['name']].lower()} needed {_exact(one['need'])} and had"
        f" {_exact(one['have'])}"
        for one in question["conditions"]
        if one["met"] is False and question["accepted"] is False and yes > question["no"]
    ]
    share = f"Yes {yes:,} of {formal:,} formal votes ({share_of(yes, formal)})"
    return f"{share}, but {' and '.join(lost)}" if lost else share


def _exact(number: int | str) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number}"


def returns_words(result: Mapping[str, Any]) -> str:
    """Say how many returns are in, set aside and missing, and whether these could turn it."""
    parts = [f"{quantity(result['places'], 'place')} counted"]
    if result["set_aside"]:
        parts.append(f"{quantity(result['set_aside'], 'row')} set aside")
    if not_in := result["missing"] + result["late"]:
        parts.append(f"{not_in:,} not in yet")
    if result["provisional"]:
        parts.append("more is to come")
    outstanding = [one["outstanding"] for one in result["questions"]]
    if any(number != 0 for number in outstanding) or len(parts) > 1:
        parts.append(_turn_words(result["questions"], outstanding))
    return ", ".join(parts)


def _turn_words(questions: list[Question], outstanding: list[int | None]) -> str:
    most = max((number for number in outstanding if number is not None), default=0)
    known = None not in outstanding
    if known and not most:
        return "no ballot of them is left to count"
    ballots = (
        f"up to {most:,} ballots not counted" if known else "how many ballots lack is not known"
    )
    proposals = [one for one in questions if one["exclusion"] != "tie_break"]
    can_turn = any(one["accepted"] is None for one in proposals)
    return f"{ballots}: they could turn it" if can_turn else f"{ballots}: they cannot turn it"


def reason_words(question: Question, rule: VoteRule | None) -> list[str]:
    """Say what keeps a question open, or decides it beside its own votes."""
    words = []
    if question["tie"] and question["formal"]:
        clause = (
            f"the act says: {rule.tie.value}" if rule and rule.tie else "the act says nothing of it"
        )
        words.append(f"a tie: yes and no have the same number of votes; {clause}")
    words += [
        f"{CONDITIONS[one['name']].lower()}: the electors are not known of every district"
        for one in question["conditions"]
        if one["need"] is None
    ]
    if question["accepted"] is None and question["so_far"] is not None:
        words.append(f"{OUTCOMES[question['so_far']]} so far")
    return words + _exclusion_words(question, rule)


_DECIDES = {
    "tie_break": "the tie-break decides which enters into force",
    "most_yes": "the one with the most yes votes enters into force",
}


def _exclusion_words(question: Question, rule: VoteRule | None) -> list[str]:
    role, other = question["exclusion"], question["prevails"]
    conflict = rule.conflict if rule else None
    if role == "excluded":
        return [f"accepted, but {other} enters into force ({conflict.cite if conflict else ''})"]
    if role == "open":
        how = _DECIDES[conflict.value] if conflict else "the act does not say which then prevails"
        cite = f" ({conflict.cite})" if conflict else ""
        return [f"it and another may each be accepted; {how}{cite}"]
    if role == "not_stated":
        return ["it was not said which questions exclude each other"]
    if role == "tie_break":
        return [f"it is for {other}" if other else "which one it is for is not known"]
    return []


def exclusion_lines(
    questions: Sequence[Question], exclusions: Sequence[Exclusion] | None
) -> list[str]:
    """Say which questions exclude each other by the opening act; nothing where it matters not."""
    if any(one["exclusion"] == "not_stated" for one in questions):
        clause = (
            "the opening act does not say which of these questions exclude each other: open a"
            " record that does (referendum new RECORD --excludes A,B --tie-break C, or"
            " --excludes none)"
        )
        return [clause]
    if exclusions is None:
        return []
    clause = "; ".join(map(_group_words, exclusions))
    return [f"by the opening act these exclude each other: {clause or 'none'}"]


def _group_words(group: Exclusion) -> str:
    words = " and ".join(group.questions)
    if group.tie_break is None:
        return words
    return f"{words} (tie-break {group.tie_break}, a yes to it is for {group.yes})"


MOST_NAMED = 5


def set_aside_lines(set_aside: Sequence[Mapping[str, str]]) -> list[str]:
    """Name the rows set aside that keep a result open, and say what to do with them.

    Args:
        set_aside: rows of `set_aside.csv`, as text.
    """
    unknown = [row for row in set_aside if not row["ballots"]]
    lines = [_set_aside_words(row) for row in unknown[:MOST_NAMED]]
    if len(unknown) > MOST_NAMED:
        lines.append(f"and {len(unknown) - MOST_NAMED:,} more rows of which that is not known")
    if unknown:
        lines.append(
            "what is no form, such as a footer or a heading: take the row out of the file; what is"
            " one: mend it; then receive the whole file again (referendum returns receive RECORD"
            " FORMS --corrects ACT --reason TEXT)"
        )
    return lines


def _set_aside_words(row: Mapping[str, str]) -> str:
    which = f"row {row['row']}" if row["row"] else "a form"
    cells = [row[name] for name in ("region", "district", "place", "value") if row[name]]
    text = ", ".join(dict.fromkeys(cells))[:60]
    names = f" ({text})" if text else ""
    problem = "names no place" if not row["place"] else f"is set aside ({row['code']})"
    return f"{which}{names} {problem}: how many ballots it holds is not known"


WORTH_A_LOOK = {
    "looks_alike": "looks the same as",
    "nearly_the_others": "is nearly the sum of the others: ",
    "equals_the_others": "is the sum of the others: ",
}


def warning_lines(warnings: Sequence[Mapping[str, str]]) -> list[str]:
    """Tell the warnings that say that a vote may be counted twice, or a place be two."""
    found = [row for row in warnings if row["code"] in WORTH_A_LOOK]
    lines = []
    for row in found[:MOST_NAMED]:
        names = ", ".join(row[name] for name in ("region", "district", "place"))
        kind = "" if row["kind"] == "all" else f" ({row['kind']})"
        meaning = WORTH_A_LOOK[row["code"]]
        words = f" {row['figures'].partition(' ')[2]}" if meaning[-1] != " " else row["figures"]
        lines.append(f"warning: {names}{kind} {meaning}{words}")
    if len(found) > MOST_NAMED:
        lines.append(f"and {len(found) - MOST_NAMED:,} more such warnings")
    return lines


def outcome_lines(
    result: Mapping[str, Any],
    rule: VoteRule | None,
    exclusions: Sequence[Exclusion] | None = None,
    set_aside: Sequence[Mapping[str, str]] = (),
) -> list[str]:
    """Tell a result line by line.

    Args:
        result: the document of a result.
        rule: the statute's vote rule.
        exclusions: what the opening act says of questions that exclude each other.
        set_aside: rows of `set_aside.csv`, as text.
    """
    lines = []
    for one in result["questions"]:
        which = f"question {one['question']}: " if len(result["questions"]) > 1 else ""
        words = [outcome_word(one), *reason_words(one, rule), share_words(one)]
        lines.append(f"{which}{'; '.join(words)}")
    stated = exclusion_lines(result["questions"], exclusions)
    return [*lines, returns_words(result), *stated, *set_aside_lines(set_aside)]
