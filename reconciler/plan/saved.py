"""A saved plan: its bytes -> the plan that it permits. Pure but for `read_plan`, which reads the file.

A plan file is only a permission. It is refused before any call when a byte of it was altered, when it was made for
another address, or when its format is unknown; and because one with right sums may still be forged, `remaining` lets
pass only edits that a fresh look at YAML and RPM arrives at by itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from reconciler.core import values
from reconciler.core.errors import InputError, Refused
from reconciler.core.text import printable
from reconciler.core.typed import typed
from reconciler.core.values import UNSET, NotSaid, Problem, SourceMark, Target
from reconciler.plan.document import (
    FORMAT_VERSION,
    approvals,
    calls_object,
    dump,
    edit_objects,
    fingerprint,
    target_object,
)
from reconciler.plan.guards import Refusal
from reconciler.plan.model import (
    Aside,
    Base,
    Change,
    Class,
    Edit,
    Missing,
    Plan,
    RuleChange,
    Suspicious,
    Unpinned,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LARGEST: Final = 64 * 1024 * 1024
_SAVES: Final = "`reconciler plan --out FILE` saves one"
_KEYS: Final = (b'"format_version"', b'"checksum"')
"""A file with neither is no plan, whatever was altered: bad input (1) and nothing to refuse (3)."""


@dataclass(frozen=True, slots=True)
class Meta:
    """How a plan was made, which decides nothing."""

    created: str
    calls_made: int
    tool_version: str
    reads_in_doubt: int = 0


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A saved plan: the name of its file, its text, its document and what it permits."""

    name: str
    text: str
    document: dict[str, Any]
    plan: Plan
    refusals: tuple[Refusal, ...]
    meta: Meta


def read_plan(path: Path) -> SavedPlan:
    """Read a plan file, which must be a regular one."""
    name = printable(str(path))
    try:
        if not path.is_file():
            why = "it is not a file" if path.exists() else "there is no such file"
            raise InputError(f"reading the plan {name}: {why}", advice=_SAVES)
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"reading the plan {name}: {error.strerror}") from None
    document = read_document(content, name)
    return SavedPlan(name, content.decode("ascii"), document, *plan_of(document, name))


def read_document(content: bytes, name: str) -> dict[str, Any]:
    """The document, if it is a plan of a known format and every byte of it is as it was written.

    Raises `InputError` for what never was a plan, `Refused` for what was altered.
    """

    def refused(why: str) -> Refused:
        return Refused(f"reading the plan {name}: {why}; nothing was edited", advice="make the plan again")

    if not any(key in content for key in _KEYS):
        raise InputError(f"reading the plan {name}: it is not a plan", advice=_SAVES)
    if len(content) > LARGEST:
        raise refused(f"it has {len(content)} bytes, more than any plan")
    try:
        document: dict[str, Any] = json.loads(content.decode("ascii"))
        unknown = _unknown_format(document)
        sound = not unknown and _is_sound(document, content)
    except (ValueError, RecursionError):
        raise refused("it is not a plan, or was altered") from None
    if unknown:
        raise refused(unknown)
    if not sound:
        raise refused("its checksum does not fit, so it was altered")
    return document


def _unknown_format(document: Any) -> str:
    """Why a document is no plan of the format that this tool knows, or nothing."""
    if not isinstance(document, dict) or "format_version" not in document:
        return "it is not a plan"
    if document["format_version"] != FORMAT_VERSION:
        version = printable(str(document["format_version"]))[:20]
        return f"its format is {version}, and this tool knows {FORMAT_VERSION}"
    return ""


def _is_sound(document: Mapping[str, Any], content: bytes) -> bool:
    """Whether both checksums fit, and the bytes are those that this document is written as."""
    meta = document.get("meta")
    body = {key: value for key, value in document.items() if key not in {"checksum", "meta"}}
    return (
        isinstance(meta, dict)
        and document.get("checksum") == fingerprint(body)
        and meta.get("checksum") == fingerprint({k: v for k, v in meta.items() if k != "checksum"})
        and dump(document).encode("ascii") == content
    )


