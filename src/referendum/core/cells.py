"""Cells as they come, read by the type of their column; what cannot be read is empty, and a fault.

Most cells of a good table are read in one pass by polars. The others are read one by one, each
spelling once.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from referendum.core.calendar_days import EARLIEST, is_ambiguous, order_of, read_day
from referendum.core.columns import Column, Reading
from referendum.core.errors import InputError
from referendum.core.names import BLANK, letters_of, name_key
from referendum.core.numerals import read_whole, thousands_marks
from referendum.core.words import ILLEGIBLE, NOTHING, may_be_nothing, says_yes, truth_of

LONGEST_TEXT = 500
"""Characters a text cell may hold: no name or address is longer, and a runaway quote is."""

FAULTY = pl.Schema({"row": pl.Int64, "column": pl.String, "code": pl.String})

Readings = dict[str, str]
"""By column, what was decided of how its cells are read."""

_UNTIDY = r"\p{C}|[^\S ]|\s\s|^\s|\s$|^$|^" + BLANK + "+$"
"""Control characters are line breaks and form feeds of spreadsheets: they end a word."""

_NOTHING_SEEN = f"^{BLANK}*$"

_BROKEN_NAME = r"\S\s*[\x00-\x1f\x7f\u0085\u2028\u2029]\s*\S"

_MARKS = {",": "comma", ".": "point"}

_ISO = r"^\d{4}-\d{2}-\d{2}$"


def tidy(columns: Sequence[Column], raw: pl.DataFrame) -> pl.DataFrame:
    """Give a table's columns as tidy text, or as they are where they have their type already.

    A name with a line break or a control character inside keeps it: it is a fault.

    Raises:
        InputError: a column has values that are no texts, numbers or days.
    """
    given = raw.select(
        pl.lit(None, column.dtype).alias(column.name)
        if column.name not in raw.columns
        else _plain(column, raw[column.name])
        for column in columns
    )
    text = pl.col(pl.String)
    untidy = given.select(text.str.contains(_UNTIDY).any())
    names = [name for name in untidy.columns if untidy[name].item()]
    tidied = pl.col(names).str.replace_all(r"[\p{C}\s]+", " ").str.strip_chars()
    kept = [column.name for column in columns if column.type == "name" and column.name in names]
    broken = given.select(pl.col(kept).str.contains(_BROKEN_NAME).fill_null(value=False))
    clean = given.with_columns(
        pl.when(~tidied.str.contains(_NOTHING_SEEN)).then(tidied).name.keep()
    )
    return clean.with_columns(
        pl.when(broken[name]).then(given[name]).otherwise(clean[name]).alias(name) for name in kept
    )


def _plain(column: Column, cells: pl.Series) -> pl.Series:
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
    columns: Sequence[Column], cells: pl.DataFrame, reading: Reading
) -> tuple[pl.DataFrame, list[pl.DataFrame], Readings]:
    """Read tidy cells by the type of their column.

    Returns:
        The typed columns; for each column the faults (`FAULTY`); and what was decided.

    Raises:
        InputError: days can be read in two ways, and nothing decides.
    """
    cells, nothing = _without_nothing(columns, cells)
    integers = [one.name for one in columns if one.type == "integer"]
    odd = {name: _odd_numbers(cells[name]) for name in integers}
    marks = thousands_marks(text for texts in odd.values() for text in texts)
    typed, faults = [], []
    readings: Readings = {}
    for column in columns:
        own = cells[column.name]
        if column.type == "integer":
            values, codes = _read_integers(column, own, odd[column.name], marks)
            if any(mark in text for mark in marks for text in odd[column.name]):
                readings[column.name] = "_".join(
                    ["thousands", *(_MARKS[mark] for mark in sorted(marks))]
                )
        elif column.type == "date":
            values, codes, order = _read_days(column, own, reading)
            readings |= {column.name: order} if order else {}
        else:
            values, codes = _read_texts(column, own)
        typed.append(values)
        faults.append(_coded(codes, column.name))
    return _legible(columns, pl.DataFrame(typed), faults), [*faults, *nothing], readings


def _without_nothing(
    columns: Sequence[Column], cells: pl.DataFrame
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Empty numbers and days for which a keyer wrote that nothing was legible."""
    faults = []
    for column in columns:
        own = cells[column.name]
        if column.written and column.type in ("integer", "date") and own.dtype == pl.String:
            words = own.filter(~own.str.contains(r"\d")).unique().drop_nulls()
            words = pl.Series([one for one in words if may_be_nothing(one)], dtype=pl.String)
            empty = own.is_in(words.implode()).fill_null(value=False)
            faults.append(_coded(_code_where(empty, "illegible"), column.name))
            cells = cells.with_columns(pl.when(~empty).then(pl.col(column.name)))
    return cells, faults


def _code_where(at_fault: pl.Series, code: str) -> pl.Series:
    return pl.select(pl.when(at_fault).then(pl.lit(code))).to_series()


def _coded(codes: pl.Series, column: str) -> pl.DataFrame:
    """Give the faults of a column from a code for each cell, null where there is none."""
    at = codes.is_not_null().arg_true()
    return pl.DataFrame(
        {"row": at.cast(pl.Int64) + 1, "column": pl.repeat(column, len(at), eager=True),
         "code": codes.drop_nulls()}, schema=FAULTY,
    )  # fmt: skip


