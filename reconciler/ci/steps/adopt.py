"""Adopting on demand: `ci drift` takes RPM's values of the customers that were named into their files, `ci adopt` makes a request of these.

Two jobs, so that the one with a key of RPM may write nothing on the forge, and the one that may has neither key nor checkout.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from reconciler.adopt.adopt import adopt_drift
from reconciler.ci.branch import applied_since
from reconciler.ci.results import folder_name, read
from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.text import counted
from reconciler.customers.load import load_sound
from reconciler.report.markdown_escape import code

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from reconciler.adopt.adopt import Adopted
    from reconciler.adopt.candidates import NotAdopted
    from reconciler.ci.forges.interface import Api
    from reconciler.ci.job import Job
    from reconciler.ci.pipeline import Run
    from reconciler.ci.results import StepResult
    from reconciler.repo.settings import Settings

FILES: Final = "files.json"


def adopt_values(job: Job, api: Api) -> StepResult:
    """Write what drifted of these customers into the checkout's files, and leave those; what is merged and not applied is no drift."""
    settings, ids = job.settings(), job.run.inputs.adopt
    if len(job.known) > 1 and not {it.customer_id for it in load_sound(settings).customers} & set(ids):
        return job.result("adopt", "nothing", f"{job.folder} has no file of these customers")
    given = job.run.inputs.base
    base = given or applied_since(job, api).base or job.run.commit
    job.voice.say(f"adopting what RPM changed since {base[:7]}")
    with job.session(settings) as session:
        found = adopt_drift(
            settings,
            ids,
            session.reads,
            base=base,
            progress=job.voice.progress,
            warn=job.voice.warn,
        )
    if found.problems:
        raise InvalidFiles(found.problems)
    if hidden := [it for it in found.adopted if it.candidate.masked]:
        raise InputError(
            f"adopting {hidden[0].candidate.attribute} of customer {hidden[0].candidate.customer_id}: it is masked, and a request would show it",
            advice=f"at the keyboard: reconciler adopt {hidden[0].candidate.customer_id}",
        )
    headline = f"Adopt {counted(len(found.adopted), 'value')} from RPM"
    report = "\n".join([*map(_adopted, found.adopted), *map(_left, found.left)])
    made = job.result("adopt", "adopted" if found.adopted else "nothing", headline, report=report)
    return replace(made, log=f"{headline}\n", files={FILES: _files(job, settings, found.adopted)})


def _files(job: Job, settings: Settings, adopted: Sequence[Adopted]) -> str:
    """The files as they are now, by path from git's root, as JSON."""
    places = {settings.root / it.candidate.customer.file for it in adopted}
    return json.dumps({job.repo.path(place): _text(place) for place in sorted(places)}, indent=2)


def _text(place: Path) -> str:
    return place.read_bytes().decode("utf-8")


def _adopted(it: Adopted) -> str:
    candidate = it.candidate
    change = f"{code(candidate.before)} → {code(candidate.text)}"
    return f"- {candidate.customer_id} {code(candidate.customer.name)}, {code(candidate.attribute)}: {change}"


def _left(it: NotAdopted) -> str:
    candidate = it.candidate
    return f"- left: {candidate.customer_id} {code(candidate.customer.name)}, {code(candidate.attribute)}: {code(it.reason)}"


def open_requests(run: Run, api: Api, folders: Sequence[str], say: Callable[[str], None]) -> int:
    """A request for each folder that has something to adopt; 1 where there is none."""
    files = api.results()
    pages = []
    for folder in folders:
        name = folder_name(folder)
        left = read(files, name, "adopt", run)
        if left is None or left.state != "adopted":
            continue
        branch = f"reconciler/adopt-{name}-{run.run_id}"
        body = f"{left.report}\n\nRPM has these values; merging this edits nothing there. Read at {run.short} ([run]({run.page}))\n"
        contents = _contents(files.get(f"{name}/adopt/{FILES}", b""))
        pages.append(api.open_request(branch, run.commit, contents, left.headline, body))
    for page in pages:
        say(page)
    if not pages:
        say("there is nothing to adopt; no request was opened")
    return 0 if pages else 1


def _contents(content: bytes) -> dict[str, str]:
    """The texts by path; raises `InputError` for what is no result of ours."""
    try:
        found: dict[str, Any] = json.loads(content)
        fits = bool(found) and all(isinstance(text, str) for text in found.values())
    except (ValueError, AttributeError):
        fits = False
    if not fits:
        raise InputError("reading the files to adopt: they are not results of this tool")
    return found
