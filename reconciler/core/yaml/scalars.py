"""Text -> the characters that say it in YAML, so that the strict reader gives back exactly that text.

Plain where nothing can be misread, else single quotes, else double quotes with escapes; a block scalar
where one was asked for and can say the text, None where it cannot. Chooses no place and reads no file; which texts
a file may hold at all is `holdable`'s. This module is pure.
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
    """Whether single quotes can say the text on one line, with nothing in it that nobody sees."""
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
    def normalize_name(self) -> bool:
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
    if any(indented) if form.normalize_name else indented[0] and not form.explicit:
        return None
    if form.normalize_name:
        # A break between two lines of text is a space when it stands alone; one more is written for each run.
        said = _BREAKS.sub(lambda run: run[0] + "\n", said)
    pad = " " * form.indent
    return form.newline.join(pad + line if line else "" for line in (said + ending).split("\n"))
