"""Two settings -> what of that which judges a plan differs between them, in words. Pure.

A pull request may change the rules that it is judged by. Nothing forbids that; whoever approves the plan must see it.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from reconciler.core.attributes import field_name
from reconciler.core.field_types import ListOf
from reconciler.core.text import printable
from reconciler.plan.model import RuleChange

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

    from reconciler.core.field_types import FieldType
    from reconciler.repo.settings import Settings

NARROWING: Final = frozenset({"url", "subscriber", "customers", "fields", "ignore", "mask"})
"""The settings that decide of whom and what base and the checkout speak; where one differs, `--changed` narrows nothing."""

UNKNOWN: Final = "(cannot be read)"


def rule_changes(base: Settings | None, now: Settings | None, top: PurePath) -> tuple[RuleChange, ...]:
    """What differs of the settings that judge a plan: of base, and of the checkout's reconciler.yaml; None where there is none.

    Settings that base does not have are a change of each that is written now. The customers folder is named from `top`, the
    root of the repository, because the settings may have moved.
    """
    before = {} if base is None else _judging(base, top)
    after = {} if now is None else _judging(now, top)
    if base is None and now is not None:
        after = {name: text for name, text in after.items() if _is_written(name, now)}
    return tuple(
        RuleChange(name, before.get(name), after.get(name))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    )


def unknown_rules(now: Settings | None, top: PurePath) -> tuple[RuleChange, ...]:
    """The same where base's settings are there and cannot be read."""
    return tuple(RuleChange(it.setting, UNKNOWN, it.after) for it in rule_changes(None, now, top))


def widens(changes: Iterable[RuleChange]) -> tuple[str, ...]:
    """The changed settings because of which `--changed` may narrow nothing."""
    heads = [it.setting.partition(".")[0] for it in changes]
    return tuple(dict.fromkeys(head for head in heads if head in NARROWING))


def _judging(settings: Settings, top: PurePath) -> dict[str, str]:
    """The settings that judge a plan, each as a text; what is not set is not in it."""
    folder = posixpath.relpath(posixpath.join(settings.root.as_posix(), settings.customers), top.as_posix())
    texts = {
        "url": printable(settings.url),
        "subscriber": str(settings.subscriber or ""),
        "customers": printable(folder),
        "limits.edits": str(settings.limits.edits),
        "limits.percent": str(settings.limits.percent),
        "limits.calls": str(settings.limits.calls),
        "ignore": _listed(settings.rules.ignore),
        "mask": _listed(settings.rules.mask),
        "read_age": f"{settings.read_age:g}",
        "refresh": settings.refresh,
    }
    for path, field_type in sorted(settings.rules.field_types.items()):
        texts[f"fields.{printable(field_name(path))}"] = _type_text(field_type)
    return {name: text for name, text in texts.items() if text}


def _is_written(name: str, settings: Settings) -> bool:
    """Whether reconciler.yaml itself says so, and not a default."""
    return name in settings.places or name.startswith("fields.")


def _listed(paths: Iterable[str]) -> str:
    return ", ".join(map(printable, sorted(paths)))


def _type_text(field_type: FieldType) -> str:
    options = field_type.options if isinstance(field_type, ListOf) else ()
    return f"{field_type.kind} ({', '.join(map(printable, options))})" if options else field_type.kind
