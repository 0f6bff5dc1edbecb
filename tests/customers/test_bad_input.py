"""The catalogue of bad input, row by row: each is refused at its place, warned about, or kept as written.

Rows that are not here belong elsewhere: B51 needs a read of RPM, B54 the settings, B76 to B85 a folder, B86
git; B42 is a list of customers, which these files do not have; B39 was decided the other way (several
documents are allowed). B16 (`""` clears) and B37, B38, B43 to B48 are in the table too, though the bounds
themselves are held in `test_yamltext`.
"""

from __future__ import annotations

import pytest

from reconciler.core.field_types import Date, FieldType, ListOf, Number
from reconciler.customers.manifest import Manifest, read_files

WAYS: dict[str, FieldType] = {
    "Fields.date": Date(),
    "Fields.number": Number(),
    "Fields.Tier": ListOf(("Gold", "Silver")),
}
PLACE = "c/0.yaml"


def read(*texts: str | bytes) -> Manifest:
    contents = [text if isinstance(text, bytes) else text.encode() for text in texts]
    return read_files([(f"c/{number}.yaml", content) for number, content in enumerate(contents)], WAYS)


def rows(*table: tuple[object, ...]) -> pytest.MarkDecorator:
    """Parametrise by rows whose first column is the row's id in the catalogue."""
    columns = {2: "text", 3: "text, wanted", 4: "text, place, message"}[len(table[0])]
    return pytest.mark.parametrize(columns, [pytest.param(*row[1:], id=str(row[0])) for row in table])


def field(value: str, name: str = "x") -> str:
    return f"Name: A\nFields:\n  {name}: {value}\n"


@rows(
    *(("B01", value) for value in ["NO", "No", "n"]),
    *(("B02", value) for value in ["Yes", "on", "OFF", "y", "true", "False"]),
    *(("B03", value) for value in ["02134", "007"]),
    ("B04", "08540"),
    *(("B05", value) for value in ["12:30", "190:20:30", "12:30:45"]),
    *(("B06", value) for value in ["1_000", "0x1F", "0b11", "0o17"]),
    *(("B07", value) for value in ["+15551234567", "5551234567"]),
    *(("B08", value) for value in ["1.10", "1e3", "1E3", "1."]),
    *(("B09", value) for value in [".inf", "-.Inf", ".nan"]),
    *(("B10", value) for value in ["12345678901234567890", "0.1234567890123456789"]),
    *(("B11", value) for value in ["2024-01-02", "2024-01-02T00:00:00Z"]),
    *(("B12", value) for value in ["2024-13-45", "9999-99-99"]),
    ("B13", "2001-12-14t21:59:43-99:99"),
    *(("B14", value) for value in ["NULL", "Null", "nULL"]),
    ("B22", "="),
    ("B47", "7" * 4999),
    ("B72", "👩🏽‍🚀 𝔄 日本"),
)
def test_bad_input_kept_as_written(text: str) -> None:
    read_back = read(field(text))
    assert read_back.problems == ()
    assert read_back.customers[0].values["Fields.x"] == text


@rows(
    ("B16", "Name: A\nWebsite: ''\n", ("Website", "")),
    ("B25", "Name: A\nAddress: >\n  1 Main St\n  Suite 5\n", ("Address", "1 Main St Suite 5")),
    ("B24", "Name: A\nAddress: |\n  1 Main St\n  Suite 5\n", ("Address", "1 Main St\nSuite 5")),
    ("B24-keep", "Name: A\nAddress: |+\n  1 Main St\n", ("Address", "1 Main St\n")),
    ("B31", "Name: A\nFields: {yes: a}\n", ("Fields.yes", "a")),
    ("B31-number", "Name: A\nFields: {1: a}\n", ("Fields.1", "a")),
    ("B31-tilde", "Name: A\nFields: {~: a}\n", ("Fields.~", "a")),
    ("B35-str", "Name: !!str 012\n", ("Name", "012")),
    ("B38-12", "%YAML 1.2\n---\nName: A\n", ("Name", "A")),
    ("B39", "---\nName: A\n---\nName: B\n", ("Name", "A")),
    ("B56", "\ufeffName: A\n", ("Name", "A")),
    ("B66", "Name: Cafe\u0301\n", ("Name", "Cafe\u0301")),
    ("B75-crlf", "Name: A\r\nAddress: |\r\n  x\r\n  y\r\n", ("Address", "x\ny")),
    ("B75-mixed", "Name: A\r\nAddress: |\n  x\r\n  y", ("Address", "x\ny")),
    ("B75-escaped", 'Name: A\nAddress: "x\\r\\ny"', ("Address", "x\ny")),
)
def test_bad_input_that_is_not_bad(text: str, wanted: tuple[str, str]) -> None:
    read_back = read(text)
    assert read_back.problems == ()
    attribute, value = wanted
    assert read_back.customers[0].values[attribute] == value


