"""CSV as spreadsheets write and read it: every encoding and delimiter, places as they show them, and nothing that they run."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.errors import InputError
from reconciler.customers.spreadsheet import column_letters, damage, read_sheet, write_sheet

TEXT = 'CustomerID,Name,Fields.Tier\r\n7,Café,Gold\r\n8,"two\r\nlines, ""quoted""",\r\n'
CELLS = [["CustomerID", "Name", "Fields.Tier"], ["7", "Café", "Gold"], ["8", 'two\nlines, "quoted"', ""]]


def cells(content: bytes) -> list[list[str]]:
    table = read_sheet(content, "f.csv")
    return [[cell.text for cell in row] for row in (table.header, *table.rows)]


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.replace("\r\n", "\n").encode(),
        TEXT.removesuffix("\r\n").encode(),
        TEXT.replace(",", ";").replace("lines;", "lines,").encode(),
        TEXT.replace(",", "\t").replace("lines\t", "lines,").encode("utf-16"),
        ("sep=;\r\n" + TEXT.replace(",", ";").replace("lines;", "lines,")).encode(),
        (TEXT + "\r\n,,\r\n").encode(),
    ],
)
def test_every_way_in_which_spreadsheets_save_is_read(content: bytes) -> None:
    """With or without a mark, by comma, semicolon or tab, with either line end; empty rows do not count."""
    assert cells(content) == CELLS


@pytest.mark.parametrize(
    "header",
    ["CustomerID;Fields.A,b", '"CustomerID";"Fields.A,b"', 'Fields.A,b;"CustomerID"', "Name\tFields.A,b;c"],
)
def test_a_comma_in_the_name_of_a_field_parts_nothing(header: str) -> None:
    """A sheet of another delimiter need not quote it."""
    (names,) = cells(header.encode())
    assert {"CustomerID", "Name"} & set(names)
    assert len(names) == 2


def test_a_cell_knows_its_place() -> None:
    """By row and column as a spreadsheet shows them: a line break inside a cell begins no row, a `sep=` line is one."""
    table = read_sheet(b'A,B\n"x\ny",1\n\nz,"2"\n', "f.csv")
    assert [[str(cell.mark) for cell in row] for row in table.rows] == [
        ["f.csv:A2", "f.csv:B2"],
        ["f.csv:A4", "f.csv:B4"],
    ]
    assert str(read_sheet(b"sep=,\nA,B\n", "f.csv").header[1].mark) == "f.csv:B2"
    assert [column_letters(number) for number in (1, 26, 27, 52, 53, 702, 703)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "its first row names no attribute"),
        (b"\n\n", "its first row names no attribute"),
        (b"A,B\n1,Caf\xe9\n", "byte 0xE9 at offset 9, about row 2, is not UTF-8"),
        (b'A,B\n1,"x\n', "row 2 cannot be read"),
        (b'A,B\n1,"x"y\n', "row 2 cannot be read"),
        (b"A,B\n1,\0\n", r"it contains the character U\+0000"),
        (b"\xff\xfeA", "byte 0x41 at offset 2, about row 1, is not UTF-16"),
        (b"x" * 64_000_001, "it is larger than 64 MB"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, words: str) -> None:
    """With what to do about it."""
    with pytest.raises(InputError, match=f"reading f.csv: {words}"):
        read_sheet(content, "f.csv")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "'x", "''x", "'=x", "'", "=", "-"])
def test_no_spreadsheet_runs_a_cell(text: str) -> None:
    """It stands behind one quote, which is taken off again; a quote that people wrote before a letter stays."""
    content = write_sheet(["Name"], [[text]])
    (row,) = list(csv.reader(StringIO(content.decode(), newline="")))[1:]
    assert row == [f"'{text}"]
    assert cells(content) == [["Name"], [text]]
    assert cells(b"Name\n'x\n") == [["Name"], ["'x"]]


@given(
    rows=st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")),
            min_size=2,
            max_size=2,
        ),
        max_size=4,
    )
)
def test_what_is_written_is_read_back(rows: list[list[str]]) -> None:
    """Any text, in any cell; a file beyond ASCII has the mark without which Excel garbles it."""
    content = write_sheet(["A", "B"], rows)
    assert cells(content) == [["A", "B"], *(row for row in rows if any(row))]
    assert content.startswith(b"\xef\xbb\xbf") is not content.isascii()


@pytest.mark.parametrize(
    ("text", "earlier", "words"),
    [
        ("1.00E+05", "", "a long number as a spreadsheet shortens it"),
        ("1,5E-07", "", "a long number as a spreadsheet shortens it"),
        ("1234", "01234", "without the zeros in front"),
        ("4/16/2026", "2026-04-16", "YAML's date in a spreadsheet's form"),
        ("TRUE", "true", "in capitals"),
        ("#N/A", "x", "a value it cannot show"),
        ("########", "", "a value it cannot show"),
    ],
)
def test_what_a_spreadsheet_did_is_told(text: str, earlier: str, words: str) -> None:
    """Rather than written into the YAML."""
    assert words in damage(text, earlier)


@pytest.mark.parametrize(
    ("text", "earlier"),
    [
        ("1E5", ""),
        ("01234", "01234"),
        ("234", "01234"),
        ("5/16/2026", "2026-04-16"),
        ("TRUE", ""),
        ("#1", ""),
        ("0", "00"),
    ],
)
def test_what_may_be_meant_is_not_called_damage(text: str, earlier: str) -> None:
    """A text that differs from YAML's in more than a spreadsheet changes by itself."""
    assert damage(text, earlier) == ""
