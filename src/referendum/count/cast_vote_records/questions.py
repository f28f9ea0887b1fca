"""Which contests of cast vote records are questions, and which of their options says yes.

Contests are told apart by their identifiers: two of one title are two. Which option is yes follows
from its words or from what the office says, never from the order of the options.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from referendum.core.errors import InputError
from referendum.core.names import name_key, suggest_names
from referendum.core.words import read_answer

Meaning = Literal["yes", "no", "other"]
"""Of an option: `other` is a write-in line, which counts for neither."""

_WRITE_IN = "writein"
_MEASURES = (
    "measure", "proposition", "question", "amendment", "referendum", "initiative", "plebiscite",
    "issue", "charter", "bond", "levy", "ballot",
)  # fmt: skip


@dataclass(frozen=True)
class Option:
    """One line that a voter can mark."""

    id: str
    text: str
    is_write_in: bool = False


@dataclass(frozen=True)
class Contest:
    """A contest as the export declares it.

    Attributes:
        kind: `measure` where the export says so, `candidates` where it says that, else `open`.
        district: what tells contests of one title apart, if the export says.
    """

    id: str
    title: str
    options: tuple[Option, ...]
    kind: Literal["measure", "candidates", "open"] = "open"
    district: str = ""
    is_ranked: bool = False

    @property
    def listed_options(self) -> list[Option]:
        """The options that are no write-in lines."""
        return [one for one in self.options if not _is_write_in(one)]


@dataclass(frozen=True)
class ContestChoice:
    """What the office says of contests.

    Attributes:
        yes: options that say yes, each as `OPTION` or `QUESTION=OPTION`.
        leave: questions that are left out.
    """

    yes: Sequence[str] = ()
    leave: Sequence[str] = ()


@dataclass(frozen=True)
class Questions:
    """The contests that are read as questions, by the identifier of the contest.

    Attributes:
        names: what every contest is called; a title that several have is followed by what tells
            them apart.
        meanings: of each contest that is a question, what each option means.
        unclear: contests that may be questions and are not understood, with why.
        excluded: contests that the office leaves out.
        ranked: contests of ranks that are no yes/no question.
    """

    names: Mapping[str, str]
    meanings: Mapping[str, Mapping[str, Meaning]]
    unclear: Mapping[str, str]
    excluded: Collection[str]
    ranked: Collection[str]

    def notes_on_others(self, on_cards: Collection[str]) -> Iterator[str]:
        """Say which contests of the cards are no question here."""
        others = [id_ for id_ in self.names if id_ in on_cards and id_ not in self.meanings]
        for what, ids in (
            ("left out as you say", [id_ for id_ in others if id_ in self.excluded]),
            ("contests of ranks, left out", [id_ for id_ in others if id_ in self.ranked]),
            (
                "contests of candidates, left out",
                [id_ for id_ in others if id_ not in self.excluded and id_ not in self.ranked],
            ),
        ):
            if ids:
                yield f"{what}: {'; '.join(self.names[id_] for id_ in ids)}"


def choose_questions(contests: Mapping[str, Contest], choice: ContestChoice) -> Questions:
    """Find the questions among contests.

    Raises:
        InputError: what the office says names no contest or option, or contradicts the words.
    """
    names = _name_contests(contests.values())
    excluded = {id_ for one in choice.leave for id_ in _require_contests(one, contests, names)}
    chosen = _chosen_options(contests, names, choice.yes)
    meanings: dict[str, Mapping[str, Meaning]] = {}
    unclear: dict[str, str] = {}
    for id_, contest in contests.items():
        if id_ in excluded or contest.kind == "candidates":
            continue
        listed_options = contest.listed_options
        answers = [read_answer(one.text) for one in listed_options]
        if len(listed_options) == 2 and (
            id_ in chosen or sorted(map(str, answers)) == ["no", "yes"]
        ):
            yes = chosen.get(id_) or listed_options[answers.index("yes")].id
            meanings[id_] = {
                one.id: "other" if one not in listed_options else "yes" if one.id == yes else "no"
                for one in contest.options
            }
        elif id_ in chosen or _may_be_measure(contest, answers):
            unclear[id_] = _describe_contest(names[id_], [one.text for one in listed_options])
    ranked = {
        id_
        for id_, one in contests.items()
        if one.is_ranked and id_ not in meanings and id_ not in excluded
    }
    return Questions(names, meanings, unclear, excluded, ranked)


def require_understood(
    questions: Questions, on_cards: Collection[str], candidate_contests: Collection[str] = ()
) -> None:
    """Refuse to leave out a question that stands on the cards and is not understood.

    Args:
        questions: what was chosen.
        on_cards: the contests that stand on a card.
        candidate_contests: contests that turned out to be of candidates.

    Raises:
        InputError: there is such a question.
    """
    reasons = [
        why
        for id_, why in questions.unclear.items()
        if id_ in on_cards and id_ not in candidate_contests
    ]
    if reasons:
        raise InputError(
            f"{'a question is' if len(reasons) == 1 else f'{len(reasons)} questions are'} not"
            f" understood: {'; '.join(reasons)}",
            hint='say which option is yes with --yes "QUESTION=OPTION" where there are two, or'
            ' leave the question out with --leave "QUESTION"',
        )
    if not any(id_ in on_cards for id_ in questions.meanings):
        none = "; ".join(questions.notes_on_others(on_cards)).replace(", left out:", " are none:")
        raise InputError(
            "no card has a question of yes and no" + (f"; {none}" if none else ""),
            hint="name the files of the vote on a question; where an option says yes in words that"
            ' are not known: --yes "QUESTION=OPTION"',
        )


def _is_write_in(option: Option) -> bool:
    return option.is_write_in or name_key(option.text).startswith(_WRITE_IN)


def _may_be_measure(contest: Contest, answers: Sequence[str | None]) -> bool:
    """Whether a contest that is not understood could be a question.

    Where an export does not tell measures from races, a title in the words of measures, both
    answers among the options, or two options without a line for another name speak for it.
    """
    if contest.kind == "measure":
        return True
    if {"yes", "no"} <= set(answers):
        return True
    if contest.is_ranked or len(contest.listed_options) < 2:
        return False
    title = contest.title.lower()
    if any(word in title for word in _MEASURES):
        return True
    return len(contest.listed_options) == 2 and len(contest.options) == 2


def _describe_contest(name: str, options: Sequence[str]) -> str:
    listed = ", ".join(repr(one) for one in options[:6]) or "none"
    more = f" and {len(options) - 6} more" if len(options) > 6 else ""
    return f"{name} (options: {listed}{more})"


def _name_contests(contests: Collection[Contest]) -> dict[str, str]:
    """Call each contest by its title, and by its district or identifier where titles are alike."""
    titles = Counter(name_key(one.title) for one in contests)
    alike = [one for one in contests if titles[name_key(one.title)] > 1]
    places = Counter((name_key(one.title), name_key(one.district)) for one in alike)
    names = {one.id: one.title for one in contests}
    for one in alike:
        is_told = one.district and places[name_key(one.title), name_key(one.district)] == 1
        names[one.id] = f"{one.title} ({one.district if is_told else one.id})"
    return names


def _require_contests(
    named: str, contests: Mapping[str, Contest], names: Mapping[str, str]
) -> Iterator[str]:
    found = list(_find_contests(named, contests, names))
    if not found:
        suggestions = suggest_names(named, list(names.values()))
        raise InputError(
            f"no contest is called {named!r}",
            hint=f"perhaps {', '.join(suggestions) or 'another file'}",
        )
    yield from found


def _find_contests(
    named: str, contests: Mapping[str, Contest], names: Mapping[str, str]
) -> Iterator[str]:
    key = name_key(named)
    exact = [id_ for id_ in contests if named == id_ or key == name_key(names[id_])]
    yield from exact or [id_ for id_, one in contests.items() if key == name_key(one.title)]


def _chosen_options(
    contests: Mapping[str, Contest], names: Mapping[str, str], yes: Sequence[str]
) -> dict[str, str]:
    """Find, of each contest that the office speaks of, the option that it says is yes."""
    chosen: dict[str, str] = {}
    for one in yes:
        scoped = list(_find_named_options(one, contests, names))
        found = scoped or [
            (id_, option.id)
            for id_, contest in contests.items()
            if contest.kind != "candidates"
            for option in contest.listed_options
            if name_key(option.text) == name_key(one)
        ]
        if not found:
            texts = [
                option.text for contest in contests.values() for option in contest.listed_options
            ]
            suggestions = suggest_names(one.rpartition("=")[2], texts)
            raise InputError(
                f"no contest has the option {one!r}",
                hint="QUESTION=OPTION or OPTION; perhaps"
                f" {', '.join(suggestions) or 'another file'}",
            )
        for id_, option_id in found:
            text = next(o.text for o in contests[id_].options if o.id == option_id)
            if chosen.setdefault(id_, option_id) != option_id:
                raise InputError(f"two options of {names[id_]} are said to be yes")
            if not scoped and read_answer(text) == "no":
                raise InputError(
                    f"{text!r} of {names[id_]} says no",
                    hint="if it does count as yes, name the question: --yes QUESTION=OPTION",
                )
    return chosen


def _find_named_options(
    one: str, contests: Mapping[str, Contest], names: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Read QUESTION=OPTION at whichever `=` parts a known question from one of its options."""
    for at in (place for place, letter in enumerate(one) if letter == "="):
        for id_ in _find_contests(one[:at], contests, names):
            for option in contests[id_].listed_options:
                if name_key(option.text) == name_key(one[at + 1 :]):
                    yield id_, option.id