@rows(
    ("B09", field(".inf", "number"), "3:11", "not of its type (number)"),
    ("B10", field("1234567890e5", "number"), "3:11", "not of its type (number)"),
    ("B12", field("2024-13-45", "date"), "3:9", "not of its type (date)"),
    ("B13", field("2001-12-14t21:59:43-99:99", "date"), "3:9", "not of its type (date)"),
    ("B14-tilde", "Name: ~", "1:7", "has no value"),
    ("B14-null", "Name: A\nWebsite: null", "2:10", 'write "" to clear it'),
    ("B15", "Name: A\nWebsite:\n", "2:9", 'write "" to clear it in RPM, or remove the line'),
    ("B18", "Name: &Co", "1:7", "an anchor (&) is not allowed: quote"),
    ("B19-star", "Name: *star", "1:7", "quote it"),
    ("B19-at", "Name: @x", "1:7", "quote it"),
    ("B19-tick", "Name: `x`", "1:7", "quote it"),
    ("B19-percent", "Name: %x", "1:7", "quote it"),
    ("B19-bang", "Name: !x", "1:7", "quote the text"),
    ("B19-brace", "Name: {x", "1:7", "quote it"),
    ("B19-bracket", "Name: [x", "1:7", "quote it"),
    ("B20", "Name: A: B", "1:8", "quote it"),
    ("B21", "Name: 'A' B", "1:11", "quote the whole text"),
    ("B21-open", 'Name: "A', "1:7", "never closed"),
    ("B23-dash", "Name: - ", "1:7", "quote it"),
    ("B23-item", "Name: - x", "1:7", "quote it"),
    ("B23-question", "Name: ? x", "1:7", "quote it"),
    ("B24-name", "Name: |\n  A\n  B\n", "1:7", "must be one line"),
    ("B26-space", 'Name: "x "', "1:7", "white space"),
    ("B26-nbsp", "Name: '\xa0x'", "1:7", "white space"),
    ("B27", "Name: A\n\tWebsite: x", "2:1", "tab"),
    ("B27-inside", "Name: A\tB", "1:8", "tab"),
    ("B28", "Name: A\nWebsite: x\nName: B", "3:1", 'the key "Name" is on line 1 already and again on line 3'),
    ("B29", "Name: A\nFields: {Yes: a, yes: b}", "2:18", 'is "Yes" of line 2 again'),
    ("B30", "Name: A\nFields:\n  Tier: Gold\n  'tier ': Gold", "4:3", 'is "Tier" of line 3 again'),
    ("B31-complex", "Name: A\nFields: {[a]: x}", "2:10", "a key must be text"),
    ("B31-missing", "Name: A\nFields:\n  ? \n  : x", "3:4", "a key is missing"),
    ("B32", "Name: A\n<<: {Website: x}", "2:1", "merge keys"),
    ("B33", "Name: A\nWebsite: *x", "2:10", "alias"),
    ("B33-recursive", "Name: A\nFields: &a [*a]", "2:9", "anchor"),
    ("B34", "Name: A\nFields:\n  a: &a [x]\n  b: &b [*a, *a]\n", "3:6", "anchor"),
    *((f"B35-{tag}", f"Name: !{tag} x", "1:7", "a tag (!) is not allowed")
      for tag in ["!python/object/apply:os.system", "foo", "include", "!binary", "!set", "!omap", "<x>"]),
    *((f"B36-{tag}", f'Name: !!{tag} ""', "1:7", "a tag (!) is not allowed")
      for tag in ["int", "bool", "timestamp", "float"]),
    ("B37-overflow", r'Name: "\UFFFFFFFF"', "1:8", "names no character"),
    ("B37", r'Name: "\U00110000"', "1:8", "names no character"),
    ("B38", "%YAML 1." + "9" * 5000 + "\n---\nName: A", "1:1", "only the directives"),
    ("B38-tag", "%TAG ! tag:x,2000:\n---\nName: A", "1:1", "only the directives"),
    ("B40", "", "1:1", "contains no customer"),
    ("B40-comment", "# Name: A\n", "1:1", "contains no customer"),
    ("B41", "- Name: A", "1:1", "a list: write one customer"),
    ("B41-scalar", "42", "1:1", "not a customer"),
    ("B42", "Name: A\nFields: [x]", "2:9", "`Fields` takes lines of `field name: value`"),
    ("B43", "[" * 50_000, "1:21", "more than 20 levels"),
    ("B44", "- " * 100_000, "1:41", "more than 20 levels"),
    ("B44-key", "? " * 100_000, "1:41", "more than 20 levels"),
    ("B45", "[" * 10_000 + "]" * 10_000, "1:21", "more than 20 levels"),
    ("B46", b"#" * 2_000_000, "1:1", "at most 1,000,000 are read"),
    ("B46-scalar", "Name: " + "x" * 10_001, "1:7", "at most 10,000 are read"),
    ("B47", "CustomerID: " + "7" * 5000 + "\nName: A", "1:13", "only digits"),
    ("B48", "\n".join(" " * level + "a:" for level in range(900)), "21:21", "more than 20 levels"),
    ("B49", "Name: A\nadress: x", "2:1", 'did you mean "Address"?'),
    ("B50", "Name: [A]", "1:7", "takes a text, not a list"),
    ("B52", field("Gld", "Tier"), "3:9", 'did you mean "Gold"?'),
    *((f"B53-{name}", f"Name: A\n{name}: x", "2:1", "cannot be set here")
      for name in ["Modified", "Added", "Accounts"]),
    ("B55", "Name: " + "x" * 65, "1:7", "has 65 characters; RPM keeps at most 64"),
    ("B57", "Name: A\n\ufeffWebsite: x", "2:1", "U+FEFF (ZERO WIDTH NO-BREAK SPACE)"),
    ("B58", "\ufeffName: A".encode("utf-16-le"), "1:1", "save it as UTF-8"),
    ("B58-be", "\ufeffName: A".encode("utf-16-be"), "1:1", "save it as UTF-8"),
    ("B58-32", "Name: A".encode("utf-32-be"), "1:1", "save it as UTF-8"),
    ("B58-bare", "Name: A".encode("utf-16-le"), "1:1", "save it as UTF-8"),
    ("B59", "Name: A\nWebsite: Café".encode("latin-1"), "2:13", "byte 0xE9 at offset 20 is not UTF-8"),
    ("B60-nul", "Name: A\0", "1:8", "U+0000"),
    ("B60-esc", "Name: \x1b[31m", "1:7", "U+001B"),
    ("B60-del", "Name: A\x7f", "1:8", "U+007F"),
    ("B60-c1", "Name: A\x9b", "1:8", "U+009B"),
    ("B61-nul", r'Name: "A\0"', "1:7", "U+0000"),
    ("B61-esc", r'Name: "\x1b[31m"', "1:7", "U+001B"),
    ("B61-del", r'Name: "\x7f"', "1:7", "U+007F"),
    ("B61-nel", r'Name: "\x85"', "1:7", "U+0085"),
    ("B61-cr", 'Name: A\nAddress: "a\\rb"', "2:10", "U+000D"),
    ("B61-key", 'Name: A\nFields: {"\\e": x}', "2:10", "U+001B"),
    ("B62", r'Name: "\ud800"', "1:7", "U+D800 (lone surrogate)"),
    *((f"B63-{ord(mark):04X}", f"Name: A{mark}B", "1:8", f"U+{ord(mark):04X}")
      for mark in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"),
    ("B63-escape", r'Name: "A\u202eB"', "1:7", "U+202E (RIGHT-TO-LEFT OVERRIDE)"),
    ("B63-comment", "Name: A # \u202e", "1:11", "U+202E"),
    ("B64-ls", "Name: A\u2028Website: x", "1:8", "U+2028"),
    ("B64-ps", "Name: A\u2029Website: x", "1:8", "U+2029"),
    ("B64-nel", "Name: A\x85Website: x", "1:8", "U+0085"),
    ("B64-cr", "Name: A\rWebsite: x", "1:8", "U+000D (line break (CR))"),
    *((f"B65-{ord(mark):04X}", f"Name: A{mark}B", "1:7", "which is invisible: remove it")
      for mark in "\u200b\u200c\u200d\u2060\U000e0041\xad"),
    ("B65-selector", "Name: A\ufe0f", "1:7", "which is invisible: remove it"),
    ("B65-selector-first", "Name: \ufe0fA", "1:7", "which is invisible: remove it"),
    ("B65-field", "Name: A\nFields: {T\u200bier: Gold}", "2:10", "which is invisible: remove it"),
    ("B74", "Name: e" + "\u0301" * 9, "1:7", "more than 8 marks on one letter"),
    ("B81", "<<<<<<< HEAD\nName: A\n=======\nName: B\n>>>>>>> x\n", "1:1", "merge conflict"),
    ("B85", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", "1:1", "Git LFS pointer"),
)  # fmt: skip
def test_bad_input(text: str | bytes, place: str, message: str) -> None:
    problems = read(text).problems
    first = problems[0]
    assert str(first.mark) == f"{PLACE}:{place}"
    assert message in first.message
    assert first.message.isprintable()


@rows(
    ("B14", "Name: NULL", "1:7", "is the text NULL"),
    ("B14-quoted", "Name: 'null'", "1:7", "is the text null"),
    ("B17", "Name: A\nAddress: Suite 5 #400", "2:10", "which begins a comment: quote the whole text"),
    ("B26", "Name: A\nAddress: ' x'", "2:10", "white space"),
    ("B65", "Name: A\nAddress: a\u200bb", "2:10", "which is invisible"),
    ("B68", "Name: P\u0430yPal", "1:7", "mixes letters of several alphabets"),
    ("B69-wide", "Name: A\uff26", "1:7", "looks like another character"),
    ("B69-ligature", "Name: A\ufb01", "1:7", "looks like another character"),
    ("B69-circled", "Name: A①", "1:7", "looks like another character"),
    (
        "B71-quotes",
        "Name: “Acme”",
        "1:7",
        "is in typographic quotes (U+201C (LEFT DOUBLE QUOTATION MARK) and",
    ),
    ("B71-quotes", "Name: A\nFields:\n  Note: ‚Gold‘", "3:9", '"Fields.Note" is in typographic quotes'),
    ("B69-nbsp", "Name: A\xa0B", "1:7", "looks like another character"),
    ("B73-private", "Name: A\nAddress: a\ue000", "2:10", "for private use"),
    ("B73-unassigned", "Name: A\nAddress: a\u0378", "2:10", "not assigned"),
)
def test_bad_input_warned(text: str, place: str, message: str) -> None:
    read_back = read(text)
    assert read_back.problems == ()
    (warning,) = read_back.warnings
    assert str(warning.mark) == f"{PLACE}:{place}"
    assert message in warning.message
    assert warning.warning


@rows(
    ("B67-cyrillic", ("Name: Acme", "Name: \u0410\u0441me Ltd"), ()),
    ("B67", ("Name: Bob", "Name: \u0412\u043e\u042c"), ()),
    ("B67-greek", ("Name: ABE", "Name: \u0391\u0392\u0395"), ("looks like",)),
    ("B69", ("Name: A1", "Name: A①"), ("differs only in compatibility characters",)),
    ("B70-dotless", ("Name: ilik", "Name: ılık"), ("looks like",)),
    ("B71-apostrophe", ("Name: Bob's", "Name: Bob’s"), ("looks like",)),
    ("B71-hyphen", ("Name: A-B", "Name: A\u2011B"), ("looks like",)),
)
def test_bad_input_colliding_is_warned(text: tuple[str, str], wanted: tuple[str, ...]) -> None:
    read_back = read(*text)
    assert read_back.problems == ()
    colliding = [warning.message for warning in read_back.warnings if f"{PLACE}:1:7" in warning.message]
    assert len(colliding) == len(wanted)
    assert all(part in message for part, message in zip(wanted, colliding, strict=True))


@rows(("B66", ("Name: Caf\xe9", "Name: Cafe\u0301")), ("B70", ("Name: Straße", "Name: STRASSE")))
def test_bad_input_colliding_is_refused(text: tuple[str, str]) -> None:
    (problem,) = read(*text).problems
    assert str(problem.mark) == "c/1.yaml:1:7"
    assert f"{PLACE}:1:7" in problem.message


def test_a_character_refused_often_is_reported_once() -> None:
    """B60: a binary file is one problem for each character it should not hold, not thousands."""
    problems = read("Name: " + "\x01\x02" * 1000).problems
    assert [problem.mark.column for problem in problems] == [7, 8]


@rows(("B72", "Name: Rocket 🚀"), ("B72-selector", "Name: Love ❤\ufe0f"), ("B72-rtl", "Name: שלום"))
def test_good_input_is_not_doubted(text: str) -> None:
    read_back = read(text)
    assert (read_back.problems, read_back.warnings) == ((), ())
