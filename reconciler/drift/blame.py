"""Drifted attributes -> what git knows of each: who set the YAML line, and whether RPM's value is an old one of git's.

git is asked a few times a file that holds drift, never once a line, and of a few files at once: what takes the time is
starting it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError
from reconciler.customers.manifest import read_files
from reconciler.drift.model import Origin
from reconciler.repo import git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciler.plan.model import Edit
    from reconciler.repo.git import Commit
    from reconciler.repo.settings import Settings

_VERSIONS: Final = 50
_AT_ONCE: Final = 8


def find_origins(
    edits: Sequence[Edit], settings: Settings, commit: str | None
) -> tuple[dict[tuple[int, str], Origin], str]:
    """The origin of each drifted attribute; or why git could not say, and the audit goes on without."""
    by_file: dict[str, list[Edit]] = {}
    for edit in edits:
        by_file.setdefault(edit.file, []).append(edit)
    origins: dict[tuple[int, str], Origin] = {}
    trouble = ""
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for found in threads.map(lambda file: _of_file(file, by_file[file], settings, commit), by_file):
            if isinstance(found, InputError):
                trouble = trouble or found.what
            else:
                origins |= found
    return origins, trouble


def _of_file(
    file: str, edits: Sequence[Edit], settings: Settings, commit: str | None
) -> dict[tuple[int, str], Origin] | InputError:
    """The origins of what drifted in one file, or why git could not say."""
    lines = [change.line for edit in edits for change in edit.changes]
    try:
        setters = git.blame(settings.root, file, lines, commit)
        earlier = _earlier(edits, settings, file)
    except InputError as error:
        return error
    return {
        (key := (edit.customer_id, change.attribute)): Origin(setters.get(change.line), earlier.get(key))
        for edit in edits
        for change in edit.changes
    }


def _earlier(edits: Sequence[Edit], settings: Settings, file: str) -> Mapping[tuple[int, str], Commit]:
    """The newest commit at which the file said of an attribute what RPM says now."""
    found: dict[tuple[int, str], Commit] = {}
    for commit, content in git.history(settings.root, file, most=_VERSIONS):
        customers = read_files([(file, content)], {}).customers
        for edit in edits:
            then = next(
                (it for it in customers if edit.customer_id == it.customer_id or it.customer_id is None), None
            )
            for change in edit.changes if then else ():
                value = then.values.get(change.attribute) if then else None
                if value is not None and settings.rules.equal(change.attribute, value, change.before):
                    found.setdefault((edit.customer_id, change.attribute), commit)
    return found
