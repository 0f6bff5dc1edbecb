"""What can be said without asking RPM: url, key, customers folder, git, lock and journal. Edits nothing."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.apply.lock import exclusive
from reconciler.cli.checks.lines import fail, ok, warn
from reconciler.core.errors import InputError, Refused
from reconciler.core.text import counted, printable
from reconciler.customers.collection import ids_of
from reconciler.customers.discovery import find_files
from reconciler.customers.load import load
from reconciler.repo.git.process import LOWEST, version
from reconciler.repo.git.repository import Repository
from reconciler.repo.git.root import find_root
from reconciler.rpm.endpoint import SANDBOX
from reconciler.rpm.key import find_key
from reconciler.rpm.session import target_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.apply.lock import LockIdentity
    from reconciler.cli.checks.lines import CheckLine
    from reconciler.customers.manifest import Manifest
    from reconciler.repo.settings import Settings

_KEY_FILE: Final = re.compile(r"(^|/)\.env$|^\.env\.|\.key$")


def check_url(settings: Settings) -> CheckLine:
    """Whether the url may be sent a key."""
    try:
        target = target_of(settings)
    except InputError as error:
        return fail("url", error.what, error.advice)
    if target.url == SANDBOX:
        return ok("url", "sandbox: (the embedded RPM)")
    origin = "reconciler.yaml" if settings.url_from_file else "the environment or a flag"
    return ok("url", f"{target.url} (from {origin})")


def check_key(settings: Settings, environment: Mapping[str, str], key_file: Path | None) -> CheckLine:
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


def check_customers(settings: Settings) -> tuple[CheckLine, list[int]]:
    """Whether the customer files can be planned from, and the ids that they name."""
    try:
        manifest = load(settings)
    except InputError as error:
        return fail("customers", error.what, error.advice), []
    ids = ids_of(manifest.customers)
    return _customers(manifest, settings), ids


def _customers(manifest: Manifest, settings: Settings) -> CheckLine:
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


def check_git(settings: Settings) -> Iterator[CheckLine]:
    """Repository, branch and git's version, customer files that are in no commit, and key files that are in one."""
    if find_root(settings.root) is None:
        yield warn(
            "git", "no git repository here", "git init; --base, drift's authors and CI need a repository"
        )
        return
    try:
        yield from _repository(settings)
    except InputError as error:
        yield fail("git", error.what, error.advice)


def _repository(settings: Settings) -> Iterator[CheckLine]:
    """What git says of itself, of the customer files, and of files that commonly contain keys."""
    told, works = version()
    if not works:
        lowest = ".".join(map(str, LOWEST))
        yield fail("git", f"git {told} is too old", f"install git {lowest} or newer")
        return
    repository = Repository.find(settings.root)
    if repository is None:
        return
    branch = repository.branch()
    place = printable(str(repository.root))
    found = f"{place}, branch {printable(branch)}" if branch else f"{place}, on no branch"
    if waiting := len(repository.uncommitted(_customer_contents(settings, repository))):
        count = counted(waiting, "customer file")
        yield warn("git", f"{found}; {count} not committed", "git add, git commit")
    else:
        yield ok("git", f"{found}, git {told}")
    yield from _tracked_keys(repository)


def _customer_contents(settings: Settings, repository: Repository) -> dict[str, bytes]:
    """The customer files on disk by git's names; those that cannot be read are told elsewhere."""
    folder = settings.root / settings.customers
    if not folder.is_dir() or not Path(os.path.realpath(folder)).is_relative_to(repository.root):
        return {}
    files = find_files(folder, settings.customers)
    return {
        repository.path(Path(file.path)): content
        for file in files.files
        if (content := files.content(file)) is not None
    }


def _tracked_keys(repository: Repository) -> Iterator[CheckLine]:
    """Files that commonly contain keys and are in git, where everybody with the repository has them."""
    if names := sorted(printable(it.path) for it in repository.index() if _KEY_FILE.search(it.path)):
        advice = f"git rm --cached {names[0]}, ignore it, and replace any key that was in it"
        yield fail("secrets", f"git tracks {', '.join(names[:5])}", advice)


def check_lock(identity: LockIdentity, environment: Mapping[str, str], started: str) -> CheckLine:
    """Whether an apply could start now; taking the lock for a moment is the only way to know."""
    try:
        with exclusive(identity, environment, started=started):
            return ok("lock", "free")
    except Refused as error:
        return warn("lock", error.what.partition(": ")[2], "wait for it to end")
    except InputError as error:
        return fail("lock", error.what, error.advice)


def check_journal(settings: Settings) -> CheckLine:
    """When the last apply of this checkout was, and whether it left an edit without a result."""
    folder = settings.local / "journal"
    try:
        last = max(folder.glob("*.jsonl"), default=None)
        lines = [] if last is None else [json.loads(line) for line in last.read_text().splitlines()]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "a line is cut off"
        return warn("journal", f"the last one cannot be read: {reason}", "plan again: RPM is the truth")
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
