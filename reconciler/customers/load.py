"""The customers folder, or a commit of it -> a manifest: what is read, from where, and what must be sound."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.text import counted, printable
from reconciler.customers.discovery import find_files, is_customer_file
from reconciler.customers.manifest import Manifest, combine, limited, read_file
from reconciler.customers.selection import about
from reconciler.repo.cache import size_in, stamp_of
from reconciler.repo.git.repository import Repository
from reconciler.repo.git.root import may_be_sparse
from reconciler.repo.state_dir import private_folder
from reconciler.repo.trust import brought_along

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reconciler.core.field_types import FieldType
    from reconciler.customers.discovery import File
    from reconciler.customers.manifest import FileRead
    from reconciler.customers.parse_cache import ParseCache
    from reconciler.repo.settings import Settings

CACHE: Final = "parsed.sqlite"
_FOLDERS: Final = 5
CACHED_FROM: Final = 1_000
CACHED_BYTES: Final = 400_000
"""From so many files, or from so many bytes, on: fewer are parsed faster than a cache is opened."""


def load(settings: Settings, *, only: Sequence[Path] = ()) -> Manifest:
    """Read every customer file; the manifest holds the problems too, or those in or about `only` some files."""
    found = find_files(settings.root / settings.customers, settings.customers)
    if not may_cache(found.files, settings):
        manifest = combine(
            read_file(content, file.shown, settings.rules.field_types)
            for file in found.files
            if (content := found.content(file)) is not None
        )
    else:
        parsed = _parsed(settings)
        manifest = combine(parsed.files(found))
        parsed.keep()
    manifest = Manifest(
        manifest.customers,
        (*found.problems, *manifest.problems),
        (*found.warnings, *manifest.warnings),
    )
    return limited(about(manifest, only, settings) if only else manifest)


def may_cache(files: Sequence[File], settings: Settings) -> bool:
    """Whether it pays to keep what is known of these files in `.reconciler/`, and what lies there is ours."""
    sizes = (size_in(stamp) for file in files if (stamp := stamp_of(file.path)))
    pays = len(files) >= CACHED_FROM or sum(sizes) >= CACHED_BYTES
    return pays and not brought_along(settings.root)


def _parsed(settings: Settings) -> ParseCache:
    """What the files of a large folder were read into before."""
    from reconciler.customers.parse_cache import ParseCache  # noqa: PLC0415 - it needs SQLite, and small folders do not

    with suppress(OSError):  # where nothing can be kept, everything is parsed
        private_folder(settings.local)
    return ParseCache(settings.local / CACHE, settings.rules.field_types, time.time_ns())


def load_sound(settings: Settings, *, narrowed: bool = False) -> Manifest:
    """Read every customer file; raises `InvalidFiles` with all problems, and an error where there are no files.

    Unless the run is `narrowed` to some customers, files that a sparse checkout leaves out are an error too.
    """
    if not narrowed:
        check_sparse(settings)
    manifest = load(settings)
    if manifest.problems:
        raise InvalidFiles(manifest.problems)
    if not manifest.customers:
        advice = "write one, or `reconciler import --all` to start from what RPM has"
        raise InputError(
            f"reading {printable(settings.customers)}: it holds no customer files", advice=advice
        )
    return manifest


def check_sparse(settings: Settings) -> None:
    """Raise `InputError` where git has customer files that a sparse checkout leaves out: they would count as gone."""
    if not may_be_sparse(settings.root):
        return
    repository = Repository.find(settings.root)
    folder = Path(os.path.realpath(settings.root / settings.customers))
    if repository is None or not folder.is_relative_to(repository.root):
        return
    top = repository.path(folder)
    absent = [
        it.path
        for it in (repository.index() if top == "." else repository.index(top))
        if it.absent_by_choice
        and is_customer_file(it.path if top == "." else it.path.removeprefix(f"{top}/"))
        and not os.path.lexists(repository.root / it.path)
    ]
    if not absent:
        return
    folders = sorted({printable(path.rpartition("/")[0]) or "." for path in absent})
    several = ", ".join(folders[:_FOLDERS]) + (", …" if len(folders) > _FOLDERS else "")
    raise InputError(
        f"reading {printable(settings.customers)}: this sparse checkout lacks {counted(len(absent), 'customer file')} that git has, in {several}",
        advice=f"git sparse-checkout add {printable(top)}, or narrow with PATHS or --select to what is there",
    )


def reader_of(
    settings: Settings, field_types: Mapping[str, FieldType], files: int
) -> Callable[[bytes, str], FileRead]:
    """What reads so many files of a commit, given content and path: by what is kept of the checkout's, where that pays."""
    if files < CACHED_FROM or field_types != settings.rules.field_types or brought_along(settings.root):
        return lambda content, file: read_file(content, file, field_types)
    return _parsed(settings).read