def _odd_numbers(cells: pl.Series) -> list[str]:
    if cells.dtype != pl.String:
        return []
    lost = cells.is_not_null() & cells.cast(pl.Int64, strict=False).is_null()
    return cells.filter(lost).unique().to_list()


def _mapped(cells: pl.Series, found: Mapping[str, object], dtype: pl.DataType) -> pl.Series:
    if not found:
        return pl.repeat(None, len(cells), dtype=dtype, eager=True)
    old, new = pl.Series(list(found), dtype=pl.String), pl.Series(list(found.values()), dtype=dtype)
    return cells.replace_strict(old, new, default=None, return_dtype=dtype)


def _read_integers(
    column: Column, cells: pl.Series, odd: list[str], marks: frozenset[str]
) -> tuple[pl.Series, pl.Series]:
    numbers = cells.cast(pl.Int64, strict=False)
    if odd:
        numbers = numbers.fill_null(
            _mapped(cells, {text: read_whole(text, marks) for text in odd}, pl.Int64())
        )
    low, high = column.least, column.most
    under = numbers < low if low is not None else pl.repeat(False, len(cells), eager=True)
    over = numbers > high if high is not None else pl.repeat(False, len(cells), eager=True)
    negative = under & (numbers < 0)
    codes = pl.select(
        pl.when(cells.is_not_null() & numbers.is_null())
        .then(pl.lit("not_a_number"))
        .when(negative)
        .then(pl.lit("negative"))
        .when(under | over)
        .then(pl.lit("out_of_range"))
    ).to_series()
    return _kept(numbers, codes, column.name), codes


def _kept(values: pl.Series, codes: pl.Series, name: str) -> pl.Series:
    return pl.select(pl.when(codes.is_null()).then(values).alias(name)).to_series()


def _read_days(
    column: Column, cells: pl.Series, reading: Reading
) -> tuple[pl.Series, pl.Series, str | None]:
    latest = None if column.ahead else reading.day
    if cells.dtype == pl.Date:
        days, odd, order = cells, [], None
        found: dict[str, object] = {}
    else:
        plain = pl.select(pl.when(cells.str.contains(_ISO)).then(cells)).to_series()
        days = plain.str.to_date("%Y-%m-%d", strict=False)
        odd = cells.filter(cells.is_not_null() & days.is_null()).unique().to_list()
        order = order_of(odd, column.name, reading.order)
        found = {text: read_day(text, order, latest) for text in odd}
        order = order if any(map(is_ambiguous, odd)) else None  # what was decided, where it was
        read = {text: day for text, day in found.items() if not isinstance(day, str)}
        days = days.fill_null(_mapped(cells, read, pl.Date()))
    beyond = days < EARLIEST
    if latest is not None:
        beyond |= days > latest
    wrong = {text: code for text, code in found.items() if isinstance(code, str)}
    coded = _mapped(cells, wrong, pl.String()) if odd else None
    codes = pl.select(
        pl.when(beyond)
        .then(pl.lit("day_out_of_range"))
        .otherwise(pl.lit(None, pl.String) if coded is None else coded)
    ).to_series()
    return _kept(days, codes, column.name), codes, order


def _read_texts(column: Column, cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    if column.type == "code":
        found = {text: code_of(text, column) for text in cells.unique().drop_nulls()}
        values = _mapped(cells, found, pl.String())
        lost = cells.is_not_null() & values.is_null()
        code = "not_a_code" if column.codes != ("yes", "no") else "not_yes_or_no"
    elif column.type == "name" and cells.str.contains(_BROKEN_NAME).any():
        values, lost = cells, cells.str.contains(_BROKEN_NAME).fill_null(value=False)
        code = "control_character"
    else:
        values, lost = cells, (cells.str.len_chars() > LONGEST_TEXT).fill_null(value=False)
        code = "too_long"
    codes = _code_where(lost, code)
    values = _kept(values, codes, column.name)
    if column.default is not None:
        empty = values.is_null() & ~lost
        values = pl.select(
            pl.when(empty).then(pl.lit(column.default)).otherwise(values).alias(column.name)
        ).to_series()
    return values, codes


def code_of(text: str, column: Column) -> str | None:
    """Give the code of a closed list that a cell means; None if it is none of them."""
    key = name_key(text)
    own = next((code for code in column.codes if name_key(code) == key), None)
    if own is not None or (column.yes is None and column.no is None):
        return own
    if column.no is None:  # among findings `x` or `1` are marks that offices differ on
        return column.yes if says_yes(text) else None
    truth = truth_of(text)
    return None if truth is None else column.yes if truth else column.no


def _legible(
    columns: Sequence[Column], typed: pl.DataFrame, faults: list[pl.DataFrame]
) -> pl.DataFrame:
    """Empty what a keyer wrote for *nothing legible*; words that are names too, where all do."""
    texts = [one for one in columns if one.written and one.type == "text"]
    for entry in sorted({column.written for column in texts}):
        names = [one.name for one in texts if one.written == entry]
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
            faults.append(_coded(_code_where(empty, "illegible"), name))
            typed = typed.with_columns(pl.when(~empty).then(pl.col(name)).alias(name))
    return typed


def _words_for_nothing(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Give the texts, each once, that say *nothing legible*, and those that may be names too."""
    texts = cells.drop_nulls().unique()  # a list of electors says most of its words many times
    keys = texts.to_frame().select(letters_of(pl.col(cells.name))).to_series()
    return texts.filter(keys.is_in(ILLEGIBLE | {""})), texts.filter(
        keys.is_in(ILLEGIBLE | NOTHING | {""})
    )
