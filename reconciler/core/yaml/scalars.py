"""Text -> the characters that write it in YAML, so that the strict reader gives back exactly that text; and the way back.

Plain where nothing can be misread, else single quotes, else double quotes with escapes; a block scalar
where one was asked for and can hold the text, None where it cannot. The way back (`tag_in_front`, `block_parts`) takes
a value's characters apart, for whoever writes another text in its place and must keep its layout. Chooses no place and
reads no file; which texts a file may hold at all is decided in `customers.validation`. This module is pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reconciler.core.yaml.nodes import Style

# A minus in front of a number or a word is no list item; every other indicator in front gets quotes.
_FIRST: Final = re.compile(r"""(?:-(?=[0-9A-Za-z.])|[^\s\-?:,\[\]{}#&*!|>'"%@`])""")
_MISREAD: Final = re.compile(r": |:\Z| #|[\n\t]|\A(?:\.\.\.|<<\Z|~\Z)|\Anull\Z", re.IGNORECASE)
_FLOW_MARKS: Final = re.compile(r"[,\[\]{}?:]")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
_BREAKS: Final = re.compile(r"\n+")
_TAG: Final = re.compile(r"!\S*\s+")
_BLOCK: Final = re.compile(
    r"(?P<mark>[|>][1-9+-]{0,2})(?P<rest>[^\r\n]*)(?P<newline>\r?\n|\Z)(?P<lines>.*)", re.DOTALL
)
_TEXT_LINE: Final = re.compile(r"^( *)[^ \r\n]", re.MULTILINE)


def token(text: str, *, flow: bool = False) -> str:
    """The text as a value or a key: plain, else in single quotes, else in double quotes.

    `flow` says that it stands between `{` and `}`, where more characters have a meaning. Empty is `""`.
    """
    if may_be_plain(text, flow=flow):
        return text
    return single(text) if text and may_be_single(text) else double(text)


def styled(text: str, style: Style, *, flow: bool = False) -> str:
    """The text in the quotes it had; in others where those cannot say it."""
    if style == "double":
        return double(text)
    return single(text) if style == "single" and may_be_single(text) else token(text, flow=flow)


def may_be_plain(text: str, *, flow: bool = False) -> bool:
    """Whether the bare text reads as itself and as nothing else, for the reader and for other YAML tools."""
    if not _FIRST.match(text) or text != text.strip() or _MISREAD.search(text):
        return False
    return not (flow and _FLOW_MARKS.search(text))


def may_be_single(text: str) -> bool:
    """Whether single quotes can say the text on one line, with no invisible character in it."""
    return "\n" not in text and "\t" not in text


def single(text: str) -> str:
    """The text in single quotes."""
    return "'" + text.replace("'", "''") + "'"


def double(text: str) -> str:
    """The text in double quotes, on one line."""
    return '"' + "".join(_ESCAPES.get(character, character) for character in text) + '"'


@dataclass(frozen=True, slots=True)
class BlockForm:
    """How a block scalar is laid out: its mark and indicators (`|2-`), its indentation and its line ends."""

    mark: str
    indent: int
    newline: str = "\n"

    @property
    def keeps(self) -> bool:
        """Whether the line breaks at the end belong to the text."""
        return "+" in self.mark

    @property
    def folds(self) -> bool:
        """Whether a single line break is read as a space."""
        return self.mark.startswith(">")

    @property
    def explicit(self) -> bool:
        """Whether the indentation is written down, so that a first line may begin with a space."""
        return any(character.isdigit() for character in self.mark)


def block_lines(text: str, form: BlockForm) -> str | None:
    """The lines below a block scalar's mark, without the break that ends the last; None where they cannot say it.

    With a mark that keeps line breaks, the one that ends the last line is part of the text.
    """
    if form.keeps:
        if not text.endswith("\n"):
            return None
        text = text[:-1]
    elif text.endswith("\n"):
        return None
    said, ending = text.rstrip("\n"), text[len(text.rstrip("\n")) :]
    lines = said.split("\n")
    if any(not line.strip(" \t") for line in (lines[0], *filter(None, lines))):
        return None
    indented = [line.startswith((" ", "\t")) for line in lines]
    if any(indented) if form.folds else indented[0] and not form.explicit:
        return None
    if form.folds:
        # A break between two lines of text is a space when it stands alone; one more is written for each run.
        said = _BREAKS.sub(lambda run: run[0] + "\n", said)
    pad = " " * form.indent
    return form.newline.join(pad + line if line else "" for line in (said + ending).split("\n"))


def key_with_text(key: str, text: str, indent: int = 0, *, block: bool = True) -> str:
    """A key and its text in block style, without a line break at the end; `indent` is that of the key.

    A text of several lines is a block scalar, unless `block` says that there may be none.
    """
    front = " " * indent + token(key) + ":"
    lines = block_lines(text, BlockForm("|", indent + 2)) if block and "\n" in text else None
    return f"{front} {token(text)}" if lines is None else f"{front} |\n{lines}"


@dataclass(frozen=True, slots=True)
class BlockParts:
    """A block scalar as it is written.

    `mark` is the sign and its indicators, `rest` what else stands on that line (a comment, perhaps), `newline` that
    line's end, `lines` all below it. `indent` is how far the lines are indented, None where all are empty.
    """

    mark: str
    rest: str
    newline: str
    lines: str
    indent: int | None


def tag_in_front(characters: str) -> str:
    """The tag that a value's characters begin with, and the space after it; or nothing."""
    tag = _TAG.match(characters)
    return tag[0] if tag else ""


def block_parts(characters: str, said: str) -> BlockParts | None:
    """The parts of a block scalar that says a text; None for any other value."""
    parts = _BLOCK.match(characters)
    return parts and BlockParts(**parts.groupdict(), indent=_indent(parts["lines"], said))


def _indent(lines: str, said: str) -> int | None:
    """Spaces beyond the indentation belong to the text, so what its own first line begins with does not count."""
    written, text = _TEXT_LINE.search(lines), _TEXT_LINE.search(said)
    return len(written[1]) - len(text[1]) if written and text else None
