"""Results of steps -> the comments and issues of a pipeline, each with a first line by which the pipeline finds its own again. Pure.

The mark names the kind of text and the folder, so that several subscriptions in one repository have a text each. It is
believed for nothing else: what a comment says permits nothing.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from reconciler.ci.pipeline import Forge
from reconciler.report.markdown_escape import code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.ci.forges.interface import Posted
    from reconciler.ci.pipeline import Run
    from reconciler.ci.results import StepResult

LONGEST: Final = 65_000
_MARK: Final = re.compile(r"<!-- reconciler (\S+) (\S+?)(?: (sha256:\w+))? -->")


def marked(kind: str, name: str, body: str, extra: str = "") -> str:
    """The text after its mark."""
    mark = f"<!-- reconciler {kind} {name}{f' {extra}' if extra else ''} -->"
    return f"{mark}\n{body}"


def find(texts: Iterable[Posted], kind: str, name: str) -> Posted | None:
    """The oldest text of this kind and folder."""
    found = [text for text in texts if mark_of(text.body)[:2] == (kind, name)]
    return min(found, key=lambda text: text.number, default=None)


def mark_of(body: str) -> tuple[str, str, str]:
    """Kind, folder and hash of a text's mark; empty ones where its first line is none."""
    found = _MARK.fullmatch(body.partition("\n")[0].strip())
    return (found[1], found[2], found[3] or "") if found else ("", "", "")


def plan_comment(run: Run, folder: str, left: StepResult | None) -> str:
    """What stands under a request: the plan of its newest commit, or that there is none and why."""
    where = "" if folder == "." else f" of {code(folder)}"
    link = f"[run]({run.page})"
    if left is None:
        return f"**The plan{where} for {run.short} did not end** ({link}); a plan that was shown here was of an older commit.\n"
    if left.state == "failed":
        head = f"**The plan{where} for {run.short} failed: {left.headline}** ({link})\n"
        return f"{head}\n{left.report}\n"
    if left.state != "planned":
        return f"**{left.headline}**\n\nThe request{where} at {run.short} ({link})\n"
    return f"{left.report.rstrip()}\n\nPlan{where} of {run.short} ({link})\n"


def applied_comment(run: Run, folder: str, approved: StepResult | None, left: StepResult | None) -> str:
    """What a merged request is told: what became of its plan on main."""
    where = "" if folder == "." else f" of {code(folder)}"
    link = f"[run]({run.page})"
    if left is not None and left.state == "waiting":
        left = None
    if left is not None and left.state == "nothing":
        return f"**Nothing to apply**{where} at {run.short} ({link})\n"
    if left is not None:
        word = "Applied" if left.state == "applied" else "Not all applied"
        return f"**{word}**{where} at {run.short} ({link})\n\n{left.report}\n"
    if approved is not None and approved.state == "review":
        return f"**Merged, not applied yet**{where} at {run.short} ({link})\n\n{approved.report}\n"
    if approved is not None and approved.state == "failed":
        return f"**Merged, not applied: the plan on {code(run.branch)} failed**{where} ({link})\n\n{approved.report}\n"
    return f"**Merged, not applied: the apply did not end**{where} at {run.short} ({link})\n"


def drift_issue(run: Run, folder: str, left: StepResult | None) -> tuple[str, str]:
    """Title and text of the issue about RPM: what has drifted, or that nobody could look."""
    where = "" if folder == "." else f" ({folder})"
    link = f"[run]({run.page})"
    if left is None:
        return f"RPM could not be audited{where}", f"The audit did not end ({link}).\n"
    if left.state == "failed":
        text = f"**RPM could not be audited: {left.headline}** ({link})\n\n{left.report}\n"
        return f"RPM could not be audited{where}", text
    body = f"{left.report.rstrip()}\n\n{_adopting(run, folder)}\n\nAudit of {run.short} ({link})\n"
    return f"RPM has drifted from git{where}", body


def _adopting(run: Run, folder: str) -> str:
    """How this pipeline takes RPM's values into git."""
    if run.forge is Forge.GITHUB:
        fields = ("--field", f"folder={folder}", "--field", "adopt=ID ID")
        words = ["gh", "workflow", "run", run.file.rpartition("/")[2], "--ref", run.branch, *fields]
    else:
        words = ["glab", "ci", "run", "--branch", run.branch, "--variables", "ADOPT:ID ID"]
    return f"If RPM is right, `{shlex.join(words)}` opens a request that takes its values into git."


def apply_issue(run: Run, folder: str, failed: StepResult | None) -> tuple[str, str]:
    """Title and text of the issue about what was merged and is not applied."""
    where = "" if folder == "." else f" ({folder})"
    link = f"[run]({run.page})"
    title = f"What was merged is not applied{where}"
    if failed is None:
        return title, f"The apply of {run.short} did not end ({link}). The next merge applies it too.\n"
    return title, f"**{failed.headline}**\n\n{failed.report}\n\nCommit {run.short} ({link})\n"


def waiting_issue(run: Run, folder: str, waiting: StepResult, approved: StepResult | None) -> tuple[str, str]:
    """Title and text of the issue about a plan that waits for a review, and that no request can be told of."""
    where = "" if folder == "." else f" ({folder})"
    report = "" if approved is None else f"\n\n{approved.report}"
    return f"A plan waits for a review{where}", f"**{waiting.headline}** ([run]({run.page})){report}\n"


def cut(body: str) -> str:
    """The text, at most as long as a forge takes; a plan is within that by itself."""
    return body if len(body) <= LONGEST else body[: LONGEST - 20].rpartition("\n")[0] + "\n\n… cut\n"