def check_target(document: Mapping[str, Any], target: Target, name: str) -> None:
    """Refuse a plan that was made for another RPM or subscriber."""
    if document.get("target") != target_object(target):
        made = printable(json.dumps(document.get("target")))[:200]
        raise Refused(
            f"reading the plan {name}: it was made for {made}, "
            f"not for {json.dumps(target_object(target))}; nothing was edited",
            advice="use the settings that it was made with",
        )


def plan_of(document: Mapping[str, Any], name: str) -> tuple[Plan, tuple[Refusal, ...], Meta]:
    """What the document says, as values again; masked texts stay `(masked)`. Each is of its type, in a forged one too."""
    try:
        plan = _plan(document)
        refusals = tuple(Refusal(**entry) for entry in document["refusals"])
        meta = Meta(**{key: value for key, value in document["meta"].items() if key != "checksum"})
        if not _TYPED((plan, *refusals, meta)):
            raise TypeError
        approved = approvals(plan)
        shown = (edit_objects(plan, approved), plan.summary, calls_object(plan), approved.digest)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refused(f"reading the plan {name}: it lacks parts of a plan; nothing was edited") from None
    if shown != (document["edits"], document["summary"], document["calls"], document.get("digest")):
        raise Refused(f"reading the plan {name}: its parts contradict each other; nothing was edited")
    return plan, refusals, meta


_TYPED: Final = typed(tuple[Plan | Refusal | Meta, ...], vars(values))


def _plan(document: Mapping[str, Any]) -> Plan:
    """The plan of a document."""
    summary = document["summary"]
    return Plan(
        target=Target(document["target"]["url"], document["target"]["subscriber_id"]),
        edits=tuple(_edit(entry) for entry in document["edits"]),
        managed=document["coverage"]["managed"],
        compared=summary["unchanged"] + summary["edit"],
        listed=document["coverage"]["listed"],
        unmanaged=summary["unmanaged"],
        reads=document["calls"]["read"],
        missing=tuple(Missing(**entry) for entry in document["missing"]),
        problems=_problems(document["problems"]),
        suspicious=tuple(Suspicious(**entry) for entry in document["suspicious"]),
        converged=tuple(Aside(**entry) for entry in document["converged"]),
        released=tuple(Aside(**entry) for entry in document["released"]),
        ignored=tuple(Aside(**entry) for entry in document["ignored"]),
        unpinned=tuple(Unpinned(**entry) for entry in document["unpinned"]),
        notes=tuple(document["notes"]),
        base=None if document["base"] is None else _base(document["base"]),
        rules_changed=tuple(RuleChange(**entry) for entry in document["rules_changed"]),
    )


def _base(entry: Mapping[str, Any]) -> Base:
    """What it was compared with in addition to RPM."""
    parts = {**entry, "touched": tuple(entry["touched"]), "not_said": _problems(entry["not_said"])}
    return Base(**parts)


def _problems(entries: Sequence[Mapping[str, Any]]) -> tuple[Problem, ...]:
    """Problems at their places."""
    return tuple(Problem(SourceMark(it["file"], it["line"], it["column"]), it["message"]) for it in entries)


def _edit(entry: Mapping[str, Any]) -> Edit:
    """One edit."""
    return Edit(
        entry["customer_id"],
        entry["name"],
        entry["file"],
        entry["line"],
        tuple(_change(it) for it in entry["changes"]),
        tuple(entry["needs"]),
        entry["temporary"],
        entry["masked_hash"],
    )


def _change(entry: Mapping[str, Any]) -> Change:
    """One attribute of it."""
    base, reason = entry["base"], entry["reason"]
    return Change(
        entry["attribute"],
        entry["before"],
        entry["after"],
        Class(entry["class"]),
        base if base is not None else NotSaid(reason) if reason else UNSET,
        entry["line"],
        entry["masked"],
        rules_effect=base is not None and reason != "",
    )
