"""Files as people have them: each is read, or refused with words that help."""

import gzip
import time

import polars as pl
import pytest

from referendum.core.errors import InputError
from referendum.core.tables import Column, Table
from referendum.tables.acceptance import require_accepted, require_whole_table
from referendum.tables.reading import read_checked_table, read_raw_table


def rows(tmp_path, content, name="table.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(content)
    raw = read_raw_table(path, encoding)
    return raw.frame.rows(), raw.broken


def refusal(tmp_path, content, name="table.csv", encoding="utf-8"):
    with pytest.raises(InputError) as caught:
        rows(tmp_path, content, name, encoding)
    return caught.value


def test_a_good_file_is_read_as_text(tmp_path):
    assert rows(tmp_path, b"id,n\n01,2\nb,\n") == ([("01", "2"), ("b", None)], ())


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path):
    assert rows(tmp_path, b"\xef\xbb\xbfid,n\r\n1,2\r\n") == ([("1", "2")], ())


def test_a_compressed_file_is_read(tmp_path):
    assert rows(tmp_path, gzip.compress(b"id\n1\n"), "table.csv.gz") == ([("1",)], ())


def test_a_parquet_file_is_read(tmp_path):
    pl.DataFrame({"id": ["1"]}).write_parquet(tmp_path / "t.parquet")
    assert read_raw_table(tmp_path / "t.parquet").frame.rows() == [("1",)]


def test_a_row_with_too_many_cells_spoils_no_other(tmp_path):
    content = b"id,n\n1,2\n3,4,5\n6,7\n"
    assert rows(tmp_path, content) == (
        [("1", "2"), (None, None), ("6", "7")],
        ((2, "too_many_cells"),),
    )


def test_a_quote_never_closed_spoils_no_other(tmp_path):
    content = b'id,n\n1,"two\n3,4\n5,"six, seven"\n'
    assert rows(tmp_path, content) == (
        [(None, None), ("3", "4"), ("5", "six, seven")],
        ((1, "broken_quotes"),),
    )


def test_a_row_of_two_hundred_megabytes_is_set_aside(tmp_path):
    content = b"id,n\n1," + b"x" * 200_000_000 + b"\n3,4\n"
    assert rows(tmp_path, content) == ([(None, None), ("3", "4")], ((1, "row_too_long"),))


def test_another_encoding_is_read_when_it_is_named(tmp_path):
    content = "id\nBeauprÉ\n".encode("cp1252")
    assert rows(tmp_path, content, encoding="cp1252") == ([("BeauprÉ",)], ())


def test_a_wrong_encoding_is_refused_with_the_row_and_the_option(tmp_path):
    error = refusal(tmp_path, "id\na\nBeaupré\n".encode("cp1252"))
    assert "row 2" in error.message
    assert "--encoding" in error.hint


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "table.csv", "empty"),
        (b" \n", "table.csv", "empty"),
        (b"id,id\n1,2\n", "table.csv", "same name"),
        (b"PAR1 not really", "table.parquet", "not a Parquet file"),
        (b"not gzip", "table.csv.gz", "damaged"),
        (gzip.compress(b"id\n" + bytes(range(97, 123)) * 999)[:-9], "t.csv.gz", "damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(tmp_path, content, name, words):
    assert words in refusal(tmp_path, content, name).message


def test_an_unknown_encoding_is_refused(tmp_path):
    assert "klingon" in refusal(tmp_path, b"id\n1\n", encoding="klingon").message


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_raw_table(tmp_path / "none.csv")
    with pytest.raises(InputError, match="folder"):
        read_raw_table(tmp_path)


def test_any_line_end_is_a_line_end(tmp_path):
    assert rows(tmp_path, b"id,n\r1,2\r3,4\r") == ([("1", "2"), ("3", "4")], ())
    assert rows(tmp_path, b'id,n\r1,"2\r') == ([(None, None)], ((1, "broken_quotes"),))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"id;n\n1;2\n", "semicolons"),
        (b"id\tn\n1\t2\n", "tabs"),
        (b"id|n\n1|2\n", "vertical lines"),
        (b"PK\x03\x04 and so on", "spreadsheet"),
        (b"id\nBj\xc3\x83\xc2\xb6rk\n", "spoilt"),
        (b"id\nBj\xef\xbf\xbdrk\n", "spoilt"),
        (b"x" * 200_000 + b",y\n1,2\n", "one has none"),
    ],
)
def test_another_kind_of_file_is_told_by_its_kind(tmp_path, content, words):
    assert words in refusal(tmp_path, content).message


