"""Reports as JSON: what became of an apply, what an audit found, and the line that an audit leaves in its record. Pure.

The plan's own JSON is in `plan.document`, because saved plans and the digest need it; an audit's is that document with
`drift` for `edits`, and nothing that only an edit has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.apply.result import Result
from reconciler.plan.document import (
    FORMAT_VERSION,
    change_object,
    counted_lists,
    fingerprint,
    meta_object,
    placed_object,
    target_object,
)

if TYPE_CHECKING:
    from reconciler.apply.result import ApplyReport
    from reconciler.drift.audit import AuditResult
    from reconciler.drift.model import Drift
    from reconciler.plan.model import Edit
    from reconciler.repo.git.model import Commit


def report_document(report: ApplyReport) -> dict[str, Any]:
    """The closing report of an apply."""
    return {
        "format_version": FORMAT_VERSION,
        "summary": {result.value: len(report.of(result)) for result in Result},
        "calls": {"read": report.reads, "edit": report.edits},
        "customers": [
            {"customer_id": it.customer_id, "outcome": it.outcome.value, "detail": it.detail, "name": it.name}
            for it in report.outcomes
        ],
        "missing": [placed_object(it) for it in report.missing],
        "stopped": report.stopped,
    }


def drift_document(audit: AuditResult) -> dict[str, Any]:
    """An audit."""
    plan = audit.drift.plan
    document = {
        "format_version": FORMAT_VERSION,
        "target": target_object(plan.target),
        "summary": plan.summary,
        "calls": {"read": plan.reads, "apply": 0},
        "coverage": {"managed": plan.managed, "listed": plan.listed},
        "drift": [_drifted(audit.drift, edit) for edit in plan.edits],
        "refusals": [],
        **counted_lists(plan),
        "without_git": audit.drift.without_git,
    }
    document["checksum"] = fingerprint(document)
    meta = {
        "created": audit.created,
        "calls_made": audit.calls_made,
        "reads_in_doubt": audit.reads_in_doubt,
    }
    return {**document, "meta": meta_object(meta)}


def record_line(audit: AuditResult) -> dict[str, Any]:
    """What one audit leaves in the record: counts, and which attributes of whom drifted and why, no values."""
    plan = audit.drift.plan
    return {
        "format_version": FORMAT_VERSION,
        "at": audit.created,
        "target": target_object(plan.target),
        "managed": plan.managed,
        "unmanaged": plan.unmanaged,
        "missing": [it.customer_id for it in plan.missing],
        "drift": {str(edit.customer_id): [it.attribute for it in edit.changes] for edit in plan.edits},
        "causes": {
            str(edit.customer_id): {
                it.attribute: audit.drift.origin(edit.customer_id, it).cause.value for it in edit.changes
            }
            for edit in plan.edits
        },
        "ignored": len(plan.ignored),
        "calls": audit.calls_made,
    }


def _drifted(drift: Drift, edit: Edit) -> dict[str, Any]:
    """One drifted customer; its `set_by` is the newest among its attributes."""
    origins = [(change, drift.origin(edit.customer_id, change)) for change in edit.changes]
    newest = max((it.set_by for _, it in origins if it.set_by), key=lambda it: it.date, default=None)
    return {
        "customer_id": edit.customer_id,
        "name": edit.name,
        "file": edit.file,
        "line": edit.line,
        "since": drift.since.get(edit.customer_id, ""),
        "set_by": _commit(newest),
        "changes": [
            {
                **change_object(change),
                "cause": it.cause.value,
                "set_by": _commit(it.set_by),
                "set_by_unknown": it.unknown,
                "earlier": _commit(it.earlier),
            }
            for change, it in origins
        ],
    }


def _commit(commit: Commit | None) -> dict[str, str] | None:
    """A commit, or null where git does not know."""
    return None if commit is None else {"commit": commit.name, "author": commit.author, "date": commit.date}
