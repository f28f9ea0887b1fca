"""splink 5.0.0 on DuckDB, with documented calls, tuned, or tuned with an expert's joint comparison.

`documented`: u from 1e7 random pairs, expectation maximisation over all pairs of its rules.
`tuned`: expectation maximisation over at most 2e6 pairs, one key tightened by city, u of the rare
levels in closed form from the list, since random pairs never show them. `joint`: besides, one
comparison of surname and address together, its u by hand from the list, so that members of a
household are known to share both, and a few m by hand. In all three each similarity stands in the
first branch of its CASE, so that DuckDB computes it once, as splink's own guide advises.
"""

import functools
import logging
from pathlib import Path

import click
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from benchmarks.matching.prepare import answer, connect, prepare

VARIANTS = ("documented", "tuned", "joint")
EM_PAIRS = 2e6
WEIGHT_KEPT = -8.0
_FULL = "number_l = number_r AND street_l = street_r"


class Shares:
    """Chances that two random people agree, in closed form from the list of electors."""

    def __init__(self, connection):
        self._connection = connection
        self.count = self._one("SELECT count(*) FROM electors")

    def _one(self, query):
        return float(self._connection.execute(query).fetchall()[0][0] or 0.0)

    def agree(self, *columns, of_all=False):
        """Give the chance that two electors, not the same, agree on columns.

        It is of those who have all of the columns, or of all electors.
        """
        known = " AND ".join(f"{column} IS NOT NULL" for column in columns)
        pairs = self._one(
            f"SELECT sum(n * (n - 1.0)) FROM (SELECT count(*) AS n FROM electors WHERE {known}"
            f" GROUP BY {', '.join(columns)})"
        )
        filled = self.count
        if not of_all:
            filled = self._one(f"SELECT count(*) FROM electors WHERE {known}")
        return max(pairs, 1.0) / max(filled, 1.0) ** 2

    def crossed(self):
        """Give the chance that one elector's given name is another's surname."""
        return (
            self._one(
                "WITH g AS (SELECT given AS name, count(*) AS n FROM electors GROUP BY 1), s AS"
                " (SELECT surname AS name, count(*) AS n FROM electors GROUP BY 1)"
                " SELECT sum(1.0 * g.n * s.n) FROM g JOIN s USING (name)"
            )
            / max(self.count, 1.0) ** 2
        )

    def alike(self):
        """Give the chance that two random surnames are alike and not equal."""
        return self._one(
            "WITH few AS (SELECT surname FROM electors USING SAMPLE reservoir(2000 ROWS)"
            " REPEATABLE (1)) SELECT avg(CAST(a.surname <> b.surname AND"
            " jaro_winkler_similarity(a.surname, b.surname) >= 0.88 AS INTEGER)) FROM few a, few b"
        )


def _level(condition, label, **settings):
    level = levels.CustomLevel(condition, label)
    return level.configure(**settings) if settings else level


def _rare(condition, label, u, tuned=True):
    """Give a level whose u is too small for random pairs to show."""
    by_hand = {"u_probability": u, "fix_u_probability": True} if tuned else {}
    return _level(condition, label, **by_hand)


def _swapped(shares):
    """Give the level of swapped names, by hand: where none are, its m would fall to an error."""
    m = {"m_probability": 0.01, "fix_m_probability": True}
    level = _rare("given_l = surname_r AND surname_l = given_r", "swapped", shares.crossed())
    return level.configure(**m)


def _exact(column, condition):
    return _level(condition, "equal", **_by_frequency(column))


def _null(condition):
    return _level(condition, "nothing to compare", is_null_level=True)


def given(shares, variant):
    """Compare first given names; swapped names and second names used as first are seen."""
    # The rules that train the joint variant show these levels too seldom.
    second, initial = ({"m_probability": m} if variant == "joint" else {} for m in (0.02, 0.03))
    alike = "jaro_winkler_similarity(given_l, given_r)"
    return comparisons.CustomComparison(
        [
            _null(f"{alike} IS NULL"),
            _exact("given", "given_l = given_r"),
            _level(f"{alike} >= 0.92", "very alike"),
            _level("given_l = second_r OR given_r = second_l", "second as first", **second),
            _swapped(shares),
            _level("(length(given_l) = 1 OR length(given_r) = 1) AND initial_l = initial_r",
                   "initial", **initial),
            _level(f"{alike} >= 0.82", "alike"),
            levels.ElseLevel(),
        ],
        output_column_name="given",
    )  # fmt: skip


