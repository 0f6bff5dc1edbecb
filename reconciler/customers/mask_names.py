"""Entries of `mask` x the attributes that are known -> one that misses an attribute by its spelling is refused. Pure.

A mask that names nothing hides nothing, and nobody sees that. So an entry that is a known name but for case, white space or
Unicode form is refused before a value is shown, offline too.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.customers.collection import Customers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from reconciler.customers.manifest import Manifest
    from reconciler.repo.settings import Settings


def attributes_of(manifest: Manifest) -> frozenset[str]:
    """Every attribute that a customer file manages."""
    if isinstance(manifest.customers, Customers):
        return manifest.customers.attributes()
    return frozenset().union(*(it.values for it in manifest.customers))


def check_mask_offline(settings: Settings, manifest: Manifest) -> None:
    """`check_mask` by the attributes that customer files manage, for who shows their values and reads nothing of RPM."""
    if settings.rules.mask:
        check_mask(settings, attributes_of(manifest))


def check_mask(settings: Settings, known: Collection[str]) -> None:
    """Raise `InputError` for an entry of the checkout's `mask` that misses a known attribute by its spelling alone."""
    for path in sorted(settings.rules.mask.difference(known)):
        if meant := _twins(path, known):
            where = settings.places.get(f"mask {path}")
            raise InputError(
                f'{where or "--mask"}: `mask` names "{_points(path)}", and the attribute is "{_points(meant[0])}": it would not be masked',
                advice=f'write it as "{printable(meant[0])}"; nothing was shown',
            )


def same_but_for_spelling(mask: Iterable[str], known: Collection[str]) -> frozenset[str]:
    """The known attributes that a mask of somebody else's (base, REF) means, its spelling aside."""
    return frozenset(twin for path in mask for twin in _twins(path, known))


def _twins(path: str, known: Iterable[str]) -> list[str]:
    """The known attributes that are this one but for case, white space and Unicode form."""
    form = _form(path)
    return sorted(it for it in known if it != path and _form(it) == form)


def _form(path: str) -> str:
    """What of a name is left when case, white space and Unicode form do not count."""
    return "".join(unicodedata.normalize("NFKC", path).casefold().split())


def _points(path: str) -> str:
    """A name in which what cannot be seen is told as code points."""
    return "".join(
        it if it == " " or (it.isprintable() and not it.isspace()) else f"<U+{ord(it):04X}>" for it in path
    )
