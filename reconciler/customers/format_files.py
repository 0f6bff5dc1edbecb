"""The customer files of a folder -> the same in canonical form: what `reconciler fmt` does.

Every file is formatted before the first one is written, and one that was saved meanwhile is left as it is.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.text import printable
from reconciler.customers.discovery import find_files
from reconciler.customers.formatter import format_file
from reconciler.repo import atomic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reconciler.core.values import Problem
    from reconciler.customers.discovery import File
    from reconciler.repo.settings import Settings


@dataclass(frozen=True, slots=True)
class FormatResult:
    """The shown paths of the files that were not in canonical form; `left` has the reason for each that stayed so."""

    changed: tuple[str, ...]
    left: tuple[tuple[str, str], ...] = ()


def format_files(settings: Settings, paths: Sequence[Path], *, check: bool) -> FormatResult:
    """Put the files of the customers folder, or those in some paths, into canonical form; with `check`, write nothing.

    Raises `InvalidFiles` with every problem of these files, or `InputError`; then nothing was written.
    """
    folder = settings.root / settings.customers
    found = find_files(folder, settings.customers)
    chosen = list(_within(found.files, folder, paths)) if paths else found.files
    shown = {file.shown for file in chosen}
    files: dict[str, atomic.Replacement] = {}
    problems: list[Problem] = []
    for file in chosen:
        if (content := found.content(file)) is None:
            continue
        try:
            after = format_file(content, file.shown)
        except InvalidFiles as refused:
            problems += refused.problems
        else:
            if after != content:
                files[file.shown] = atomic.Replacement(Path(file.path), content, after)
    problems += [it for it in found.problems if not paths or it.mark.file in shown]
    if problems:
        raise InvalidFiles(problems)
    reasons = {} if check else atomic.replace(list(files.values()), local=settings.local)
    left = [(file, reason) for file, it in files.items() if (reason := reasons.get(it.path))]
    return FormatResult(tuple(files), tuple(left))


def _within(files: Sequence[File], folder: Path, paths: Sequence[Path]) -> Iterator[File]:
    """The files that lie in the paths, each of which must hold one; no link is on the way to a file."""
    given = {str(path.resolve()): path for path in paths}
    disk = str(folder.resolve())
    empty = set(given)
    for file in files:
        place = disk + file.path.removeprefix(str(folder))
        if around := given.keys() & set(_upwards(place)):
            empty -= around
            yield file
    if empty:
        path = given[min(empty)]
        what = "holds no customer file" if path.exists() else "does not exist"
        advice = "name files or folders of customers, or none for all"
        raise InputError(f"formatting: {printable(str(path))} {what}", advice=advice)


def _upwards(path: str) -> Iterator[str]:
    """A path and those of the folders that it lies in."""
    while path != (above := os.path.dirname(path)):  # noqa: PTH120 - a path object for each would take most of the time
        yield path
        path = above
    yield path
