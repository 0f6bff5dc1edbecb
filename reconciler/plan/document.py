"""The plan as a JSON document, its digest and its checksums. Pure.

Two runs on the same input give the same bytes, `meta` aside. The digest covers what an approval is about: the plan's
address and subscriber, the requests and the before-values, and nothing else; the `approval` of an edit covers the same of that
edit alone. The checksum covers the whole document but `meta`, which has a checksum of its own inside it. A masked value is in
none of them: `(masked)` stands for it, `masked_hash` covers what is sent (`masking`), and what RPM has of it is not covered.

What is approved is spelled once, for the digest and for every `approval`. Documents are ASCII (`json_text`), and `##[` and
`##vso[`, which a CI runner would obey wherever they stand in a line, are spelled with an escape.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.json_text import compact, indented
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
    plan: Plan,
    approved: Approvals,
    refusals: Sequence[Refusal],
    *,
    created: str,
    calls_made: int,
    reads_in_doubt: int,
) -> dict[str, Any]:
    """The whole document of a plan; `approved` are its approvals, which whoever shows it needs too."""
    document = {
        "format_version": FORMAT_VERSION,
        "target": target_object(plan.target),
        "digest": approved.digest,
        "base": None if plan.base is None else base_object(plan.base),
        "rules_changed": [
            {"setting": it.setting, "before": it.before, "after": it.after} for it in plan.rules_changed
        ],
        "summary": plan.summary,
        "calls": calls_object(plan),
        "coverage": {"managed": plan.managed, "listed": plan.listed},
        "edits": edit_objects(plan, approved),
        "refusals": [{"code": it.code, "message": it.message, "flag": it.flag} for it in refusals],
        **counted_lists(plan),
    }
    document["checksum"] = fingerprint(document)
    meta = {"created": created, "calls_made": calls_made, "reads_in_doubt": reads_in_doubt}
    return {**document, "meta": meta_object(meta)}


def calls_object(plan: Plan) -> dict[str, int]:
    """What a fresh full reading costs, how many edits an apply sends, and how many reads it may make again for them."""
    return {"read": plan.reads, "apply": len(plan.edits), "reread": len(plan.edits)}


def meta_object(meta: Mapping[str, Any]) -> dict[str, Any]:
    """What may differ between two runs on the same input, with a checksum of its own."""
    told = {**meta, "tool_version": __version__}
    return {**told, "checksum": fingerprint(told)}


def counted_lists(plan: Plan) -> dict[str, Any]:
    """What a plan saw in addition to its edits."""
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


@dataclass(frozen=True, slots=True)
class Approvals:
    """What an approval of a plan is bound to, and what one of each of its edits alone, in the order of the edits."""

    digest: str
    edits: tuple[str, ...]


def approvals(plan: Plan) -> Approvals:
    """The fingerprints of `{"edits": […], "target": …}` and of each `{"edit": …, "target": …}`, from the same spelled parts."""
    target = compact(target_object(plan.target))
    edits = [compact(_approved(edit)) for edit in plan.edits]
    return Approvals(
        _sha256(f'{{"edits":[{",".join(edits)}],"target":{target}}}'),
        tuple(_sha256(f'{{"edit":{edit},"target":{target}}}') for edit in edits),
    )


def _approved(edit: Edit) -> dict[str, Any]:
    """What of an edit an approval is about: its request, and the values before it as far as they are shown."""
    return {
        "request": _request(edit),
        "masked_hash": edit.masked_hash,
        "before": {it.attribute: it.before for it in edit.changes if not it.masked},
    }


def base_object(base: Base) -> dict[str, Any]:
    """What the plan was compared with in addition to RPM, and where that stands now."""
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


def edit_objects(plan: Plan, approved: Approvals) -> list[dict[str, Any]]:
    """The edits of a plan: what differs, exactly what will be sent, and what an approval of each is bound to."""
    return [_edit_object(*both) for both in zip(plan.edits, approved.edits, strict=True)]


def _edit_object(edit: Edit, approval: str) -> dict[str, Any]:
    """One edit."""
    return {
        "customer_id": edit.customer_id,
        "name": edit.name,
        "file": edit.file,
        "line": edit.line,
        "changes": [{**change_object(change), "reason": change.reason} for change in edit.changes],
        "request": _request(edit),
        "masked_hash": edit.masked_hash,
        "approval": approval,
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
    """A value as a document may have it."""
    return MASKED if change.masked else text


def _aside(aside: Aside) -> dict[str, Any]:
    """An attribute that is only mentioned."""
    return {"customer_id": aside.customer_id, "name": aside.name, "attribute": aside.attribute}


def fingerprint(value: Mapping[str, Any]) -> str:
    """SHA-256 over the one canonical spelling of a JSON value."""
    return _sha256(compact(value))


def _sha256(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def dump(document: Mapping[str, Any]) -> str:
    """The document as text, one value a line, ending with a line break."""
    return _RUNNER_COMMAND.sub(r"#\\u0023", indented(document)) + "\n"
