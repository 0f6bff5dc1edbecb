"""The customers folder, or a commit of it -> a manifest: what is read, from where, and what must be sound."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.text import printable
from reconciler.core.values import Problem, SourceMark
from reconciler.customers.discovery import find_files
from reconciler.customers.manifest import Manifest, combine, limited, read_file, read_files
from reconciler.customers.selection import about
from reconciler.repo import git
from reconciler.repo.cache import size_in, stamp_of
from reconciler.repo.state_dir import private_folder
from reconciler.repo.trust import brought_along

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reconciler.customers.discovery import File
    from reconciler.customers.parse_cache import ParseCache
    from reconciler.repo.settings import Settings

CACHE: Final = "parsed.sqlite"
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


def load_sound(settings: Settings) -> Manifest:
    """Read every customer file; raises `FilesRefused` with all problems, and an error where there are no files."""
    manifest = load(settings)
    if manifest.problems:
        raise InvalidFiles(manifest.problems)
    if not manifest.customers:
        advice = "write one, or `reconciler import --all` to start from what RPM has"
        raise InputError(
            f"reading {printable(settings.customers)}: it holds no customer files", advice=advice
        )
    return manifest


def load_at(settings: Settings, ref: str) -> Manifest:
    """The customer files as of a commit, from git itself; its problems are errors too."""
    commit = git.resolve(settings.root, ref)
    contents = git.files_at(settings.root, commit, settings.customers)
    if len(contents) < CACHED_FROM or brought_along(settings.root):
        manifest = read_files(contents, settings.rules.field_types)
    else:
        parsed = _parsed(settings)
        manifest = limited(combine(parsed.read(content, file) for file, content in contents))
    if manifest.problems:
        raise InvalidFiles(
            [
                Problem(SourceMark(f"{ref}:{it.mark.file}", it.mark.line, it.mark.column), it.message)
                for it in manifest.problems
            ]
        )
    return manifest
