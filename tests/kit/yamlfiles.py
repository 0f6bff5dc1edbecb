"""Customer files as people write them: comments everywhere, odd spacing, every style, several documents.

Written by hand here, piece by piece, so that a test knows which characters are a value without asking the code it tests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import DrawFn

TEXTS = st.sampled_from(
    ["", "NO", "01234", "~", "null", "NULL", "a: b", "x #y", "#1", "- x", "-5", "---", "it's", 'say "hi"', "back\\slash",
     " spaced ", "trailing:", "[x", "{x}", "a, b", "&a", "*b", "!c", "%d", "@e", "`f", "? g", "Ünïcode 😀", "=", "<<",
     "2026-04-16", "tab\there", "line\none", "line\n\n  two\nthree", "ends\n", "\nbegins", "  a\nb", "a\n \nb", "x\n---\ny",
     "...", "'", '"', ":", "a:b", "? ", "|", ">-", "# not a comment\nsecond # neither", "é", "a\n\tb"]
)  # fmt: skip
TEXTS |= st.text(st.sampled_from("ab :#-'\"\\\n\t,[]{}&*!|>%@`?é"), max_size=12)
ONE_LINE = TEXTS.filter(lambda text: not re.search(r"[\n\t]", text) and text == text.strip() and text != "")
WEBSITES = ONE_LINE
PLAIN = st.sampled_from(
    ["Gold", "two words", "https://x.example/a#b", "01234", "yes", "a-b", "Ünïcode", "1,200"]
)
FIELDS = ("Tier", "Notes: all", "Zip", "it's", "#odd")


@dataclass
class YamlFile:
    """A file as pieces: characters, and whose value they are, or nobody's.

    `values` is what the file says of its customers, in order; a customer's id is its place from 1.
    """

    pieces: list[tuple[str, tuple[int, str] | None]] = field(default_factory=list)
    values: list[dict[str, str]] = field(default_factory=list)
    newline: str = "\n"
    mark: str = ""
    comments: int = 0
    floor: int = 99

    @property
    def content(self) -> bytes:
        """The file's bytes."""
        return (self.mark + "".join(text for text, _ in self.pieces).replace("\n", self.newline)).encode()

    def pattern(self, edited: Mapping[int, Mapping[str, str]]) -> re.Pattern[str]:
        """What the file may be after an edit: anything for the values edited, all else to the byte."""
        parts = [
            "(?s:.*?)" if owner and owner[1] in edited.get(owner[0], {}) else re.escape(self._ended(text))
            for text, owner in self.pieces
        ]
        return re.compile(re.escape(self.mark) + "".join(parts))

    def _ended(self, text: str) -> str:
        return text.replace("\n", self.newline)

    def say(self, text: str) -> None:
        """Characters that are nobody's value."""
        self.pieces.append((text, None))

    def comment(self) -> str:
        """A comment like no other."""
        self.comments += 1
        return f"# remark {self.comments}: 'x' {{y}}, \"z"


@st.composite
def customer_files(draw: DrawFn) -> YamlFile:
    """A file that the strict reader takes."""
    made = YamlFile(
        newline=draw(st.sampled_from(["\n", "\r\n"])), mark=draw(st.sampled_from(["", "", "\ufeff"]))
    )
    count = draw(st.integers(1, 3))
    for index in range(count):
        _lines(draw, made, "")
        if index or draw(st.booleans()):
            made.say(
                draw(
                    st.sampled_from(["---\n", "--- " + made.comment() + "\n", "...\n---\n"])
                    if index
                    else st.just("---\n")
                )
            )
        made.values.append({})
        flow = draw(st.integers(0, 4)) == 0
        (_flow_document if flow else _block_document)(draw, made, index)
    return made


def _lines(draw: DrawFn, made: YamlFile, pad: str) -> None:
    """Some blank lines and comments; after a block scalar, none so far right that it would be its text."""
    pad = pad[: made.floor]
    for kind in draw(st.lists(st.sampled_from(["blank", "comment"]), max_size=2)):
        made.say("\n" if kind == "blank" else f"{pad}{made.comment()}\n")


def _block_document(draw: DrawFn, made: YamlFile, index: int) -> None:
    """A customer in block style, its keys in any order."""
    keys = ["Name", *draw(st.sets(st.sampled_from(["CustomerID", "Website", "Address", "Fields"])))]
    for key in draw(st.permutations(sorted(keys))):
        _lines(draw, made, draw(st.sampled_from(["", "", "   "])) if made.pieces else "")
        if key == "Fields":
            _fields(draw, made, index)
        elif key == "CustomerID":
            made.say(f"CustomerID: {index + 1}")
            _ended(draw, made)
        else:
            texts = st.just(f"Customer {index}") if key == "Name" else WEBSITES if key == "Website" else TEXTS
            made.say(key + ":")
            _value(draw, made, (index, key), draw(texts), 0)