def test_a_file_in_utf_8_is_not_read_as_another_encoding(tmp_path):
    error = refusal(tmp_path, "id\nBeaupré\nZoë\n".encode(), encoding="cp1252")
    assert "UTF-8" in error.hint
    assert rows(tmp_path, "id\nCAFÉ’S\nÃ\n".encode("cp1252"), encoding="cp1252")[1] == ()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "undefined", "base64", "a\x00b"])
def test_an_encoding_that_does_not_fit_is_refused_in_words(tmp_path, encoding):
    assert refusal(tmp_path, b"id\n1\n2\n", encoding=encoding).hint


def test_the_first_line_of_excel_is_passed_over_and_titles_are_told(tmp_path):
    assert rows(tmp_path, b"sep=,\nid,n\n1,2\n") == ([("1", "2")], ())
    assert "row 3" in refusal(tmp_path, b"Returns,\n,\nid,n\n1,2\n").hint


def test_columns_of_lists_are_refused(tmp_path):
    pl.DataFrame({"id": [[1]]}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputError, match="holds"):
        read_raw_table(tmp_path / "t.parquet")


SERIES = {
    "lists": [["a"]],
    "structs": [{"x": 1}],
    "durations": pl.Series([1], dtype=pl.Duration),
    "bytes that are no text": [b"\xff"],
}


@pytest.mark.parametrize("kind", SERIES)
def test_a_parquet_column_of_other_than_single_values_is_refused(kind, tmp_path):
    pl.DataFrame({"Jane Q. Public": SERIES[kind]}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputError, match=kind) as caught:
        read_raw_table(tmp_path / "t.parquet")
    assert "Jane" not in str(caught.value)


def test_more_rows_than_a_parquet_file_can_hold_are_not_read(tmp_path):
    path = tmp_path / "t.parquet"
    pl.DataFrame({"id": pl.repeat("a", 5_000_000, eager=True)}).write_parquet(path)
    began = time.process_time()
    with pytest.raises(InputError, match="5,000,000 rows in"):
        read_raw_table(path)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1PAR1", b"PAR1" + b"\xff" * 50 + b"PAR1"])
def test_what_is_no_parquet_file_is_refused(data, tmp_path):
    (tmp_path / "t.parquet").write_bytes(data)
    with pytest.raises(InputError, match="not a Parquet file"):
        read_raw_table(tmp_path / "t.parquet")


THINGS = Table(
    "things",
    (
        Column("id", "text", "its name", required=True),
        Column("day", "date", "a day"),
        Column("state", "code", "how it is", codes=("good", "bad")),
    ),
    key=("id",),
)


def things(tmp_path, *lines):
    path = tmp_path / "things.csv"
    path.write_text("\n".join(["id,day,state", *lines]))
    return read_checked_table(THINGS, path), path


def test_a_column_that_is_mostly_not_read_must_be_accepted(tmp_path):
    checked, path = things(tmp_path, *[f"{n},2026-01-0{n},good" for n in range(1, 9)], "9,14.3.26,")
    with pytest.raises(InputError, match="1 cell of day") as caught:
        require_accepted(checked, [], path)
    assert "--accept day" in caught.value.hint
    assert require_accepted(checked, ["day", "rows"], path) == ["day"]


def test_rows_that_are_set_aside_must_be_accepted(tmp_path):
    checked, path = things(tmp_path, "1,,", "1,,")
    with pytest.raises(InputError, match="1 row of 2"):
        require_accepted(checked, ["day"], path)
    assert require_accepted(checked, ["rows"], path) == ["rows"]


def test_one_cell_in_twenty_and_one_row_in_a_hundred_need_no_word(tmp_path):
    good = [f"{n},2026-01-01,good" for n in range(99)]
    checked, path = things(tmp_path, *good, "100,14.3.26,good", "1,,")
    assert require_accepted(checked, [], path) == []
    with pytest.raises(InputError, match="1 cell of day"):
        require_accepted(checked, [], path, needed=["day"])


