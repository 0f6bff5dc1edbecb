"""Entries of `mask`, `ignore` and `fields` x the names that YAML and RPM know -> what is refused, and what is warned of. Pure.

A mask that names nothing hides nothing, and nobody sees that. So an entry that is a known name but for case, white space or
Unicode form is refused before a value is shown. What nobody knows at all is a warning, and only from a run that knows which
fields the subscription has: one that read a customer whole. A run that saw little must not give a false alarm.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from reconciler.core.attributes import BUILT_IN, field_name
from reconciler.core.errors import InputError
from reconciler.core.nearest import nearest
from reconciler.core.text import printable
from reconciler.core.values import Problem, SourceMark
from reconciler.customers.collection import Customers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from reconciler.core.field_types import CompareRules
    from reconciler.customers.manifest import Manifest
    from reconciler.repo.settings import Settings

_FLAGGED: Final = ("ignore", "mask")


def attributes_of(manifest: Manifest) -> frozenset[str]:
    """Every attribute that a customer file manages."""
    if isinstance(manifest.customers, Customers):
        return manifest.customers.attributes()
    return frozenset().union(*(it.values for it in manifest.customers))


def check_names(
    settings: Settings,
    manifest: Manifest,
    fields: frozenset[str],
    *,
    warn: Callable[[Sequence[Problem]], None],
) -> CompareRules:
    """The rules of the settings, once their names were held against those of YAML and RPM; `warn` is told of unknown ones.

    `fields` are the attributes of RPM as a full read showed them; none where no customer was read whole. Raises `InputError`.
    """
    rules = settings.rules
    if rules.mask or rules.ignore or rules.field_types:
        known = attributes_of(manifest) | fields | BUILT_IN.keys()
        check_mask(settings, known)
        if fields:
            warn(tuple(unknown_names(settings, known)))
    return rules


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


def unknown_names(settings: Settings, known: Collection[str]) -> Iterator[Problem]:
    """A warning for each entry that names no attribute of YAML or RPM; `known` are all of both."""
    for setting in (*_FLAGGED, "fields"):
        paths = settings.rules.field_types if setting == "fields" else getattr(settings.rules, setting)
        for path in sorted(path for path in paths if path not in known and path not in BUILT_IN):
            name = field_name(path) if setting == "fields" else path
            names = [field_name(it) if setting == "fields" else it for it in sorted(known)]
            mark = settings.places.get(f"{setting} {name}", SourceMark(f"--{setting}", 0, 0))
            message = f'`{setting}` names "{printable(name)}", which neither YAML nor RPM knows'
            yield Problem(mark, f"{message}{nearest(name, names)}", warning=True)


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
