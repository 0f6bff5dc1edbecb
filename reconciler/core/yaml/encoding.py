"""Bytes of a file -> its text, or why it is not text that people could have reviewed.

Answers only what can be said of characters, before any YAML is read: size, encoding, characters that no
reviewer sees, and files that are not YAML at all although they are called so. Never repairs anything and
never repeats a refused character in a message. This module is pure.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from reconciler.core.text import BIDI, BREAKS, CONTROLS
from reconciler.core.values import Problem, SourceMark

BYTES_LIMIT: Final = 1_000_000

BOM: Final = "\ufeff"
_UNUSUAL: Final = re.compile(rb"[^\t\n\x20-\x7e]")
_REFUSED: Final = rf"[{CONTROLS}{BIDI}{BREAKS}\ud800-\udfff\ufeff\ufffe\uffff]"
_CONFLICT: Final = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: |$)", re.MULTILINE)
_DIRECTIVE: Final = re.compile(r"^%(?!YAML 1\.[12][ \t]*(?:#.*)?$)", re.MULTILINE)
_LFS: Final = b"version https://git-lfs.github.com/spec/"
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def decode_text(content: bytes, file: str) -> tuple[str, list[Problem]]:
    """The text without its byte order mark, and what forbids reading it.

    Line ends are kept as they are in the file, so that offsets fit its characters.
    """
    if problem := _not_text(content, file):
        return "", [problem]
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        return "", [_undecodable(content, error.start, file)]
    problems = []
    if _UNUSUAL.search(content):
        text = text.removeprefix(BOM)
        problems = _refused_characters(text, file)
    if b"<<<<<<<" in content or b">>>>>>>" in content:
        problems += _first(_CONFLICT, text, file, "a merge conflict is not resolved here")
    if b"%" in content:
        problems += _first(_DIRECTIVE, text, file, "only the directives %YAML 1.1 and %YAML 1.2 are allowed")
    return text, problems


def mark_at(text: str, index: int, file: str) -> SourceMark:
    """Where the character with that index stands."""
    return SourceMark(file, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


def refused_character(text: str) -> str:
    r"""The name of the first character of a value that is allowed nowhere, or `""`.

    For values that escapes such as `\u202e` may have brought in; tab and line feed are allowed.
    """
    if text.isprintable():
        return ""
    found = re.search(_REFUSED, text)
    return character_name(found[0]) if found else ""


def character_name(character: str) -> str:
    """A character as a message may name it: its number and what Unicode calls it."""
    number = ord(character)
    name = "line break (CR)" if character == "\r" else unicodedata.name(character, "")
    name = name or ("lone surrogate" if 0xD800 <= number <= 0xDFFF else "control character")
    return f"U+{number:04X} ({name})"


def _not_text(content: bytes, file: str) -> Problem | None:
    message = ""
    if len(content) > BYTES_LIMIT:
        message = f"the file has {len(content):,} bytes or more; at most {BYTES_LIMIT:,} are read"
    elif content.startswith(_WIDE_MARKS) or b"\0" in content[:4]:
        message = "the file is UTF-16 or UTF-32 text: save it as UTF-8"
    elif content.startswith(_LFS):
        message = "the file is a Git LFS pointer, not YAML: fetch it (git lfs pull) or take it out of LFS"
    return Problem(SourceMark(file, 1, 1), message) if message else None


def _undecodable(content: bytes, offset: int, file: str) -> Problem:
    mark = mark_at(content[:offset].decode().removeprefix(BOM), len(content[:offset].decode()), file)
    message = f"byte 0x{content[offset]:02X} at offset {offset} is not UTF-8: save the file as UTF-8"
    return Problem(mark, message)


def _refused_characters(text: str, file: str) -> list[Problem]:
    """Each refused character once, at its first place: a thousand of one kind is one problem."""
    places: dict[str, int] = {}
    for found in re.finditer(_REFUSED, text):
        if found[0] != "\r" or text[found.start() + 1 : found.start() + 2] != "\n":
            places.setdefault(found[0], found.start())
    return [
        Problem(
            mark_at(text, index, file), f"the character {character_name(character)} is not allowed: remove it"
        )
        for character, index in places.items()
    ]


def _first(pattern: re.Pattern[str], text: str, file: str, message: str) -> list[Problem]:
    found = pattern.search(text)
    return [Problem(mark_at(text, found.start(), file), message)] if found else []
