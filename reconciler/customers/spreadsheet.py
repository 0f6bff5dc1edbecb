"""Bytes of a CSV file as spreadsheets write them -> cells with their places, and tables -> such bytes. Pure.

Reads UTF-8 with or without a byte order mark and UTF-16, columns parted by a comma, semicolon or tab, quoted line breaks,
and either kind of line end. Writes what any spreadsheet opens as it is: CRLF between rows, and a byte order mark where a
character is not ASCII, without which Excel garbles it.

A spreadsheet runs a cell that begins with one of `= + - @`, tab, carriage return; it takes a leading `'` away. So each of
these is written with one `'` before it, and that one is taken off again when it is read.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.core.errors import InputError
from reconciler.core.field_types import Date
from reconciler.core.text import printable
from reconciler.core.values import SourceMark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

BYTES_LIMIT: Final = 64_000_000
DELIMITERS: Final = (",", ";", "\t")
_IDENTITIES: Final = ("CustomerID", "Name")

_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_RUN: Final = ("=", "+", "-", "@", "\t", "\r", "'")
_SEPARATOR_LINE: Final = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_SHORTENED: Final = re.compile(r"-?\d(?:[.,]\d+)?E[+-]\d{2,}", re.ASCII)
_SLASHED: Final = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}(?: .*)?", re.ASCII)
_FAILED: Final = re.compile(r"#+|#(?:N/A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!)")


@dataclass(frozen=True, slots=True)
class CellMark(SourceMark):
    """A cell of a spreadsheet, shown as spreadsheets name it: `changes.csv:C3`. Line is the row, from 1 with the header."""

    def __str__(self) -> str:
        return f"{self.file}:{column_letters(self.column)}{self.line}"


class Cell(NamedTuple):
    """A text and where it stands; `safe` is one that was written with a `'` before it, so it is that text and no word for us."""

    text: str
    mark: CellMark
    safe: bool = False


class Sheet(NamedTuple):
    """The header, and the rows below it that are not empty; a row is as long as the header or shorter, or longer."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


def read_sheet(content: bytes, file: str) -> Sheet:
    """The cells of a file; `file` is its name in messages. Raises `InputError` for one that is not a table."""
    text = _decoded(content, file)
    if found := _SEPARATOR_LINE.match(text):
        text, delimiter = text[found.end() :], found[1]
    else:
        delimiter = max(DELIMITERS, key=lambda it: _fits(text, it))
    shift = 1 if found else 0
    rows = [
        tuple(
            _cell(cell, CellMark(file, number + shift, column)) for column, cell in enumerate(record, start=1)
        )
        for number, record in enumerate(_records(text, delimiter, file), start=1)
    ]
    if not rows or not any(cell.text for cell in rows[0]):
        raise InputError(
            f"reading {file}: its first row names no attribute",
            advice="write CustomerID and attributes there, as `reconciler list --format csv` does",
        )
    return Sheet(rows[0], tuple(row for row in rows[1:] if any(cell.text for cell in row)))


def write_sheet(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The table as CSV; `read_sheet` gives back each text."""
    output = StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    for row in (header, *rows):
        writer.writerow([f"'{text}" if text.startswith(_RUN) else text for text in row])
    text = output.getvalue()
    return text.encode("ascii") if text.isascii() else text.encode("utf-8-sig")


def damage(text: str, earlier: str) -> str:
    """What a spreadsheet seems to have done to a text, so that it is not what a person wrote; or nothing.

    `earlier` is what YAML says. A text that cannot be told from one that was meant is left alone.
    """
    if _FAILED.fullmatch(text):
        return "is what a spreadsheet shows for a value it cannot show or compute"
    if _SHORTENED.fullmatch(text):
        return "is a long number as a spreadsheet shortens it, and digits are lost: format the column as text"
    if earlier != text and earlier.startswith("0") and earlier.lstrip("0") == text:
        return (
            "is YAML's value without the zeros in front, which a spreadsheet drops: format the column as text"
        )
    day = Date().parse
    if (
        _SLASHED.fullmatch(text)
        and not _SLASHED.fullmatch(earlier)
        and day(earlier)
        and day(earlier) == day(text)
    ):
        return "is YAML's date in a spreadsheet's form: format the column as text"
    if text in {"TRUE", "FALSE"} and earlier != text and earlier.upper() == text:
        return "is YAML's value in capitals, as a spreadsheet writes it: format the column as text"
    return ""


def is_slashed_date(text: str) -> bool:
    """Whether a text is a date of which nobody can tell the month from the day."""
    return _SLASHED.fullmatch(text) is not None


def column_letters(number: int) -> str:
    """A column as spreadsheets name it: 1 is A, 27 is AA."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = _LETTERS[rest] + letters
    return letters


def _decoded(content: bytes, file: str) -> str:
    """The text without its byte order mark."""
    if len(content) > BYTES_LIMIT:
        raise InputError(f"reading {file}: it is larger than {BYTES_LIMIT // 1_000_000} MB")
    encoding = next((it for mark, it in _BOMS if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in content[:4]:
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{content[error.start]:02X} at offset {error.start}, about row {row}, is not {encoding.upper()}"
        raise InputError(
            f"reading {file}: {what}",
            advice="save it as CSV UTF-8; an older CSV garbles letters beyond ASCII",
        ) from None
    if "\0" in text:
        raise InputError(f"reading {file}: it contains the character U+0000, so it is not a CSV file")
    return text


def _fits(text: str, delimiter: str) -> tuple[bool, int]:
    """How well a delimiter parts the header: whether a column names the customer, for a field's name may contain a comma; how many."""
    try:
        names = next(csv.reader(StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return False, 0
    return any(it.strip() in _IDENTITIES for it in names), len(names)


def _records(text: str, delimiter: str, file: str) -> Iterator[list[str]]:
    """The rows as the csv module reads them."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            record = next(reader, None)
        except csv.Error as error:
            what = f"row {number} cannot be read ({printable(str(error))})"
            raise InputError(
                f"reading {file}: {what}",
                advice="close every quote; a quote inside a quoted cell is written twice",
            ) from None
        if record is None:
            return
        yield record


def _cell(written: str, mark: CellMark) -> Cell:
    """A cell as it was before it was made harmless, with the line breaks of a file."""
    safe = written.startswith("'") and written[1:].startswith(_RUN)
    return Cell(written[safe:].replace("\r\n", "\n"), mark, safe)
