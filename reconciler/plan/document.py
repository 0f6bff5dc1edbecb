"""The plan as a JSON document, its digest and its checksums. Pure.

Two runs on the same input give the same bytes, `meta` aside. The digest covers what an approval is about: the plan's
address and subscriber, the requests and the before-values, and nothing else; the `approval` of an edit covers the same of that
edit alone. The checksum covers the whole document but `meta`, which has a checksum of its own inside it. A masked value is in
none of them: `(masked)` stands for it, `masked_hash` covers what is sent (`masking`), and what RPM has of it is not covered.

Documents are ASCII, so no control or bidi character of a customer's name can reach a terminal through one, and `##[`
and `##vso[`, which a CI runner would obey wherever they stand in a line, are spelled with an escape.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.text import MASKED
from reconciler.core.version import __version__
from reconciler.rpm.payload import request_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciler.core.values import Problem, Target
    from reconciler.plan.guards import Refusal
    from reconciler.plan.model import Aside, Base, Change, Edit, Missing, Plan, Suspicious, Unpinned

FORMAT_VERSION: Final = "1.0"

_RUNNER_COMMAND: Final = re.compile(r"##(?=\w*\[)")


def plan_document(
    plan: Plan, refusals: Sequence[Refusal], *, created: str, calls_made: int
) -> dict[str, Any]:
    """The whole document of a plan."""
    document = {
        "format_version": FORMAT_VERSION,
        "target": target_object(plan.target),
        "digest": digest(plan),
        "base": None if plan.base is None else base_object(plan.base),
        "rules_changed": [
            {"setting": it.setting, "before": it.before, "after": it.after} for it in plan.rules_changed
        ],
        "summary": plan.summary,
        "calls": {"read": plan.reads, "apply": len(plan.edits)},
        "coverage": {"managed": plan.managed, "listed": plan.listed},
        "edits": [edit_object(edit, plan.target) for edit in plan.edits],
        "refusals": [{"code": it.code, "message": it.message, "flag": it.flag} for it in refusals],
        **counted_lists(plan),
    }
    document["checksum"] = fingerprint(document)
    meta = {"created": created, "tool_version": __version__, "calls_made": calls_made}
    return {**document, "meta": {**meta, "checksum": fingerprint(meta)}}


def counted_lists(plan: Plan) -> dict[str, Any]:
    """What a plan saw beside its edits."""
    return {
        "missing": [{**placed_object(it), "hint": it.hint} for it in plan.missing],
        "problems": [problem_object(problem) for problem in plan.problems],
        "suspicious": [{**placed_object(it), "reason": it.reason} for it in plan.suspicious],
        "unpinned": [placed_object(it) for it in plan.unpinned],
        "converged": [_aside(aside) for aside in plan.converged],
        "released": [_aside(aside) for aside in plan.released],
        "ignored": [_aside(aside) for aside in plan.ignored],
        "notes": list(plan.notes),
    }


def digest(plan: Plan) -> str:
    """What an approval of this plan is bound to."""
    return fingerprint(
        {"target": target_object(plan.target), "edits": [_approved(edit) for edit in plan.edits]}
    )


def approval(edit: Edit, target: Target) -> str:
    """What an approval of this edit alone is bound to."""
    return fingerprint({"target": target_object(target), "edit": _approved(edit)})


def _approved(edit: Edit) -> dict[str, Any]:
    """What of an edit an approval is about: its request, and the values before it as far as they are shown."""
    return {
        "request": _request(edit),
        "masked_hash": edit.masked_hash,
        "before": {it.attribute: it.before for it in edit.changes if not it.masked},
    }


def base_object(base: Base) -> dict[str, Any]:
    """What the plan was compared with beside RPM, and where that stands now."""
    return {
        "ref": base.ref,
        "commit": base.commit,
        "ahead": base.ahead,
        "touched": list(base.touched),
        "upstream": base.upstream,
        "behind": base.behind,
        "first": base.first,
        "unreadable": base.unreadable,
        "not_said": [problem_object(problem) for problem in base.not_said],
    }


def target_object(target: Target) -> dict[str, Any]:
    """Whom a plan is made for."""
    return {"url": target.url, "subscriber_id": target.subscriber_id}


def edit_object(edit: Edit, target: Target) -> dict[str, Any]:
    """One edit: what differs, exactly what will be sent, and what an approval of it is bound to."""
    return {
        "customer_id": edit.customer_id,
        "name": edit.name,
        "file": edit.file,
        "line": edit.line,
        "changes": [{**change_object(change), "reason": change.reason} for change in edit.changes],
        "request": _request(edit),
        "masked_hash": edit.masked_hash,
        "approval": approval(edit, target),
        "needs": list(edit.needs),
        "temporary": edit.temporary,
        "warnings": list(edit.warnings),
    }


def change_object(change: Change) -> dict[str, Any]:
    """One attribute; `base` is null where base does not manage it or cannot be read, or there is no base."""
    return {
        "attribute": change.attribute,
        "before": _shown(change, change.before),
        "after": _shown(change, change.after),
        "base": _shown(change, change.base) if isinstance(change.base, str) else None,
        "class": change.kind.value,
        "line": change.line,
        "masked": change.masked,
    }


def problem_object(problem: Problem) -> dict[str, Any]:
    """One problem at its place."""
    mark = problem.mark
    return {"file": mark.file, "line": mark.line, "column": mark.column, "message": problem.message}


def placed_object(item: Missing | Suspicious | Unpinned) -> dict[str, Any]:
    """A customer and where its file is."""
    return {"customer_id": item.customer_id, "name": item.name, "file": item.file, "line": item.line}


def _request(edit: Edit) -> dict[str, Any]:
    """The body of the call, masked values aside."""
    return request_of(edit.customer_id, [(it.attribute, _shown(it, it.after)) for it in edit.changes])


def _shown(change: Change, text: str) -> str:
    """A value as a document may hold it."""
    return MASKED if change.masked else text


def _aside(aside: Aside) -> dict[str, Any]:
    """An attribute that is only mentioned."""
    return {"customer_id": aside.customer_id, "name": aside.name, "attribute": aside.attribute}


def fingerprint(value: Mapping[str, Any]) -> str:
    """SHA-256 over the one canonical spelling of a JSON value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def dump(document: Mapping[str, Any]) -> str:
    """The document as text, one value a line, ending with a line break."""
    return _RUNNER_COMMAND.sub(r"#\\u0023", json.dumps(document, indent=2, ensure_ascii=True)) + "\n"
