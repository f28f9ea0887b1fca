"""Published returns, held against the rules of entry again."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from referendum.verify.act_schemas import is_time
from referendum.verify.bundle_schemas import SET_ASIDE
from referendum.verify.bundle_schemas import WARNINGS as CODES_OF_WARNINGS
from referendum.verify.bundles import Bundle, Bundles
from referendum.verify.canonical import integer
from referendum.verify.kinds import Act
from referendum.verify.names import is_blank, name_key
from referendum.verify.petition import require_equal
from referendum.verify.report import Mismatch
from referendum.verify.returned_forms import (
    BALLOT_ACCOUNT,
    Key,
    Numbers,
    Return,
    check_faults_between_forms,
    find_differing_accounts,
    find_possible_sums,
    require_distinct_boxes,
    require_one_spelling,
)
from referendum.verify.set_aside import check_ballot_bounds
from referendum.verify.warning_figures import check_warning_figures
from referendum.verify.warnings_between_forms import (
    FiguresByWarning,
    find_lookalike_names,
    find_near_sums,
    find_places_with_differing_electors,
    find_running_totals,
)

KEY = ("question", "kind", "region", "district", "place")
VOTES = ("yes", "no", "informal", "total")
REASONS = ("blank", "no_initials", "unclear", "several_marks", "contested", "other")
ACCOUNT = (*BALLOT_ACCOUNT, *REASONS)
SET_ASIDE_COLUMNS = ("row", *KEY, "column", "code", "value", "figures", "ballots")
WARNINGS = (*KEY, "code", "figures", "explanation")
PLACES = ("region", "district", "place", "kind", "due", "status")
PREVIOUS = ("region", "district", "place", "yes", "no")
ELECTORS = ("question", "region", "district", "electors")


def check_returns(act: Act, reads: Bundles, writes: Bundles) -> str:  # noqa: ARG001
    """See that every return keeps the rules and comes once, and count them."""
    bundle = writes["returns"]
    _check_order(bundle)
    forms = read_returns(bundle)
    _check_common_ballot(act, forms, bundle)
    check_faults_between_forms(forms, f"{bundle.path}/returns.csv")
    require_distinct_boxes(forms, f"{bundle.path}/returns.csv")
    set_aside = list(bundle.rows("set_aside.csv", SET_ASIDE_COLUMNS))
    if not forms and not set_aside:
        raise Mismatch("a part of the returns has no form", f"{bundle.path}/returns.csv")
    require_one_spelling(names_by_table(bundle, forms, set_aside))
    _check_set_aside(act, bundle, forms, set_aside)
    _check_electors(act, forms, set_aside, bundle)
    warnings = list(bundle.rows("warnings.csv", WARNINGS))
    between_forms = warnings_between_forms(act, forms, set_aside, bundle)
    _check_warnings(bundle, forms, warnings, between_forms)
    check_warning_figures(bundle, {form.key: form.numbers for form in forms}, between_forms)
    _check_places(act, bundle, forms, set_aside)
    common = act["parameters"].get("common_ballot") is True
    boxes = {form.key[1:] if common else form.key: form.numbers["total"] or 0 for form in forms}
    total = sum(boxes.values())
    places = len({form.key[2:] for form in forms})
    counted = {"set_aside": len(set_aside), "warnings": len(warnings), "total": total}
    require_equal(act["facts"], {"places": places, **counted}, "")
    return f"{len(forms):,} returns keep the rules, {len(set_aside):,} set aside, {total:,} ballots"


def names_by_table(
    bundle: Bundle, forms: list[Return], set_aside: list[list[str]]
) -> dict[str, list[Key]]:
    """Give what the rows of each table name, as keys of forms."""
    electors = bundle.rows("electors.csv", ELECTORS)
    names = {
        "returns": [form.key for form in forms],
        "set_aside": [("" if row[1] == "*" else row[1], *row[2:6]) for row in set_aside],
        "electors": [("" if of == "*" else of, "", *two, "") for of, *two, _ in electors],
        "places": [("", row[3], *row[:3]) for row in bundle.rows("places.csv", PLACES)],
        "previous": [("", "", *row[:3]) for row in bundle.rows("previous.csv", PREVIOUS)],
    }
    return {f"{bundle.path}/{name}.csv": list(map(tuple, keys)) for name, keys in names.items()}


NAME_COLUMNS = {"returns": 5, "electors": 3, "places": 4, "previous": 3}
"""How many of their first columns name something, by table."""


def _check_order(bundle: Bundle) -> None:
    """See that each table ascends by its key and has no key twice."""
    width = {"returns": 5, "accounts": 5, "warnings": 6, "places": 4, "previous": 3}
    for name in (*width, "electors"):
        rows = [tuple(one.values()) for one in bundle.records(f"{name}.csv")]
        keys = [row[: width.get(name, len(row) - 1)] for row in rows]
        if any(one >= other for one, other in pairwise(keys)):
            words = "the rows do not ascend, or one comes twice"
            raise Mismatch(words, f"{bundle.path}/{name}.csv")
        if any("" in row[: NAME_COLUMNS.get(name, 0)] for row in rows):
            raise Mismatch(
                "a row names no question, kind, region, district or place",
                f"{bundle.path}/{name}.csv",
            )


def _check_set_aside(
    act: Act, bundle: Bundle, forms: list[Return], set_aside: list[list[str]]
) -> None:
    """See why forms were set aside, and that none was counted too but one that came twice."""
    file = f"{bundle.path}/set_aside.csv"
    counted = {form.key for form in forms}
    accepted = act["parameters"].get("accepted", [])
    # What the file itself says is not final yet is not a form that could not be used.
    rows = sum(row[7] != "not_final" for row in set_aside)
    if 100 * rows > rows + len(forms) and "rows" not in accepted:
        raise Mismatch(f"{rows:,} forms were set aside, and that was not accepted", file)
    for row, *cells in set_aside:
        key, code = tuple(cells[:5]), cells[6]
        if code not in SET_ASIDE:
            raise Mismatch(f"{code[:40]!r} is no reason to set a form aside", file)
        if key in counted and code != "repeated":
            raise Mismatch(f"the form of {', '.join(key)} is set aside, and counted", file)
        if row and integer(row, "row", file) == 0:
            raise Mismatch("rows are numbered from 1", file)
    check_ballot_bounds(forms, set_aside, file)
    _check_codes(act, forms, set_aside, file)


def _check_codes(act: Act, forms: list[Return], set_aside: list[list[str]], file: str) -> None:
    """See that forms were set aside for what can be: by entries, places, other forms and rows."""
    choices = act["parameters"]
    once = choices.get("entries") != 2 and act["corrects"] is None
    if once and any(one >= other for one, other in pairwise([0, *_rows_of(set_aside, file)])):
        raise Mismatch("the rows set aside are not numbered, or not in order", file)
    keys = [tuple(map(name_key, form.key)) for form in forms]
    times = Counter([*keys, *(tuple(map(name_key, row[1:6])) for row in set_aside)])
    for row in set_aside:
        code, key = row[7], tuple(map(name_key, row[1:6]))
        if once and code in CODES_OF_ENTRIES:
            raise Mismatch(f"row {row[0]} is {code}, and no form was entered twice", file)
        if code == "not_expected" and choices.get("as_of") is None:
            raise Mismatch(f"row {row[0]} was not expected, and no place was", file)
        if code == "repeated" and times[key] < 2 and act["corrects"] is None:
            raise Mismatch(f"row {row[0]} repeats a form that is not there", file)


def _rows_of(set_aside: list[list[str]], file: str) -> list[int]:
    return [integer(row[0], "row", file) if row[0] else 0 for row in set_aside]


CODES_OF_ENTRIES = ("entered_once", "entries_differ", "same_clerk", "no_clerk")


def read_returns(bundle: Bundle) -> list[Return]:
    """Read the returns that stand, each with its ballot account; every one keeps the rules."""
    file = f"{bundle.path}/returns.csv"
    accounts = _accounts(bundle)
    forms: dict[Key, Return] = {}
    for cells in bundle.rows("returns.csv", (*KEY, *VOTES)):
        key = tuple(cells[:5])
        if key in forms:
            raise Mismatch(f"the return of {', '.join(key)} comes twice", file)
        votes = {name: integer(text, name, file) for name, text in _pairs(VOTES, cells[5:])}
        account, explanation = accounts.pop(key, ({}, ""))
        forms[key] = Return(key, {**dict.fromkeys(ACCOUNT), **votes, **account}, explanation)
        for code in _broken_rules(forms[key]):
            raise Mismatch(f"the return of {', '.join(key)} breaks the rule {code}", file)
    if accounts:
        raise Mismatch(f"an account of {', '.join(next(iter(accounts)))} without a return", file)
    if list(forms) != sorted(forms):
        raise Mismatch("the returns are not in order", file)
    return list(forms.values())


def electors_of(bundle: Bundle, question: str) -> dict[tuple[str, str], int]:
    """Read the electors of a question by region and district."""
    file = f"{bundle.path}/electors.csv"
    electors: dict[tuple[str, str], int] = {}
    for asked, region, district, number in bundle.rows("electors.csv", ELECTORS):
        if asked in {"*", question}:
            if (region, district) in electors:
                raise Mismatch(f"the electors of {district}, {region} come twice", file)
            electors[region, district] = integer(number, "electors", file)
    return electors


def _check_electors(
    act: Act, forms: list[Return], set_aside: list[list[str]], bundle: Bundle
) -> None:
    """See that no district with ballots is without electors, and that those of forms are theirs."""
    file = f"{bundle.path}/electors.csv"
    rows = [tuple(row) for row in bundle.rows("electors.csv", ELECTORS)]
    voted = {form.key[2:4] for form in forms if form.numbers["total"]}
    for _, region, district, number in rows:
        if not integer(number, "electors", file) and (region, district) in voted:
            raise Mismatch(f"{district}, {region} has ballots and 0 electors", file)
    source = act["parameters"].get("electors")
    if source == "table":
        return
    stated = electors_of_forms(forms, set_aside)
    expected = [(*where, str(number)) for where, number in sorted(stated.items())]
    if rows != expected or (source == "forms") != bool(rows):
        raise Mismatch("the electors are not those that the forms state", file)


def electors_of_forms(forms: list[Return], set_aside: list[list[str]]) -> dict[Key, int]:
    """Add up the electors that the forms state, of districts of which every place does."""
    places: dict[Key, set[int]] = {}
    for form in forms:
        numbers = places.setdefault((form.key[0], *form.key[2:]), set())
        if form.numbers["electors"] is not None:
            numbers.add(form.numbers["electors"])
    incomplete: set[Key] = {(row[1], row[3], row[4]) for row in set_aside if row[10] != "0"}
    incomplete |= {place[:3] for place, numbers in places.items() if len(numbers) != 1}
    sums: dict[Key, int] = {}
    for place, numbers in places.items():
        if place[:3] not in incomplete:
            sums[place[:3]] = sums.get(place[:3], 0) + min(numbers)
    return sums


def _find_differing_electors(
    act: Act, forms: list[Return], set_aside: list[list[str]], bundle: Bundle
) -> FiguresByWarning:
    """Find districts whose electors are not those that their forms state."""
    more = act["parameters"].get("provisional") is True or any(bundle.rows("places.csv", PLACES))
    stated = electors_of_forms(forms, [] if more else set_aside)
    listed = {question: electors_of(bundle, question) for question, _, _ in stated}
    found: FiguresByWarning = {}
    for (question, region, district), number in stated.items():
        given = listed[question].get((region, district), number)
        if number > given or (number < given and not more):
            key = (question, "all", region, district, "all", "electors_differ")
            found[key] = f"electors {given}, on the forms {number}"
    return found


def _pairs(names: tuple[str, ...], cells: list[str]) -> Iterator[tuple[str, str]]:
    return zip(names, cells, strict=True)


def _accounts(bundle: Bundle) -> dict[Key, tuple[Numbers, str]]:
    file = f"{bundle.path}/accounts.csv"
    accounts: dict[Key, tuple[Numbers, str]] = {}
    for *cells, explanation in bundle.rows("accounts.csv", (*KEY, *ACCOUNT, "explanation")):
        numbers = {name: _optional(text, name, file) for name, text in _pairs(ACCOUNT, cells[5:])}
        if explanation and is_blank(explanation):
            raise Mismatch(f"the explanation of {', '.join(cells[:5])} shows nothing", file)
        if not explanation and all(number is None for number in numbers.values()):
            raise Mismatch(f"an account of {', '.join(cells[:5])} gives nothing", file)
        if len({numbers[name] is None for name in REASONS}) > 1:
            raise Mismatch(f"some reasons of {', '.join(cells[:5])} are empty, others not", file)
        accounts[tuple(cells[:5])] = (numbers, explanation)
    return accounts


def _optional(text: str, name: str, file: str) -> int | None:
    if not text:
        return None
    sign = -1 if name == "difference" and text.startswith("-") else 1
    return sign * integer(text.removeprefix("-") if sign < 0 else text, name, file)


def _broken_rules(form: Return) -> Iterator[str]:
    """Give the rules that a form breaks; a rule speaks only of numbers that are given."""
    n = form.numbers
    yes, no, informal, total = (n[name] or 0 for name in VOTES)
    if yes + no + informal != total:
        yield "does_not_add_up"
    if n["blank"] is not None and sum(n[name] or 0 for name in REASONS) != informal:
        yield "reasons_do_not_add_up"
    if n["received"] is not None and n["unused"] is not None:
        used = (n[name] or 0 for name in ("spoiled", "declined", "taken_away", "missing"))
        if n["received"] != n["unused"] + total + sum(used):
            yield "account_does_not_balance"
    if n["marked"] is not None and n["voters"] not in {None, n["marked"] + (n["added"] or 0)}:
        yield "voters_do_not_add_up"
    off, stated = _difference(n), n["difference"]
    if off is not None and off != (stated or 0):
        yield "difference_not_stated" if stated is None else "difference_is_another"
    if stated and not form.explanation:
        yield "difference_not_explained"
    listed = n["electors"]
    if listed is not None and total > listed + (n["added"] or 0) + 5 and not form.explanation:
        yield "more_ballots_than_electors"


def _difference(n: Numbers) -> int | None:
    if n["voters"] is None:
        return None
    return n["voters"] - (n["total"] or 0) - (n["declined"] or 0) - (n["taken_away"] or 0)


def _check_common_ballot(act: Act, forms: list[Return], bundle: Bundle) -> None:
    if act["parameters"].get("common_ballot") is not True:
        return
    for form in find_differing_accounts(forms):
        words = f"the questions of {', '.join(form.key[1:])} have different accounts"
        raise Mismatch(words, f"{bundle.path}/accounts.csv")


def _check_warnings(
    bundle: Bundle, forms: list[Return], warnings: list[list[str]], between_forms: FiguresByWarning
) -> None:
    expected = expected_warnings(bundle, forms, between_forms)
    if strange := {row[5] for row in warnings} - CODES_OF_WARNINGS:
        raise Mismatch(f"{min(strange)[:40]!r} is no warning", f"{bundle.path}/warnings.csv")
    if [tuple(row[:6]) for row in warnings] != expected:
        file = f"{bundle.path}/warnings.csv"
        raise Mismatch(f"{len(warnings)} warnings, {len(expected)} are worked out here", file)


def expected_warnings(
    bundle: Bundle, forms: list[Return], between_forms: FiguresByWarning
) -> list[Key]:
    """Work out of what returns are warned: keys and codes, ascending."""
    return sorted(
        [
            *((*form.key, code) for form in forms for code in _warnings_of_form(form)),
            *_find_swapped_answers(bundle, forms),
            *_find_districts_over_electors(forms, bundle),
            *((*form.key, "equals_the_others") for form in find_possible_sums(forms)),
            *between_forms,
        ]
    )


def warnings_between_forms(
    act: Act, forms: list[Return], set_aside: list[list[str]], bundle: Bundle
) -> FiguresByWarning:
    """Work out of what several forms together raise a doubt."""
    between_forms = (
        find_running_totals(forms)
        | find_places_with_differing_electors(forms)
        | _find_differing_electors(act, forms, set_aside, bundle)
    )
    return between_forms | find_near_sums(forms) | find_lookalike_names(forms)


def _warnings_of_form(form: Return) -> Iterator[str]:
    n, total = form.numbers, form.numbers["total"] or 0
    blank, off, voters = n["blank"], _difference(n), n["voters"]
    if total and blank is not None and 100 * blank >= 3 * total:
        yield "many_blank"
    if total and 100 * ((n["informal"] or 0) - (blank or 0)) >= 3 * total:
        yield "many_rejected"
    if off is not None and abs(off) >= 15 and 50 * abs(off) >= total:
        yield "large_difference"
    if not total:
        yield "no_ballots"
    if n["electors"] == 0:
        yield "no_electors"
    if n["electors"] is not None and voters is not None and n["electors"] < voters:
        yield "fewer_electors_than_voters"
    if voters is not None and 20 * total > 21 * voters:
        yield "more_ballots_than_voters"


def _find_swapped_answers(bundle: Bundle, forms: list[Return]) -> Iterator[Key]:
    before: dict[Key, tuple[int, int]] = {}
    file = f"{bundle.path}/previous.csv"
    for *place, was_yes, was_no in bundle.rows("previous.csv", PREVIOUS):
        before[tuple(place)] = (integer(was_yes, "yes", file), integer(was_no, "no", file))
    sums: dict[Key, list[int]] = {}
    for form in forms:
        district = sums.setdefault((form.key[0], *form.key[2:4]), [0, 0])
        district[0] += form.numbers["yes"] or 0
        district[1] += form.numbers["no"] or 0
    for form in forms:
        yes, no = form.numbers["yes"] or 0, form.numbers["no"] or 0
        whole = sums[form.key[0], form.key[2], form.key[3]]
        if _is_mirror_image(yes, no, whole[0] - yes, whole[1] - no):
            yield (*form.key, "swapped_with_neighbours")
        if form.key[2:] in before and _is_mirror_image(yes, no, *before[form.key[2:]]):
            yield (*form.key, "swapped_with_previous")


def _is_mirror_image(yes: int, no: int, beside_yes: int, beside_no: int) -> bool:
    formal, beside = yes + no, beside_yes + beside_no
    if formal < 30 or beside < 30:
        return False
    off = abs(yes * beside - beside_yes * formal)
    return 4 * off >= formal * beside and 4 * abs(no * beside - beside_yes * formal) <= off


def _find_districts_over_electors(forms: list[Return], bundle: Bundle) -> Iterator[Key]:
    sums: dict[tuple[str, str, str], int] = {}
    for form in forms:
        where = (form.key[0], form.key[2], form.key[3])
        sums[where] = sums.get(where, 0) + (form.numbers["total"] or 0)
    listed = {question: electors_of(bundle, question) for question, _, _ in sums}
    for (question, region, district), total in sums.items():
        electors = listed[question]
        if (region, district) in electors and total > electors[region, district]:
            yield (question, "all", region, district, "all", "district_exceeds_electors")


def _check_places(
    act: Act, bundle: Bundle, forms: list[Return], set_aside: list[list[str]]
) -> None:
    """See that each expected place stands as the returns say, and no other place has any."""
    file = f"{bundle.path}/places.csv"
    rows = list(bundle.rows("places.csv", PLACES))
    as_of = act["parameters"].get("as_of")
    if as_of is None and rows:
        raise Mismatch("places are listed, and no time is given", file)
    counted = {form.key[1:] for form in forms}
    expected = place_statuses(rows, as_of, forms, set_aside, file)
    for (region, district, place, _, _, status), known in zip(rows, expected, strict=True):
        if status != known:
            raise Mismatch(f"{place}, {district}, {region} is not {status}", file)
    listed = {(row[3], *row[:3]) for row in rows}
    if listed and not counted <= listed:
        words = f"a return of {', '.join(min(counted - listed))}, which is not listed"
        raise Mismatch(words, file)


def place_statuses(
    places: list[list[str]],
    as_of: object,
    forms: list[Return],
    set_aside: list[list[str]],
    file: str,
) -> list[str]:
    """Say of each expected place how its return stands."""
    questions = len({form.key[0] for form in forms})
    counted = Counter(form.key[1:] for form in forms)
    faulty = {tuple(row[2:6]) for row in set_aside}
    found = []
    for region, district, place, kind, due, _ in places:
        where = (kind, region, district, place)
        late = "late" if due and _moment(due, file) <= _moment(as_of, "") else "missing"
        stands = "counted" if counted.get(where) == questions else late
        found.append("set_aside" if where in faulty else stands)
    return found


def _moment(text: object, file: str) -> datetime:
    if not is_time(text):
        raise Mismatch(f"{str(text)[:40]!r} is not a time in UTC", file)
    return datetime.fromisoformat(str(text))
