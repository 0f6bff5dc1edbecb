"""Customer names from anywhere -> names of files that every disk takes and a person recognises.

Lower-case ASCII letters, digits and `-`, of a limited length; so no name can lead out of the folder, hide, mean a
device of Windows, or be another's twin where case does not count. The id joins the name only where the name alone would
not do. This module is pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import chain, count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

LENGTH_LIMIT: Final = 80

_LETTERS: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "ł": "l", "&": " and "}
)
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)\Z")
_SILENT: Final = re.compile(r"['’`´]")
_BETWEEN: Final = re.compile(r"[^a-z0-9]+")


def slug(name: str) -> str:
    """A name in the letters that file names have everywhere; empty when it has none of them."""
    spelt = unicodedata.normalize("NFC", name).casefold().translate(_LETTERS)
    letters = unicodedata.normalize("NFKD", _SILENT.sub("", spelt))
    bare = "".join(character for character in letters if not unicodedata.combining(character))
    return _BETWEEN.sub("-", bare).strip("-")[:LENGTH_LIMIT].rstrip("-")


def choose_file_names(names: Mapping[int, str], taken: Collection[str]) -> dict[int, str]:
    """A file name for each customer, by id, given every customer's name and the file names in use.

    Customers that would share a name all get their id, so that it does not matter which of them has a file
    already.
    """
    slugs = {customer_id: slug(name) for customer_id, name in sorted(names.items())}
    shared = Counter(slugs.values())
    used = {name.casefold() for name in taken}
    chosen = {}
    for customer_id, stem in slugs.items():
        usable = stem and shared[stem] == 1 and not _DEVICES.match(stem)
        with_id = f"{stem or 'customer'}-{customer_id}"
        numbered = (f"{with_id}-{number}" for number in count(2))
        stems = chain([stem] if usable else [], [with_id], numbered)
        chosen[customer_id] = next(file for it in stems if (file := f"{it}.yaml") not in used)
        used.add(chosen[customer_id])
    return chosen
