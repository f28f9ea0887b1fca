"""Cells as they come, read by the type of their column.

A cell that cannot be read is left empty and counted as a fault. Most cells of a good table are read
in one pass by polars; the others one by one, each spelling once.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from referendum.core.columns import Column, ReadingOptions
from referendum.core.errors import InputError
from referendum.core.formulas import take_off_guards
from referendum.core.names import BLANK, fold_letters, name_key
from referendum.core.numerals import read_integer, thousands_marks
from referendum.core.words import (
    ILLEGIBLE_WORDS,
    NOTHING_WORDS,
    may_be_nothing,
    read_truth,
    says_yes,
)
from referendum.core.written_days import EARLIEST_DAY, decide_day_order, is_ambiguous, read_day

LONGEST_TEXT = 500
"""Most characters of a text cell: no name or address is longer, but a runaway quotation is."""

FAULT_SCHEMA = pl.Schema({"row": pl.Int64, "column": pl.String, "code": pl.String})

ReadingChoices = dict[str, str]
"""By column, how it was decided to read its cells: `dmy`, `mdy`, `thousands_comma` and so on."""

_UNTIDY = r"\p{C}|[^\S ]|\s\s|^\s|\s$|^$|^" + BLANK + "+$"
"""What tidying changes. Control characters, such as a spreadsheet's line breaks, end a word."""

_INVISIBLE_TEXT = f"^{BLANK}*$"

_BROKEN_NAME = r"\S\s*[\x00-\x1f\x7f\u0085\u2028\u2029]\s*\S|\x00"

_MARK_NAMES = {",": "comma", ".": "point"}

_ISO_DAY = r"^\d{4}-\d{2}-\d{2}$"


def tidy_columns(columns: Sequence[Column], raw: pl.DataFrame) -> pl.DataFrame:
    """Give a table's columns as tidy text, or as they are where they have their type already.

    A name with a line break or a control character inside keeps it, and becomes a fault later.

    Raises:
        InputError: a column holds values that are neither texts, numbers nor days.
    """
    given = raw.select(
        pl.lit(None, column.dtype).alias(column.name)
        if column.name not in raw.columns
        else _convert_column(column, raw[column.name])
        for column in columns
    )
    given = take_off_guards(given)
    text = pl.col(pl.String)
    untidy = given.select(text.str.contains(_UNTIDY).any())
    names = [name for name in untidy.columns if untidy[name].item()]
    tidied = pl.col(names).str.replace_all(r"[\p{C}\s]+", " ").str.strip_chars()
    kept = [column.name for column in columns if column.type == "name" and column.name in names]
    broken = given.select(pl.col(kept).str.contains(_BROKEN_NAME).fill_null(value=False))
    clean = given.with_columns(
        pl.when(~tidied.str.contains(_INVISIBLE_TEXT)).then(tidied).name.keep()
    )
    return clean.with_columns(
        pl.when(broken[name]).then(given[name]).otherwise(clean[name]).alias(name) for name in kept
    )


def _convert_column(column: Column, cells: pl.Series) -> pl.Series:
    """Give a column of a typed file in its own type, or as text."""
    dtype = cells.dtype
    if dtype == column.dtype:
        return cells
    if dtype.is_nested() or dtype == pl.Object():
        raise InputError(f"the column {column.name} holds lists or records, not single values")
    if column.type == "integer" and dtype.is_integer():
        return cells.cast(pl.Int64, strict=False) if dtype != pl.UInt64() else cells.cast(pl.String)
    if dtype.is_float() or dtype.is_decimal():
        number = cells.cast(pl.Float64)
        whole = (number == number.round(0)) & (number.abs() < 2**53)
        texts = pl.select(
            pl.when(number.is_nan())
            .then(None)
            .when(whole)
            .then(pl.Series(number.cast(pl.Int64, strict=False)).cast(pl.String))
            .otherwise(cells.cast(pl.String))
        ).to_series()
        return texts.alias(column.name)
    if column.type == "date" and dtype == pl.Datetime:
        return cells.dt.date()
    return cells.cast(pl.String, strict=False)