def surname(shares):
    """Compare surnames; a part of a double name is seen."""
    alike = "jaro_winkler_similarity(surname_l, surname_r)"
    return comparisons.CustomComparison(
        [
            _null(f"{alike} IS NULL"),
            _exact("surname", "surname_l = surname_r"),
            _level(f"{alike} >= 0.93", "very alike"),
            _level("length(surname_l) > 3 AND (ends_with(surname_r, surname_l) OR"
                   " starts_with(surname_r, surname_l) OR starts_with(surname_l, surname_r))",
                   "part"),
            _swapped(shares),
            _level(f"{alike} >= 0.85", "alike"),
            levels.ElseLevel(),
        ],
        output_column_name="surname",
    )  # fmt: skip


def address(shares, tuned):
    """Compare addresses as a whole, from the door to the city."""
    return comparisons.CustomComparison(
        [
            _null("jaro_winkler_similarity(street_l, street_r) IS NULL AND"
                  " (postal_l IS NULL OR postal_r IS NULL)"),
            _rare(f"{_FULL} AND unit_l = unit_r", "door",
                  shares.agree("number", "street", "unit"), tuned),
            _rare(f"{_FULL} AND city_l = city_r", "house",
                  shares.agree("number", "street", "city"), tuned),
            _rare("number_l = number_r AND postal_l = postal_r", "number and postal code",
                  shares.agree("number", "postal"), tuned),
            _rare("number_l = number_r AND jaro_winkler_similarity(street_l, street_r) >= 0.9",
                  "number and like street", shares.agree("number", "street"), tuned),
            _level("postal_l = postal_r", "postal code"),
            _level("street_l = street_r AND city_l = city_r", "street"),
            _level("fsa_l = fsa_r", "area"),
            _level("city_l = city_r", "city"),
            levels.ElseLevel(),
        ],
        output_column_name="address",
    )  # fmt: skip


def household(shares):
    """Compare surname and address together; u of each level by hand from the list."""
    alike = "jaro_winkler_similarity(surname_l, surname_r)"
    same, like = "surname_l = surname_r", f"{alike} >= 0.88"
    home = (
        "number_l = number_r AND (postal_l = postal_r OR street_l = street_r OR"
        " jaro_winkler_similarity(street_l, street_r) >= 0.9)"
    )
    near = "(postal_l = postal_r OR (street_l = street_r AND city_l = city_r))"
    area = "city_l = city_r"
    share, area_share = shares.alike(), shares.agree("city")
    of_all = functools.partial(shares.agree, of_all=True)
    u_home, u_near, u_same = of_all("number", "postal"), of_all("postal"), of_all("surname")
    u_same_home = of_all("surname", "number", "postal")
    u_same_door = of_all("surname", "number", "postal", "door")
    named = [
        (f"{same} AND {home} AND door_l = door_r", "same name, same door", u_same_door),
        (f"{same} AND {home}", "same name, same house",
         max(u_same_home - u_same_door, 1e-12)),
        (f"{same} AND {near}", "same name, near",
         max(of_all("surname", "postal") - u_same_home, 1e-12)),
        (f"{like} AND {home}", "like name, same home", 0.05 * u_same_home + share * u_home),
        (f"{like} AND {near}", "like name, near", share * u_near),
        (home, "other name, same home", max(u_home - u_same_home, 1e-12)),
        (f"{same} AND {area}", "same name, same area", shares.agree("surname", "city")),
        (f"{like} AND {area}", "like name, same area", share * area_share),
        (same, "same name, elsewhere", u_same * (1 - area_share)),
        (like, "like name, elsewhere", share * (1 - area_share)),
        (near, "other name, near", u_near),
        (area, "other name, same area", area_share),
    ]  # fmt: skip
    first = _null(f"{alike} IS NULL AND (postal_l IS NULL OR postal_r IS NULL)")
    fixed = {"fix_u_probability": True}
    # A frequent name in a city is not the same as a frequent name in a frequent city.
    by_name = {"same name, same area": "surname_city", "same name, elsewhere": "surname"}
    middle = [
        _level(condition, label, u_probability=u, **fixed, **_by_frequency(by_name.get(label)))
        for condition, label, u in named
    ]
    rest = levels.ElseLevel().configure(u_probability=1 - sum(u for *_, u in named), **fixed)
    return comparisons.CustomComparison([first, *middle, rest], output_column_name="household")


def _by_frequency(column):
    """Weigh a level by how frequent its value is."""
    if column is None:
        return {}
    return {
        "tf_adjustment_column": column,
        "tf_adjustment_weight": 1.0,
        "disable_tf_exact_match_detection": True,
    }


