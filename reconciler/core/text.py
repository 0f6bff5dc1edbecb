r"""Text from anywhere -> text that is safe to look at, in a terminal, a log or a review.

What moves the cursor, turns the reading order or cannot be encoded is written as an escape (`\n`, `\x1b`,
`\u202e`); everything else, ordinary non-ASCII included, stays as it is. A backslash stays too, so showing
a text twice changes nothing. Not an encoding: two texts may look alike here. This module is pure.
"""

from __future__ import annotations

import re
from typing import Final

CONTROLS: Final = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
"""As the inside of a character class: C0 without tab and line feed, DEL, C1 (next line among them)."""

BIDI: Final = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""As the inside of a character class: what turns the reading order."""

BREAKS: Final = r"\u2028\u2029"
"""As the inside of a character class: line ends that are not seen as such."""

_SURROGATES: Final = r"\ud800-\udfff"
_INVISIBLE: Final = r"\u200b\u2060\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
_UNSAFE: Final = re.compile(rf"[\t\n{CONTROLS}{BIDI}{BREAKS}{_SURROGATES}{_INVISIBLE}]")
_SHORT: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def printable(text: str, *, keep: str = "") -> str:
    r"""The text with its unsafe characters escaped; those in `keep` (such as `"\n"`) are left alone."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(lambda found: found[0] if found[0] in keep else _escaped(found[0]), text)


def shortened(text: str, limit: int = 60) -> str:
    """The text made visible and, past the limit, cut with an ellipsis: for a name inside a message."""
    shown = printable(text[: limit + 1])
    return shown if len(text) <= limit else printable(text[: limit - 1]) + "…"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 edit`, `3,000 edits`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _escaped(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:  # how Python carries a byte of a file name that is not UTF-8
        return f"\\x{number - 0xDC00:02x}"
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
