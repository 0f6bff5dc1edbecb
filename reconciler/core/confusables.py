"""A name -> what else a reader could take it for: forms that collide, and characters that mislead.

RPM tells two names apart that no person can; these are the doubts that are worth a warning. The table of
look-alikes is the part of Unicode's confusables (UTS 39) that a Latin name can be imitated with: Cyrillic and
Greek letters, and punctuation that word processors put in by themselves. This module is pure.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from reconciler.core.yaml.encoding import character_name

_IMITATIONS: Final = str.maketrans(
    "авеікмнорстухјѕԁԛԝһӏⅼαβεικνορτυχγωıʼ’‘′‐‑‒–−",
    "abeikmhopctyxjsdqwhllabeiknoptuxywi''''-----",
)
_DOT_ABOVE: Final = "\u0307"
_WORD: Final = re.compile(r"\w+")
_SCRIPTS: Final = frozenset({"LATIN", "GREEK", "CYRILLIC"})
_COMPATIBLE: Final = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Zs"})


def loose(name: str) -> str:
    """The name without case, outer spaces and compatibility forms: `ﬁ` is `fi`, `①` is `1`."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())


def skeleton(name: str) -> str:
    """The name as a reader sees it: letters that look alike are one, `İ` and `ı` are `i`."""
    return loose(name).replace(_DOT_ABOVE, "").translate(_IMITATIONS)


def mixed_word(name: str) -> str:
    """The first word whose letters come from several alphabets that look alike, or `""`."""
    return next((word for word in _WORD.findall(name) if len(_alphabets(word)) > 1), "")


def compatibility_character(name: str) -> str:
    """The first letter, digit or space that is another one in disguise, as a message names it, or `""`."""
    for character in name:
        if not character.isascii() and unicodedata.category(character) in _COMPATIBLE:
            composed = unicodedata.normalize("NFC", character)
            if unicodedata.normalize("NFKC", character) != composed:
                return character_name(character)
    return ""


def foreign_character(name: str) -> str:
    """The first non-ASCII character, as a message names it."""
    return next((character_name(character) for character in name if not character.isascii()), "")


def _alphabets(word: str) -> frozenset[str]:
    if word.isascii():
        return frozenset()
    return _SCRIPTS & {unicodedata.name(letter, "").partition(" ")[0] for letter in word}