def read_cells(
    columns: Sequence[Column], cells: pl.DataFrame, reading: ReadingOptions
) -> tuple[pl.DataFrame, list[pl.DataFrame], ReadingChoices]:
    """Read tidy cells by the type of their column.

    Returns:
        The typed columns; the faults of each column (`FAULT_SCHEMA`, rows from 1); and how it was
        decided to read columns that leave a doubt.

    Raises:
        InputError: days can be read in two ways, and nothing decides.
    """
    cells, illegible_faults = _blank_illegible_entries(columns, cells)
    integers = [column.name for column in columns if column.type == "integer"]
    unparsed = {name: _unparsed_numbers(cells[name]) for name in integers}
    marks = thousands_marks(text for texts in unparsed.values() for text in texts)
    typed, faults = [], []
    readings: ReadingChoices = {}
    for column in columns:
        column_cells = cells[column.name]
        if column.type == "integer":
            values, codes = _read_integers(column, column_cells, unparsed[column.name], marks)
            if any(mark in text for mark in marks for text in unparsed[column.name]):
                readings[column.name] = "_".join(
                    ["thousands", *(_MARK_NAMES[mark] for mark in sorted(marks))]
                )
        elif column.type == "date":
            values, codes, order = _read_days(column, column_cells, reading)
            readings |= {column.name: order} if order else {}
        else:
            values, codes = _read_texts(column, column_cells)
        typed.append(values)
        faults.append(_faults_of_column(codes, column.name))
    return (
        _blank_illegible_texts(columns, pl.DataFrame(typed), faults),
        [*faults, *illegible_faults],
        readings,
    )


