"""Files as people have them: each is read, or refused with words that help."""

import gzip

import polars as pl
import pytest

from referendum.core.errors import InputError
from referendum.flows.intake import read_raw_table


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