def others(shares, variant, birth):
    """Compare initials of second names, telephones, and days of birth if the sheet has them."""
    same_phone = _rare("phone_l = phone_r", "equal", shares.agree("phone"), variant != "documented")
    other_phone = levels.ElseLevel()
    if variant == "joint":
        # The rules that train this variant tell the telephone's m from too little else.
        same_phone.configure(m_probability=0.9, fix_m_probability=True)
        other_phone.configure(m_probability=0.1, fix_m_probability=True)
    found = [
        comparisons.ExactMatch("middle"),
        comparisons.CustomComparison(
            [levels.NullLevel("phone"), same_phone, other_phone],
            output_column_name="phone",
        ),
    ]
    if birth == "year":
        return [*found, comparisons.CustomComparison(
            [
                levels.NullLevel("birth_year"),
                _level("birth_year_l = birth_year_r", "equal"),
                _level("abs(birth_year_l - birth_year_r) IN (1, 10)", "near"),
                levels.ElseLevel(),
            ],
            output_column_name="birth_year",
        )]  # fmt: skip
    if birth == "date":
        swapped = "substr(birth_r, 1, 5) || substr(birth_r, 9, 2) || '-' || substr(birth_r, 6, 2)"
        return [*found, comparisons.CustomComparison(
            [
                _null("levenshtein(birth_l, birth_r) IS NULL"),
                _level("birth_l = birth_r", "equal"),
                _level(f"levenshtein(birth_l, birth_r) <= 1 OR birth_l = {swapped}", "one slip"),
                _level("birth_year_l = birth_year_r", "year"),
                levels.ElseLevel(),
            ],
            output_column_name="birth",
        )]  # fmt: skip
    return found


def keys(tuned, birth):
    """Give the blocking rules."""
    found = [
        block_on("surname", "number"),
        block_on("surname", "postal"),
        block_on("given", "surname"),
        block_on("given", "number", "fsa"),
        block_on("surname4", "initial", "fsa"),
        block_on("postal", "number", "initial"),
        block_on("street", "number", "initial", *(["city"] if tuned else [])),
        block_on("phone"),
        "l.given = r.surname AND l.surname = r.given AND l.given IS NOT NULL",
        "l.given = r.second AND l.surname = r.surname AND l.city = r.city",
    ]
    if birth == "date":
        found += [block_on("birth", "initial"), block_on("birth", "surname4")]
    return found


def model(shares, variant, birth):
    """Give the settings of a variant."""
    tuned = variant != "documented"
    names = (
        [household(shares), given(shares, variant)]
        if variant == "joint"
        else [given(shares, variant), surname(shares), address(shares, tuned)]
    )
    return SettingsCreator(
        link_type="link_only",
        comparisons=[*names, *others(shares, variant, birth)],
        blocking_rules_to_generate_predictions=keys(tuned, birth),
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def train(linker, variant, birth):
    """Estimate the parameters."""
    certain = [
        block_on("given", "surname", "number", "postal"),
        block_on("given", "surname", "phone"),
        block_on("given", "surname", "street", "number"),
    ]
    training = linker.training
    training.estimate_probability_two_random_records_match(certain, recall=0.65)
    training.estimate_u_using_random_sampling(max_pairs=1e7)
    most = {} if variant == "documented" else {"max_pairs": EM_PAIRS}
    rules = [block_on("given", "surname"), block_on("postal", "number"), block_on("phone")]
    if variant == "joint":
        # Who shares a telephone and the initial of a second name is seldom a relative.
        rules = [block_on("phone", "middle"), block_on("given", "surname")]
        if birth == "date":
            rules.append(block_on("birth", "middle"))
    for rule in rules:
        training.estimate_parameters_using_expectation_maximisation(rule, **most)


@click.command()
@click.argument("variant", type=click.Choice(VARIANTS))
@click.option("--lines", type=click.Path(path_type=Path), required=True)
@click.option("--electors", type=click.Path(path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--birth", type=click.Choice(["none", "year", "date"]), default="none")
def main(variant, lines, electors, out, birth):
    """Link lines to electors and write each line's best elector."""
    logging.getLogger("splink").setLevel(logging.WARNING)
    connection = connect()
    prepare(connection, "lines", lines, "line_id")
    prepare(connection, "electors", electors, "elector_id")
    shares = Shares(connection)
    database = DuckDBAPI(connection)
    names = ("lines", "electors")
    tables = [database.register(name, dataset_display_name=f"the_{name}") for name in names]
    linker = Linker(tables, model(shares, variant, birth), log_level=logging.WARNING)
    train(linker, variant, birth)
    found = linker.inference.predict(threshold_match_weight=WEIGHT_KEPT)
    pairs = f"""
        SELECT if(source_dataset_l = 'the_lines', unique_id_l, unique_id_r) AS line_id,
            if(source_dataset_l = 'the_lines', unique_id_r, unique_id_l) AS elector_id,
            pow(2, least(match_weight, 60)) AS odds
        FROM {found.physical_name}
    """
    answer(connection, pairs, out)


if __name__ == "__main__":
    main()
