"""The customer files of a folder -> the same in canonical form: what `reconciler fmt` does.

Every file is formatted before the first one is written, and one that was saved meanwhile is left as it is.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.text import printable
from reconciler.customers.discovery import find_files
from reconciler.customers.formatter import format_file
from reconciler.customers.load import may_cache
from reconciler.repo import atomic
from reconciler.repo.stamps import GONE, size_in, stamp_of
from reconciler.repo.state_dir import private_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reconciler.core.values import Problem
    from reconciler.customers.discovery import File, Found
    from reconciler.customers.format_cache import FormatCache
    from reconciler.repo.settings import Settings

CACHE: Final = "canonical.sqlite"


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
    changed, problems = _format(chosen, found, _cache(chosen, settings))
    problems += [it for it in found.problems if not paths or it.mark.file in shown]
    if problems:
        raise InvalidFiles(problems)
    reasons = {} if check else atomic.replace(list(changed.values()), local=settings.local)
    left = [(file, reason) for file, it in changed.items() if (reason := reasons.get(it.path))]
    return FormatResult(tuple(changed), tuple(left))


def _format(
    files: Iterable[File], found: Found, cache: FormatCache | None
) -> tuple[dict[str, atomic.Replacement], list[Problem]]:
    """The files that are not in canonical form, by shown path, and the problems of those that have any."""
    changed: dict[str, atomic.Replacement] = {}
    problems: list[Problem] = []
    for file in files:
        stamp = stamp_of(file.path) if cache else GONE
        if cache and cache.holds(file.shown, stamp) and found.room(size_in(stamp)):
            found.count(size_in(stamp), file)
        elif (content := found.content(file)) is not None:
            try:
                after = format_file(content, file.shown)
            except InvalidFiles as refused:
                problems += refused.problems
                continue
            if after != content:
                changed[file.shown] = atomic.Replacement(Path(file.path), content, after)
            elif cache:
                cache.add(file.shown, stamp)
    if cache:
        cache.keep()
    return changed, problems


def _cache(files: Sequence[File], settings: Settings) -> FormatCache | None:
    """What is known of many files; few are read faster."""
    if not may_cache(files, settings):
        return None
    from reconciler.customers.format_cache import FormatCache  # noqa: PLC0415 - it needs SQLite, and few files do not

    with suppress(OSError):  # where nothing can be kept, everything is read
        private_folder(settings.local)
    return FormatCache(settings.local / CACHE, time.time_ns())


def _within(files: Sequence[File], folder: Path, paths: Sequence[Path]) -> Iterator[File]:
    """The files in the paths, each of which must have one; no link is on the way to a file."""
    given = {os.path.realpath(path): path for path in paths}
    disk = os.path.realpath(folder)
    empty = set(given)
    for file in files:
        place = disk + file.path.removeprefix(str(folder))
        if around := given.keys() & set(_upwards(place)):
            empty -= around
            yield file
    if empty:
        path = given[min(empty)]
        what = "contains no customer file" if path.exists() else "does not exist"
        advice = "name files or folders of customers, or none for all"
        raise InputError(f"formatting: {printable(str(path))} {what}", advice=advice)


def _upwards(path: str) -> Iterator[str]:
    """A path and those of the folders that it is in."""
    while path != (above := os.path.dirname(path)):  # noqa: PTH120 - a path object for each would take most of the time
        yield path
        path = above
    yield path