def _blank_illegible_entries(
    columns: Sequence[Column], cells: pl.DataFrame
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Empty the numbers and days for which a keyer wrote that nothing was legible."""
    faults = []
    for column in columns:
        column_cells = cells[column.name]
        if column.entry and column.type in ("integer", "date") and column_cells.dtype == pl.String:
            words = column_cells.filter(~column_cells.str.contains(r"\d")).unique().drop_nulls()
            words = pl.Series([word for word in words if may_be_nothing(word)], dtype=pl.String)
            empty = column_cells.is_in(words.implode()).fill_null(value=False)
            faults.append(_faults_of_column(_code_where(empty, "illegible"), column.name))
            cells = cells.with_columns(pl.when(~empty).then(pl.col(column.name)))
    return cells, faults


def _code_where(at_fault: pl.Series, code: str) -> pl.Series:
    return pl.select(pl.when(at_fault).then(pl.lit(code))).to_series()


def _faults_of_column(codes: pl.Series, column: str) -> pl.DataFrame:
    """Give the faults of a column from a code for each cell, null where there is none."""
    at = codes.is_not_null().arg_true()
    return pl.DataFrame(
        {"row": at.cast(pl.Int64) + 1, "column": pl.repeat(column, len(at), eager=True),
         "code": codes.drop_nulls()}, schema=FAULT_SCHEMA,
    )  # fmt: skip


def _unparsed_numbers(cells: pl.Series) -> list[str]:
    if cells.dtype != pl.String:
        return []
    lost = cells.is_not_null() & cells.cast(pl.Int64, strict=False).is_null()
    return cells.filter(lost).unique().to_list()


def _map_texts(
    cells: pl.Series, values_by_text: Mapping[str, object], dtype: pl.DataType
) -> pl.Series:
    if not values_by_text:
        return pl.repeat(None, len(cells), dtype=dtype, eager=True)
    texts, values = (
        pl.Series(list(values_by_text), dtype=pl.String),
        pl.Series(list(values_by_text.values()), dtype=dtype),
    )
    return cells.replace_strict(texts, values, default=None, return_dtype=dtype)


def _read_integers(
    column: Column, cells: pl.Series, unparsed: list[str], marks: frozenset[str]
) -> tuple[pl.Series, pl.Series]:
    numbers = cells.cast(pl.Int64, strict=False)
    if unparsed:
        numbers = numbers.fill_null(
            _map_texts(cells, {text: read_integer(text, marks) for text in unparsed}, pl.Int64())
        )
    least, most = column.least, column.most
    too_small = numbers < least if least is not None else pl.repeat(False, len(cells), eager=True)
    too_large = numbers > most if most is not None else pl.repeat(False, len(cells), eager=True)
    negative = too_small & (numbers < 0)
    codes = pl.select(
        pl.when(cells.is_not_null() & numbers.is_null())
        .then(pl.lit("not_a_number"))
        .when(negative)
        .then(pl.lit("negative"))
        .when(too_small | too_large)
        .then(pl.lit("out_of_range"))
    ).to_series()
    return _blank_faulty(numbers, codes, column.name), codes


def _blank_faulty(values: pl.Series, codes: pl.Series, name: str) -> pl.Series:
    return pl.select(pl.when(codes.is_null()).then(values).alias(name)).to_series()


def _read_days(
    column: Column, cells: pl.Series, reading: ReadingOptions
) -> tuple[pl.Series, pl.Series, str | None]:
    latest = None if column.may_be_future else reading.latest_day
    if cells.dtype == pl.Date:
        days, unparsed, order = cells, [], None
        outcomes: dict[str, object] = {}
    else:
        plain = pl.select(pl.when(cells.str.contains(_ISO_DAY)).then(cells)).to_series()
        days = plain.str.to_date("%Y-%m-%d", strict=False)
        unparsed = cells.filter(cells.is_not_null() & days.is_null()).unique().to_list()
        order = decide_day_order(unparsed, column.name, reading.day_order)
        outcomes = {text: read_day(text, order, latest) for text in unparsed}
        order = (
            order if any(map(is_ambiguous, unparsed)) else None
        )  # what was decided, where it was
        days_by_text = {text: day for text, day in outcomes.items() if not isinstance(day, str)}
        days = days.fill_null(_map_texts(cells, days_by_text, pl.Date()))
    out_of_range = days < EARLIEST_DAY
    if latest is not None:
        out_of_range |= days > latest
    codes_by_text = {text: code for text, code in outcomes.items() if isinstance(code, str)}
    unreadable_codes = _map_texts(cells, codes_by_text, pl.String()) if unparsed else None
    codes = pl.select(
        pl.when(out_of_range)
        .then(pl.lit("day_out_of_range"))
        .otherwise(pl.lit(None, pl.String) if unreadable_codes is None else unreadable_codes)
    ).to_series()
    return _blank_faulty(days, codes, column.name), codes, order


def _read_texts(column: Column, cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    if column.type == "code":
        codes_by_text = {text: read_code(text, column) for text in cells.unique().drop_nulls()}
        values = _map_texts(cells, codes_by_text, pl.String())
        at_fault = cells.is_not_null() & values.is_null()
        code = "not_a_code" if column.codes != ("yes", "no") else "not_yes_or_no"
    elif column.type == "name" and cells.str.contains(_BROKEN_NAME).any():
        values, at_fault = cells, cells.str.contains(_BROKEN_NAME).fill_null(value=False)
        code = "control_character"
    else:
        values, at_fault = cells, (cells.str.len_chars() > LONGEST_TEXT).fill_null(value=False)
        code = "too_long"
    codes = _code_where(at_fault, code)
    values = _blank_faulty(values, codes, column.name)
    if column.default is not None:
        empty = values.is_null() & ~at_fault
        values = pl.select(
            pl.when(empty).then(pl.lit(column.default)).otherwise(values).alias(column.name)
        ).to_series()
    return values, codes


def read_code(text: str, column: Column) -> str | None:
    """Give the code of the column's closed list that a cell means; None if it means none."""
    key = name_key(text)
    own = next((code for code in column.codes if name_key(code) == key), None)
    if own is not None or (column.yes is None and column.no is None):
        return own
    if column.no is None:  # among findings `x` or `1` are marks that offices differ on
        return column.yes if says_yes(text) else None
    truth = read_truth(text)
    return None if truth is None else column.yes if truth else column.no


def _blank_illegible_texts(
    columns: Sequence[Column], typed: pl.DataFrame, faults: list[pl.DataFrame]
) -> pl.DataFrame:
    """Empty the texts by which a keyer said *nothing legible*.

    A word that is also a name, such as Blank, counts so only where all cells of the entry say it.
    """
    texts = [column for column in columns if column.entry and column.type == "text"]
    for entry in sorted({column.entry for column in texts}):
        names = [column.name for column in texts if column.entry == entry]
        words = {name: _words_for_nothing(typed[name]) for name in names}
        if not any(len(maybe) for _, maybe in words.values()):
            continue
        sure, maybe = (
            typed.select(pl.col(name).is_in(words[name][which].implode()) for name in names)
            for which in (0, 1)
        )
        every = maybe.select(pl.all_horizontal(pl.all().fill_null(value=True))).to_series()
        for name in names:
            empty = (sure[name] | (every & maybe[name])).fill_null(value=False)
            faults.append(_faults_of_column(_code_where(empty, "illegible"), name))
            typed = typed.with_columns(pl.when(~empty).then(pl.col(name)).alias(name))
    return typed


def _words_for_nothing(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Give the distinct texts that say *nothing legible*, and those that may say it or be names."""
    texts = cells.drop_nulls().unique()  # a list of electors says most of its words many times
    keys = texts.to_frame().select(fold_letters(pl.col(cells.name))).to_series()
    return texts.filter(keys.is_in(ILLEGIBLE_WORDS | {""})), texts.filter(
        keys.is_in(ILLEGIBLE_WORDS | NOTHING_WORDS | {""})
    )
