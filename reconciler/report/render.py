"""A result -> the text of a report in one of its formats. The one door to this room.

Each format is imported alone, and so are the classes of plans and audits that were made just now: whoever has one has paid for
the modules of it, and whoever shows a saved plan must not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.apply.result import ApplyReport
from reconciler.core.arguments import (
    checked_flag,
    checked_instance,
    checked_items,
    checked_number,
    checked_text,
)
from reconciler.core.clock import LONG_AGO
from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.core.version import __version__
from reconciler.plan.document import dump
from reconciler.plan.saved import SavedPlan
from reconciler.report import remarks, sections, summaries
from reconciler.report.documents import drift_document, report_document
from reconciler.report.next_command import Invocation, after_apply, after_drift, after_plan
from reconciler.report.shown import drifted_customers, planned_customers
from reconciler.report.view import Part, PlanSheet, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.drift.audit import AuditResult
    from reconciler.plan.model import Change
    from reconciler.plan.run import PlanRequest, PlanResult
    from reconciler.report.view import Remark

    Result = PlanResult | SavedPlan | ApplyReport | AuditResult


def render(
    result: Result,
    output: str,
    *,
    width: int | None = None,
    color: bool = False,
    record: Sequence[str] = (),
    how: Invocation | None = None,
) -> str:
    """The report of a result as `text`, `json`, `markdown` or `html`, ending with a line break.

    `width` (cells; None is a log, where no sentence is wrapped) and `color` are for text; `record` are the lines that
    `drift --record` wrote, whose history the HTML page of an audit draws; `how` is the call that the next command follows, by default one without settings flags.
    """
    checked_text("output", output)
    checked_flag("color", color)
    if width is not None:
        checked_number("width", width)
    lines = checked_items("record", record, "a list of lines")
    if output == "json":
        return result.text if isinstance(result, SavedPlan) else dump(_document(result))
    view = view_of(result, how)
    if output == "markdown":
        from reconciler.report.markdown import markdown  # noqa: PLC0415

        return markdown(view)
    if output == "html":
        return _page(view, result, lines)
    if output != "text":
        raise InputError(f"rendering: {output!r} is no format", advice="text, json, markdown and html are")
    from reconciler.report.text import text  # noqa: PLC0415

    return text(view, width=width, color=color)


def view_of(result: Result, how: Invocation | None = None) -> View:
    """What every format shows of a result."""
    if isinstance(result, ApplyReport):
        return _apply_view(result, how or Invocation())
    if isinstance(result, SavedPlan):
        return _plan_view(_saved_sheet(result), how or Invocation(plan_file=result.name))
    from reconciler.plan.run import PlanResult  # noqa: PLC0415

    if isinstance(result, PlanResult):
        return _plan_view(_sheet(result), how or _asked(result.request))
    return _drift_view(_audit(result), how or Invocation())


def _asked(request: PlanRequest) -> Invocation:
    """The call that a request came of, but for its settings."""
    selection = request.selection
    return Invocation((), request.base, request.changed, selection.select, tuple(map(str, selection.paths)))


def _document(result: PlanResult | ApplyReport | AuditResult) -> dict[str, object]:
    """The JSON document of a result."""
    if isinstance(result, ApplyReport):
        return report_document(result)
    from reconciler.plan.run import PlanResult  # noqa: PLC0415

    if isinstance(result, PlanResult):
        return result.document
    return drift_document(_audit(result))


def _audit(result: AuditResult) -> AuditResult:
    """The audit that a result must be if it is nothing else."""
    from reconciler.drift.audit import AuditResult  # noqa: PLC0415

    checked_instance("result", result, AuditResult, "a plan, a report or an audit")
    return result


def _page(view: View, result: Result, record: Sequence[str]) -> str:
    """The HTML page; that of an audit with its history."""
    from reconciler.report.html import html  # noqa: PLC0415

    if not isinstance(result, ApplyReport | SavedPlan):
        from reconciler.plan.run import PlanResult  # noqa: PLC0415

        if not isinstance(result, PlanResult):
            from reconciler.report.history_chart import charts  # noqa: PLC0415

            return html(view, charts(record, _audit(result).drift.plan, view.customers))
    return html(view)


def _sheet(result: PlanResult) -> PlanSheet:
    """What is shown of a plan made just now."""
    return PlanSheet(
        result.plan,
        result.refusals,
        result.approved.digest,
        result.calls_made,
        result.created,
        __version__,
        result.reads_in_doubt,
        sum(it.read_at == LONG_AGO for i in result.plan.edited_ids if (it := result.observed.get(i))),
    )


def _saved_sheet(saved: SavedPlan) -> PlanSheet:
    """What is shown of a saved plan: what its own run said."""
    meta = saved.meta
    return PlanSheet(
        saved.plan,
        saved.refusals,
        saved.document["digest"],
        meta.calls_made,
        meta.created,
        meta.tool_version,
        meta.reads_in_doubt,
    )


def _plan_view(sheet: PlanSheet, how: Invocation) -> View:
    """A plan."""
    plan = sheet.plan
    customers = planned_customers(plan, remarks.order_remarks, remarks.reason_remarks)
    return View(
        title="Plan",
        headline=summaries.plan_headline(sheet, customers),
        second=summaries.rules_changed(plan.rules_changed),
        opening=summaries.opening(plan),
        heading="Customers to edit",
        parts=(Part("", customers),),
        kinds=summaries.plan_kinds(plan.base),
        sides=summaries.plan_sides(plan.base),
        notices=sections.of_plan(plan, sheet.refusals),
        counts=summaries.counts(plan, sheet.reads_in_doubt),
        digest=printable(sheet.digest) if plan.edits else "",
        next=after_plan(plan, sheet.refusals, sheet.digest, how),
        made=_made(sheet.created, sheet.tool_version, plan.target.url),
    )


def _apply_view(report: ApplyReport, how: Invocation) -> View:
    """What became of each customer; after a refusal the plan itself says what to do next."""
    refused = report.refused
    return View(
        title="Apply",
        headline=summaries.apply_headline(report),
        notices=sections.of_report(report),
        next=after_apply(report, how)
        if refused is None
        else after_plan(refused.plan, refused.refusals, refused.digest, how),
    )


def _drift_view(audit: AuditResult, how: Invocation) -> View:
    """An audit."""
    drift = audit.drift
    without_git = bool(drift.without_git)

    def origin(customer_id: int, change: Change) -> tuple[Remark, ...]:
        return remarks.origin_remarks(drift.origin(customer_id, change), without_git=without_git)

    return View(
        title="Drift",
        headline=summaries.drift_headline(audit),
        heading="Drifted customers",
        parts=tuple(
            Part(title, found)
            for cause, title in summaries.CAUSES.items()
            if (found := drifted_customers(drift, cause, origin))
        ),
        kinds=summaries.DRIFT_KINDS,
        sides=summaries.DRIFT_SIDES,
        notices=sections.of_drift(drift.plan),
        counts=summaries.counts(drift.plan, audit.reads_in_doubt),
        closing=remarks.without_git(drift),
        next=after_drift(drift, how),
        made=_made(audit.created, __version__, drift.plan.target.url),
    )


def _made(created: str, version: str, url: str) -> str:
    """When, by which version and from which RPM a report was made."""
    return f"Made {created} by reconciler {version} for {url}"
