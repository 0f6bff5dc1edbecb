"""What RPM has that git did not say, with since when and who set the line. Values and their JSON form.

Two sides: YAML (of the checkout, or of a commit) and RPM, so every difference is drift. `since` is RPM's `Modified` of
the customer, an opaque text (`rpm-api.md` section 5); `set_by` is the commit that last touched the YAML line; `earlier`
is the commit at which git itself said what RPM has now, when there is one: then an old value came back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconciler.core.version import __version__
from reconciler.plan.document import (
    FORMAT_VERSION,
    change_object,
    counted_lists,
    fingerprint,
    target_object,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.plan.model import Change, Edit, Plan
    from reconciler.repo.git import Commit


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an attribute's YAML value comes from: who set its line, and when git last said RPM's value."""

    set_by: Commit | None = None
    earlier: Commit | None = None


NOWHERE = Origin()


@dataclass(frozen=True, slots=True)
class Drift:
    """One audit. `plan` holds the differences, `since` RPM's `Modified` by customer.

    `origins` go by customer and attribute. `without_git` says why nobody could be named, if so.
    """

    plan: Plan
    since: Mapping[int, str]
    origins: Mapping[tuple[int, str], Origin] = field(default_factory=dict)
    without_git: str = ""

    @property
    def found(self) -> bool:
        """Whether there is any drift; a missing customer is some."""
        return bool(self.plan.edits or self.plan.missing)

    def origin(self, customer_id: int, change: Change) -> Origin:
        """What git knows of one drifted attribute."""
        return self.origins.get((customer_id, change.attribute), NOWHERE)


def drift_document(drift: Drift, *, created: str, calls_made: int) -> dict[str, Any]:
    """The plan document with `drift` for `edits`, and nothing that only an edit has."""
    plan = drift.plan
    document = {
        "format_version": FORMAT_VERSION,
        "target": target_object(plan.target),
        "summary": plan.summary,
        "calls": {"read": plan.reads, "apply": 0},
        "coverage": {"managed": plan.managed, "listed": plan.listed},
        "drift": [_customer(drift, edit) for edit in drift.plan.edits],
        "refusals": [],
        **counted_lists(plan),
        "without_git": drift.without_git,
    }
    document["checksum"] = fingerprint(document)
    meta = {"created": created, "tool_version": __version__, "calls_made": calls_made}
    return {**document, "meta": {**meta, "checksum": fingerprint(meta)}}


def _customer(drift: Drift, edit: Edit) -> dict[str, Any]:
    """One drifted customer; its `set_by` is the newest among its attributes."""
    setters = [commit for change in edit.changes if (commit := drift.origin(edit.customer_id, change).set_by)]
    return {
        "customer_id": edit.customer_id,
        "name": edit.name,
        "file": edit.file,
        "line": edit.line,
        "since": drift.since.get(edit.customer_id, ""),
        "set_by": commit_object(max(setters, key=lambda it: it.date, default=None)),
        "changes": [
            {
                **change_object(change),
                "set_by": commit_object(drift.origin(edit.customer_id, change).set_by),
                "earlier": commit_object(drift.origin(edit.customer_id, change).earlier),
            }
            for change in edit.changes
        ],
    }


def commit_object(commit: Commit | None) -> dict[str, str] | None:
    """A commit, or null where git does not know."""
    return None if commit is None else {"commit": commit.name, "author": commit.author, "date": commit.date}


def record_line(drift: Drift, *, created: str, calls_made: int) -> dict[str, Any]:
    """What one audit leaves in the record: counts, and which attributes of whom were adrift, no values."""
    return {
        "format_version": FORMAT_VERSION,
        "at": created,
        "target": target_object(drift.plan.target),
        "managed": drift.plan.managed,
        "unmanaged": drift.plan.unmanaged,
        "missing": [gone.customer_id for gone in drift.plan.missing],
        "drift": {
            str(edit.customer_id): [change.attribute for change in edit.changes] for edit in drift.plan.edits
        },
        "ignored": len(drift.plan.ignored),
        "calls": calls_made,
    }
