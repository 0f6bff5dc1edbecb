"""`ci comment`: a request's comment says the plan of its newest commit, or that there is none; a merged request is told what was applied.

Needs a token that may write comments, and no key of RPM, no checkout. What earlier comments say is believed for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.ci import texts
from reconciler.ci.job import OVERTAKEN
from reconciler.ci.pipeline import Trigger
from reconciler.ci.results import folder_name, read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconciler.ci.forges.interface import Api, Posted
    from reconciler.ci.pipeline import Run


def tell_requests(run: Run, api: Api, folders: Sequence[str], say: Callable[[str], None]) -> int:
    """0, or 1 where a plan of this run failed or is missing: the one check that a branch may require."""
    if run.trigger in {Trigger.REQUEST, Trigger.QUEUE}:
        return _of_request(run, api, folders, say)
    _of_branch(run, api, folders)
    return 0


def _of_request(run: Run, api: Api, folders: Sequence[str], say: Callable[[str], None]) -> int:
    files = api.results() if folders else {}
    code = 0
    for folder in folders:
        left = read(files, folder_name(folder), "plan", run)
        if left is None or left.code:
            code = 1
            say(f"the plan of {folder} {'did not end' if left is None else f'ended with {left.code}'}")
    if run.from_fork or run.trigger is Trigger.QUEUE:
        return code
    if api.request(run.request).head != run.head:
        say(f"request {run.request} has a newer commit than {run.short}; the run of that one comments")
        return code
    there = list(api.comments(run.request))
    for folder in folders:
        name = folder_name(folder)
        left = read(files, name, "plan", run)
        ours = texts.find(there, "plan", name)
        if ours is None and left is not None and left.state == "nothing":
            continue
        body = texts.plan_comment(run, folder, left)
        api.write_comment(
            run.request, texts.marked("plan", name, texts.cut(body)), ours.number if ours else None
        )
    _outdated(run, api, there, folders)
    return code


def _outdated(run: Run, api: Api, there: Sequence[Posted], folders: Sequence[str]) -> None:
    """A comment about a folder that the request no longer touches says so."""
    names = {folder_name(folder) for folder in folders}
    for text in there:
        kind, name, _ = texts.mark_of(text.body)
        if kind == "plan" and name not in names:
            body = f"**Nothing of {name} is touched any more** at {run.short} ([run]({run.page}))\n"
            api.write_comment(run.request, texts.marked("plan", name, body), text.number)


def _of_branch(run: Run, api: Api, folders: Sequence[str]) -> None:
    files = api.results()
    for folder in folders:
        name = folder_name(folder)
        approved, left = read(files, name, "approved", run), read(files, name, "apply", run)
        last = left or approved
        requests = () if last is None or last.state == OVERTAKEN else last.requests
        body = texts.cut(texts.applied_comment(run, folder, approved, left))
        for number in requests:
            ours = texts.find(api.comments(number), "applied", name)
            api.write_comment(number, texts.marked("applied", name, body), ours.number if ours else None)
