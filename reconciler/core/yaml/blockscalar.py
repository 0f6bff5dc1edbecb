"""The characters of a value -> the tag in front of it and the parts of a block scalar. Pure.

For whoever writes a value in place of another and must keep how it was laid out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_TAG: Final = re.compile(r"!\S*\s+")
_BLOCK: Final = re.compile(
    r"(?P<mark>[|>][1-9+-]{0,2})(?P<rest>[^\r\n]*)(?P<newline>\r?\n|\Z)(?P<lines>.*)", re.DOTALL
)
_TEXT_LINE: Final = re.compile(r"^( *)[^ \r\n]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class BlockParts:
    """A block scalar as it is written.

    `mark` is the sign and its indicators, `rest` what else stands on that line (a comment, perhaps), `newline` that
    line's end, `lines` all below it. `indent` is how far the lines are indented, None where none holds any text.
    """

    mark: str
    rest: str
    newline: str
    lines: str
    indent: int | None


def tag_in_front(characters: str) -> str:
    """The tag that a value's characters begin with, and the space behind it; or nothing."""
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
