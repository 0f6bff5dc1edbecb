"""Audits made up for the tests of the drift reports; this module holds no test itself."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.values import Problem, SourceMark
from reconciler.drift.audit import AuditResult
from reconciler.drift.model import Drift, Origin
from reconciler.plan.model import Aside, Change, Class, Edit, Missing
from reconciler.repo.git.model import Commit
from reconciler.report.documents import record_line
from tests.report.test_plans import CANARY, edit, sheet

if TYPE_CHECKING:
    from collections.abc import Iterable

ANN: Final = Commit("aff81a40" * 5, "Ann Example", "2026-08-01T09:00:00Z")
BOB: Final = Commit("0ddba110" * 5, "Bob Example", "2025-05-05T09:00:00Z")


def differs(attribute: str, git: str, rpm: str, *, masked: bool = False) -> Change:
    """An attribute on which the two sides differ."""
    return Change(attribute, before=rpm, after=git, kind=Class.DRIFT, masked=masked)


def audit(*edits: Edit, origin: Origin | None = None, without_git: str = "", **parts: Any) -> AuditResult:
    """An audit that found these customers drifted among 34, each since the day that its id ends in."""
    plan = sheet(*edits, **parts).plan
    since = {it.customer_id: f"2026-11-{it.customer_id % 20 + 1:02}" for it in edits}
    origins = {(it.customer_id, one.attribute): origin for it in edits for one in it.changes if origin}
    return AuditResult(Drift(plan, since, origins, without_git), "2026-11-24T08:00:00Z", 34)


def several() -> AuditResult:
    """One of everything that an audit can find."""
    return audit(
        edit(
            10023, differs("Name", "Acme, Inc.", "Acme Ltd"), differs("Website", "", "https://acme.example")
        ),
        edit(10042, differs("Fields.Tier", "Gold", "Silver"), differs("Address", "1 Harbour Road", "")),
        edit(10098, differs("Fields.Tax id", CANARY, f"2{CANARY}", masked=True)),
        origin=Origin(ANN, BOB),
        missing=(Missing(99, "Gone Ltd", "customers/gone.yaml", 3, "now an alias of customer 10023"),),
        ignored=tuple(Aside(number, "C", "Fields.Last contacted") for number in range(7)),
    )


def hostile_audit(text: str) -> AuditResult:
    """An audit in which every text that can come from RPM, YAML or git is this one."""
    return audit(
        Edit(1, text, text, 1, (differs("Name", text, f"x{text}"), differs(f"Fields.{text}", "x", text))),
        origin=Origin(Commit(text, text, text), Commit(text, text, text)),
        without_git=text or "no git",
        missing=(Missing(3, text, text, 1, text),),
        problems=(Problem(SourceMark(text, 1, 1), text),),
        ignored=(Aside(5, text, f"Fields.{text}"),),
        notes=(text,),
    )


def alike_audit(number: int) -> AuditResult:
    """So many customers with one and the same drift."""
    tier = differs("Fields.Tier", "Gold", "Silver")
    return audit(*(edit(100 + it, tier) for it in range(number)), origin=Origin(ANN))


def record(day: int, ids: Iterable[int], missing: Iterable[int] = ()) -> str:
    """The line that an audit of the n-th day leaves, with these customers drifted and those missing."""
    found = audit(
        *(edit(it, differs("Website", "a", "b")) for it in ids),
        missing=tuple(Missing(it, "Gone", "customers/gone.yaml", 1) for it in missing),
    )
    at = f"{2000 + day // 28:04}-01-{day % 28 + 1:02}T08:00:00Z"
    return json.dumps(record_line(replace(found, created=at)))
