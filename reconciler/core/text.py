r"""Text from anywhere -> text that is safe to look at, in a terminal, a log or a review.

What moves the cursor, turns the reading order or cannot be encoded is written as an escape (`\n`, `\x1b`,
`\u202e`). What looks like a space and is none, or like nothing, is named (`Sales<U+00A0>Division`). Everything else,
ordinary non-ASCII included, stays as it is. A backslash stays too, so showing a text twice changes nothing. Not an encoding:
two texts may look alike here; where that matters, `spelled` tells them apart. This module is pure.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

CONTROLS: Final = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
"""As the inside of a character class: C0 without tab and line feed, DEL, C1 (next line among them)."""

BIDI: Final = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""As the inside of a character class: what turns the reading order."""

BREAKS: Final = r"\u2028\u2029"
"""As the inside of a character class: line ends that are not seen as such."""

MASKED: Final = "(masked)"
"""What stands for a value that is not shown."""

_SURROGATES: Final = r"\ud800-\udfff"
_INVISIBLE: Final = r"\u200b\u2060\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
_BLANK: Final = r"\u00a0\u00ad\u034f\u115f\u1160\u180e\u2000-\u200a\u202f\u205f\u2800\u3164\uffa0"
# Compiled when the first text needs them: nearly all texts are printable ASCII.
_UNSAFE: Final = rf"[\t\n{CONTROLS}{BIDI}{BREAKS}{_SURROGATES}{_INVISIBLE}]"
_UNSEEN: Final = f"[{_BLANK}]"
_SHORT: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def printable(text: str, *, keep: str = "") -> str:
    r"""The text with its unsafe characters escaped and its unseen ones named; those in `keep` (such as `"\n"`) stay."""
    if text.isascii() and text.isprintable():
        return text
    shown = re.sub(_UNSAFE, lambda found: found[0] if found[0] in keep else _escaped(found[0]), text)
    return shown if shown.isascii() else re.sub(_UNSEEN, lambda found: code_point(found[0]), shown)


def shortened(text: str, limit: int = 60) -> str:
    """The text safe to look at and, past the limit, cut with an ellipsis: for a name inside a message.

    Of a text that is not composed as text usually is (in Unicode's normal form C), the marks on letters are named.
    """
    cut = text if len(text) <= limit else text[: limit - 1]
    shown = printable(cut if unicodedata.is_normalized("NFC", cut) else spelled(cut))
    return shown if cut == text else shown + "…"


def spelled(text: str) -> str:
    """The text with every character named that another Unicode form of it would not have: `Caf<U+00E9>`."""
    return "".join(code_point(it) if _has_other_form(it) else it for it in text)


def code_point(character: str) -> str:
    """The character's number, as a text shows it in the character's place."""
    return f"<U+{ord(character):04X}>"


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


def _has_other_form(character: str) -> bool:
    """Whether a letter may also be written as several characters, or is one of the several."""
    part = bool(unicodedata.combining(character)) or "\u1161" <= character <= "\u11ff"
    return part or unicodedata.normalize("NFD", character) != character
