"""`ci issue`: one issue about drift and audits that failed, one about what was merged and is not applied; each closed when all is well.

Needs a token that may write issues, and no key of RPM, no checkout. The text of an issue shows how things are now; what changed
about drift is a comment below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.ci import texts
from reconciler.ci.job import OVERTAKEN
from reconciler.ci.pipeline import Trigger
from reconciler.ci.results import folder_name, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciler.ci.forges.interface import Api, Posted
    from reconciler.ci.pipeline import Run


def keep_issues(run: Run, api: Api, folders: Sequence[str]) -> None:
    """Open, update or close, by what the jobs of this run left."""
    files = api.results()
    there = list(api.issues())
    for folder in folders:
        if run.trigger is Trigger.SCHEDULE:
            _drift(run, api, folder, files, there)
        elif run.trigger in {Trigger.PUSH, Trigger.DISPATCH}:
            _apply(run, api, folder, files, there)


def _drift(run: Run, api: Api, folder: str, files: Mapping[str, bytes], there: Sequence[Posted]) -> None:
    name = folder_name(folder)
    left = read(files, name, "drift", run)
    ours = texts.find(there, "drift", name)
    if left is not None and left.state == "clean":
        if ours is not None:
            body = f"**{left.headline}** at {run.short} ([run]({run.page}))\n"
            api.close_issue(ours.number, texts.marked("drift", name, body))
        return
    title, body = texts.drift_issue(run, folder, left)
    mark = left.mark if left is not None and left.mark else ""
    before = texts.mark_of(ours.body)[2] if ours else ""
    # An audit that failed knows no drift: what was known stays in the mark, so that the next audit can tell a change.
    api.write_issue(
        title, texts.marked("drift", name, texts.cut(body), mark or before), ours.number if ours else None
    )
    if ours is not None and left is not None and mark and before and mark != before:
        api.comment_issue(ours.number, f"**What has drifted changed: {left.headline}** ([run]({run.page}))\n")


def _apply(run: Run, api: Api, folder: str, files: Mapping[str, bytes], there: Sequence[Posted]) -> None:
    name = folder_name(folder)
    approved, left = read(files, name, "approved", run), read(files, name, "apply", run)
    ours = texts.find(there, "apply", name)
    number = ours.number if ours else None
    if OVERTAKEN in {it.state for it in (approved, left) if it is not None}:
        return  # a run of a newer commit is for this too
    if left is not None and left.code == 0:
        if ours is not None:
            body = f"**{left.headline}** at {run.short} ([run]({run.page}))\n"
            api.close_issue(ours.number, texts.marked("apply", name, body))
        return
    if left is None and approved is not None and approved.state == "review" and not approved.code:
        return  # somebody is being asked
    if left is not None and left.state == "waiting":
        if left.requests and ours is None:
            return  # the merged request says so
        title, body = texts.waiting_issue(run, folder, left, approved)
    else:
        title, body = texts.apply_issue(run, folder, left or approved)
    api.write_issue(title, texts.marked("apply", name, texts.cut(body)), number)
