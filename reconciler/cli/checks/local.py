"""What can be said without asking RPM: url, key, customers folder, git, lock and journal. Edits nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reconciler.apply.lock import exclusive
from reconciler.cli.checks.lines import fail, ok, warn
from reconciler.core.errors import InputError, Refused
from reconciler.core.text import counted, printable
from reconciler.customers.load import load
from reconciler.repo import git
from reconciler.rpm.endpoint import SANDBOX
from reconciler.rpm.key import find_key
from reconciler.rpm.session import target_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from reconciler.cli.checks.lines import Line
    from reconciler.repo.settings import Settings


def check_url(settings: Settings) -> Line:
    """Whether the url may be sent a key."""
    try:
        target = target_of(settings)
    except InputError as error:
        return fail("url", error.what, error.advice)
    if target.url == SANDBOX:
        return ok("url", "sandbox: (the embedded RPM)")
    origin = "reconciler.yaml" if settings.url_from_file else "the environment or a flag"
    return ok("url", f"{target.url} (from {origin})")


def check_key(settings: Settings, environment: Mapping[str, str], key_file: Path | None) -> Line:
    """Whether there is a key, and where it comes from; what it is stays unsaid."""
    if settings.url == SANDBOX:
        return ok("key", "none is needed for the sandbox")
    try:
        find_key(environment, key_file)
    except InputError as error:
        return fail("key", error.what, error.advice)
    return ok(
        "key", "set, from " + ("RPM_API_KEY" if key_file is None else f"the file {printable(str(key_file))}")
    )


def check_customers(settings: Settings) -> Line:
    """Whether the customer files can be planned from."""
    try:
        manifest = load(settings)
    except InputError as error:
        return fail("customers", error.what, error.advice)
    count = len(manifest.customers)
    found = f"{count:,} in {printable(settings.customers)}"
    if manifest.problems:
        first = manifest.problems[0]
        return fail(
            "customers",
            f"{found}, {counted(len(manifest.problems), 'problem')}, first {first}",
            "reconciler validate",
        )
    if not count:
        return warn("customers", f"{found}: nothing is managed yet", "reconciler import --all")
    if manifest.warnings:
        return warn(
            "customers", f"{found}, {counted(len(manifest.warnings), 'warning')}", "reconciler validate"
        )
    return ok("customers", found)


def check_git(settings: Settings) -> Iterator[Line]:
    """Repository and branch, customer files that no commit holds, and key files that one does."""
    try:
        top = git.git(settings.root, "rev-parse", "--show-toplevel").decode().strip()
    except InputError as error:
        needed = "git init; --base, drift's authors and CI need a repository"
        yield warn("git", "no git repository here", error.advice or needed)
        return
    head = git.git(settings.root, "branch", "--show-current").decode().strip()
    waiting = [
        entry
        for entry in git.git(
            settings.root, "status", "--porcelain", "-z", "--untracked-files=all", "--", settings.customers
        ).split(b"\0")
        if entry
    ]
    found = f"{printable(top)}, " + (f"branch {printable(head)}" if head else "on no branch")
    if waiting:
        yield warn(
            "git", f"{found}; {counted(len(waiting), 'customer file')} not committed", "git add, git commit"
        )
    else:
        yield ok("git", found)
    yield from _tracked_keys(settings)


def _tracked_keys(settings: Settings) -> Iterator[Line]:
    """Files that commonly hold keys and are in git, where everybody with the repository has them."""
    listed = git.git(settings.root, "ls-files", "-z", "--", ".env", "*/.env", ".env.*", "*.key")
    if names := [printable(name.decode(errors="replace")) for name in listed.split(b"\0") if name]:
        advice = f"git rm --cached {names[0]}, ignore it, and replace any key that was in it"
        yield fail("secrets", f"git tracks {', '.join(names[:5])}", advice)


def check_lock(identity: str, environment: Mapping[str, str], started: str) -> Line:
    """Whether an apply could start now; taking the lock for a moment is the only way to know."""
    try:
        with exclusive(identity, environment, started=started):
            return ok("lock", "free")
    except Refused as error:
        return warn("lock", error.what.partition(": ")[2], "wait for it to end")
    except InputError as error:
        return fail("lock", error.what, error.advice)


def check_journal(settings: Settings) -> Line:
    """When the last apply of this checkout was, and whether it left an edit without a result."""
    folder = settings.local / "journal"
    try:
        last = max(folder.glob("*.jsonl"), default=None)
        lines = [] if last is None else [json.loads(line) for line in last.read_text().splitlines()]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "a line is cut off"
        return warn("journal", f"the last one cannot be read: {reason}", "plan anew: RPM is the truth")
    if not lines:
        return ok("journal", "no apply was run here yet")
    edited = {line["intent"] for line in lines if "intent" in line}
    known = {line["result"] for line in lines if "result" in line and line.get("outcome") != "unknown"}
    without = sorted(edited - known)
    found = f"last apply {printable(str(lines[0].get('at')))}, {counted(len(edited), 'edit')} begun"
    if not without:
        return ok("journal", found)
    shown = ", ".join(map(str, without[:5]))
    return warn("journal", f"{found}, no result for {shown}", "reconciler plan: what is left shows there")