def _fields(draw: DrawFn, made: YamlFile, index: int) -> None:
    """The custom fields, in either style."""
    names = draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=4, unique=True))
    if draw(st.integers(0, 4)) == 0:
        made.say("Fields: {")
        _flow_entries(draw, made, [(json_like(name), (index, f"Fields.{name}")) for name in names])
        made.say("}")
        _ended(draw, made)
        return
    made.say("Fields:")
    _ended(draw, made)
    indent = draw(st.sampled_from([1, 2, 4]))
    for name in names:
        _lines(draw, made, " " * draw(st.sampled_from([0, indent])))
        key = name if name in {"Tier", "Zip", "it's"} else json_like(name)
        made.say(" " * indent + key + draw(st.sampled_from([":", " :"])))
        _value(draw, made, (index, f"Fields.{name}"), draw(TEXTS), indent)
    _lines(draw, made, " " * indent)


def _value(draw: DrawFn, made: YamlFile, owner: tuple[int, str], text: str, indent: int) -> None:
    """A value in one of the styles that can say it, to the end of its line."""
    styles = ["double"]
    if not re.search(r"[\n\t]", text):
        styles.append("single")
    lines = text.split("\n")
    if text and all(line and line == line.strip() for line in lines):
        styles += ["literal", "literal", "folded"] if len(lines) == 1 else ["literal", "literal"]
    style = draw(st.sampled_from(styles))
    if draw(st.integers(0, 3)) == 0 and owner[1] != "Name":
        text, style = draw(PLAIN), "plain"
    made.values[owner[0]][owner[1]] = text
    if style in {"literal", "folded"}:
        _block(draw, made, owner, text, (style, indent))
        return
    made.say(draw(st.sampled_from([" ", "   ", " " + made.comment() + "\n" + " " * (indent + 2)])))
    made.pieces.append((quoted(text, style), owner))
    _ended(draw, made)


def _block(draw: DrawFn, made: YamlFile, owner: tuple[int, str], text: str, form: tuple[str, int]) -> None:
    """A block scalar; its mark and its lines are the value, a comment between the two is not."""
    style, indent = form
    width = draw(st.integers(1, 4))
    digits = draw(st.sampled_from(["", str(width)]))
    mark = ("|" if style == "literal" else ">") + digits + draw(st.sampled_from(["", "-"]))
    made.say(" ")
    made.pieces.append((mark, owner))
    made.say(draw(st.sampled_from(["", "  " + made.comment()])))
    pad = " " * (indent + width)
    made.pieces.append(("\n" + "\n".join(pad + line for line in text.split("\n")), owner))
    made.say("\n" + draw(st.sampled_from(["", "\n"])))
    made.floor = indent


def _ended(draw: DrawFn, made: YamlFile) -> None:
    """The end of a line, with or without a comment."""
    made.floor = 99
    made.say(draw(st.sampled_from(["", " ", f"  {made.comment()}", f" {made.comment()}"])) + "\n")


def _flow_document(draw: DrawFn, made: YamlFile, index: int) -> None:
    """A customer between braces."""
    made.values[index]["Name"] = f"Customer {index}"
    made.say(f"{{CustomerID: {index + 1}, ")
    entries = [("Name", (index, "Name"))]
    if draw(st.booleans()):
        entries.append(("Address", (index, "Address")))
    _flow_entries(draw, made, entries)
    made.say("}\n")


def _flow_entries(draw: DrawFn, made: YamlFile, entries: list[tuple[str, tuple[int, str]]]) -> None:
    """`key: value` with commas between, over several lines perhaps."""
    for place, (key, owner) in enumerate(entries):
        if place:
            made.say(draw(st.sampled_from([", ", ",", f", {made.comment()}\n  "])))
        text = made.values[owner[0]].get(owner[1]) or draw(TEXTS)
        made.values[owner[0]][owner[1]] = text
        made.say(key + ": ")
        made.pieces.append((quoted(text, "double"), owner))


def json_like(text: str) -> str:
    """The text in double quotes."""
    return quoted(text, "double")


def quoted(text: str, style: str) -> str:
    """The text in a flow style."""
    if style == "plain":
        return text
    if style == "single":
        return "'" + text.replace("'", "''") + "'"
    for plain, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(plain, escape)
    return f'"{text}"'
