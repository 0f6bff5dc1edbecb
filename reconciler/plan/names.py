"""Entries of `mask`, `ignore` and `fields` x the names that YAML and RPM know -> what is refused, and what is warned of. Pure.

What nobody knows at all is a warning, and only from a run that knows which fields the subscription has: one that read a
customer whole. A run that saw little must not give a false alarm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciler.core.attributes import BUILT_IN, field_name
from reconciler.core.nearest import nearest
from reconciler.core.text import printable
from reconciler.core.values import Problem, SourceMark
from reconciler.customers.mask_names import attributes_of, check_mask

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from reconciler.core.field_types import CompareRules
    from reconciler.customers.manifest import Manifest
    from reconciler.repo.settings import Settings

_FLAGGED: Final = ("ignore", "mask")


def check_names(
    settings: Settings,
    manifest: Manifest,
    fields: frozenset[str],
    *,
    warn: Callable[[Sequence[Problem]], None],
) -> CompareRules:
    """The rules of the settings, once their names were compared with those of YAML and RPM; `warn` is told of unknown ones.

    `fields` are the attributes of RPM as a full read showed them; none where no customer was read whole. Raises `InputError`.
    """
    rules = settings.rules
    if rules.mask or rules.ignore or rules.field_types:
        known = attributes_of(manifest) | fields | BUILT_IN.keys()
        check_mask(settings, known)
        if fields:
            warn(tuple(unknown_names(settings, known)))
    return rules


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
