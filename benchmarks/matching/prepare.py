"""The same preparation of lines and electors for every peer, in DuckDB, as an analyst would do it.

Upper case without accents; first given name and initial of the second; surname without blanks and
hyphens; a unit or house number in the wrong column put right where it shows; street types in one
form, quadrants left out; postal code without blanks; the last seven digits of the telephone.
"""

from pathlib import Path

import duckdb

_TYPES = {
    "ST": "STREET|STR|ST", "AV": "AVENUE|AVEN|AVN|AVE|AV", "RD": "ROAD|RDS|RD|R",
    "DR": "DRIVE|DRV|DVE|DR", "CR": "CRESCENT|CRES|CRST|CR", "BV": "BOULEVARD|BOUL|BLVD|BLV|BV",
    "PL": "PLACE|PLC|PL|P",
    "CL": "CLOSE|CLSE|CL", "WY": "WAY|WY",
}  # fmt: skip
_NUMBER_FIRST = "^([0-9]+[A-Z]?) ([0-9A-Z]+ [A-Z].*)$"
"""A house number before the street: the column of the number is empty then."""


def connect(threads: int = 2) -> duckdb.DuckDBPyConnection:
    """Open a database in memory."""
    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    return connection


def prepare(connection: duckdb.DuckDBPyConnection, name: str, path: Path, key: str) -> None:
    """Make a table of the people in a file: `lines` or `electors`.

    Args:
        connection: where the table is made.
        name: of the table.
        path: Parquet.
        key: column that names a person; `unique_id` in the table.
    """
    street = f"regexp_replace(street0, '{_NUMBER_FIRST}', '\\2')"
    street = f"if(number0 IS NULL, {street}, street0)"
    for short, forms in _TYPES.items():
        street = f"regexp_replace({street}, ' ({forms})$', ' {short}')"
    connection.execute(
        f"""
        CREATE TABLE {name} AS
        WITH clean AS (
            SELECT {key} AS unique_id,
                regexp_replace(upper(strip_accents(given_names)), '[^A-Z ]', '', 'g') AS names,
                regexp_replace(upper(strip_accents(surname)), '[^A-Z]', '', 'g') AS surname,
                upper(unit) AS unit0, upper(street_number) AS number0,
                regexp_replace(
                    regexp_replace(
                        regexp_replace(upper(strip_accents(street)), '[.,]', '', 'g'),
                        ' (#|UNIT |APT ).*$', ''),
                    ' ([NS]) ?([EW])$', '') AS street0,
                upper(strip_accents(locality)) AS city,
                regexp_replace(upper(postal_code), '[^A-Z0-9]', '', 'g') AS postal,
                right(regexp_replace(phone, '[^0-9]', '', 'g'), 7) AS phone,
                birth_date, coalesce(birth_year, year(birth_date)) AS birth_year
            FROM read_parquet('{path}')
        )
        SELECT unique_id,
            nullif(split_part(names, ' ', 1), '') AS given,
            nullif(left(split_part(names, ' ', 1), 1), '') AS initial,
            nullif(split_part(names, ' ', 2), '') AS second,
            nullif(left(split_part(names, ' ', 2), 1), '') AS middle,
            nullif(surname, '') AS surname, nullif(left(surname, 4), '') AS surname4,
            coalesce(unit0, nullif(regexp_extract(number0, '^(.+)-([0-9]+)$', 1), '')) AS unit,
            coalesce(unit, '') AS door,
            coalesce(
                nullif(regexp_extract(number0, '^(?:.+-)?([0-9]+[A-Z]?)$', 1), ''), number0,
                nullif(regexp_extract(street0, '{_NUMBER_FIRST}', 1), '')
            ) AS number,
            {street} AS street,
            city, nullif(surname, '') || ' ' || city AS surname_city,
            nullif(postal, '') AS postal, nullif(left(postal, 3), '') AS fsa,
            nullif(phone, '') AS phone, CAST(birth_date AS VARCHAR) AS birth, birth_year
        FROM clean
        """
    )


def answer(connection: duckdb.DuckDBPyConnection, pairs: str, out: Path) -> None:
    """Share each line's chance among its candidates and "nobody", and write the answers.

    Args:
        connection: where `lines` and the pairs are.
        pairs: a relation with `line_id`, `elector_id` and `odds`, that the pair is one person.
        out: Parquet, the columns of `measures.ANSWERS`.
    """
    connection.execute(
        f"""
        COPY (
            WITH shared AS (
                SELECT line_id, arg_max(elector_id, odds) AS elector_id,
                    max(odds) / (1 + sum(odds)) AS probability,
                    sum(odds) / (1 + sum(odds)) AS listed
                FROM ({pairs}) GROUP BY line_id
            ), linked AS (
                SELECT line_id, first_value(line_id) OVER (
                    PARTITION BY elector_id ORDER BY line_id) AS first
                FROM shared WHERE probability >= 0.5
            )
            SELECT unique_id AS line_id, elector_id, coalesce(probability, 0.0) AS probability,
                coalesce(listed, 0.0) AS listed,
                CASE WHEN first <> unique_id THEN first END AS repeat_of
            FROM lines
            LEFT JOIN shared ON shared.line_id = unique_id
            LEFT JOIN linked ON linked.line_id = unique_id
        ) TO '{out}' (FORMAT parquet)
        """
    )