def test_a_table_of_which_every_row_is_needed_has_no_cell_unread(tmp_path):
    checked, path = things(tmp_path, "1,,vaild")
    with pytest.raises(InputError, match=r"row 1, state: not_a_code \('vaild'\)"):
        require_whole_table(checked, path, "say good or bad")


@pytest.mark.parametrize("encoding", ["idna", "punycode", "unicode_escape", "rot13", "hex"])
def test_an_encoding_that_is_none_of_tables_is_refused(tmp_path, encoding):
    assert "mac-roman" in refusal(tmp_path, b"id\n1\n", encoding=encoding).hint


@pytest.mark.parametrize(
    ("own", "read", "names"),
    [
        ("mac-roman", "cp1252", ["André", "Müller", "Zoé", "Pöhl"]),
        ("mac-roman", "latin-1", ["André", "Müller", "Zoë", "Pöhl"]),
        ("cp850", "cp1252", ["Andréa", "Gräf", "Pöhl"]),
        ("mac-roman", "cp1252", ["Groß", "Weiß-Meßner", "Straßer"]),
    ],
)
def test_letters_of_another_code_page_are_refused(tmp_path, own, read, names):
    content = "\n".join(["id", *names, ""]).encode(own)
    error = refusal(tmp_path, content, encoding=read)
    assert "spoilt" in error.message
    assert "mac-roman" in error.hint
    assert rows(tmp_path, content, encoding=own)[0] == [(name,) for name in names]


@pytest.mark.parametrize(
    "names",
    [
        ["Šimůnek".replace("ů", "u"), "Žižka", "Ÿ", "Œuvray", "ŠŽ"],
        ["O’Brien", "Anna–Maria", "D’Arcy — Smith", "“Bob” Jones"],
        ["Müller", "Straße 5", "Nº 7", "5°", "l’Œuvre"],
    ],
)
def test_letters_of_the_own_code_page_are_read(tmp_path, names):
    content = "\n".join(["id", *names, ""]).encode("cp1252")
    assert rows(tmp_path, content, encoding="cp1252")[0] == [(name,) for name in names]


@pytest.mark.parametrize(
    "content",
    [
        b"id,n\r\r\n1,2\r\r\n3,4\r\r\n",
        b"id,n\n\n1,2\n \t\n\n3,4\n\n",
        b"id,n\n1,2\n\n3,4",
    ],
)
def test_blank_lines_are_no_rows(tmp_path, content):
    assert rows(tmp_path, content) == ([("1", "2"), ("3", "4")], ())


def test_a_blank_line_inside_of_quotes_stays(tmp_path):
    content = b'id,n\n\n1,"a\n\nb"\n\n3,4\n'
    assert rows(tmp_path, content) == ([("1", "a\n\nb"), ("3", "4")], ())


def test_a_spreadsheets_numbers_of_days_are_told(tmp_path):
    path = tmp_path / "days.csv"
    path.write_text("id,day\na,45123\nb,45124\n")
    table = Table(
        "t", (Column("id", "text", "", required=True), Column("day", "date", "")), ("id",)
    )
    with pytest.raises(InputError) as caught:
        require_accepted(read_checked_table(table, path), (), path)
    assert "spreadsheet's number of a day" in caught.value.hint
    assert "--accept day" in caught.value.hint


@pytest.mark.parametrize(
    ("days", "readings"),
    [
        (["13/04/2026", "14/04/2026"], {}),
        (["13/04/2026", "03/04/2026"], {"day": "dmy"}),
        (["13/04/2026", "04/04/2026"], {}),
    ],
)
def test_the_order_of_days_is_told_where_it_mattered(tmp_path, days, readings):
    path = tmp_path / "days.csv"
    path.write_text("\n".join(["id,day", *(f"{n},{day}" for n, day in enumerate(days))]) + "\n")
    table = Table(
        "t", (Column("id", "text", "", required=True), Column("day", "date", "")), ("id",)
    )
    assert read_checked_table(table, path).readings == readings
