"""The customers folder, or a commit of it -> a manifest: what is read, from where, and what must be sound."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.text import printable
from reconciler.customers.discovery import find_files
from reconciler.customers.manifest import Manifest, combine, limited, read_file
from reconciler.customers.selection import about
from reconciler.repo.git.root import may_be_sparse, may_have_submodules
from reconciler.repo.stamps import size_in, stamp_of
from reconciler.repo.state_dir import private_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from reconciler.core.field_types import FieldType
    from reconciler.customers.discovery import File, Found
    from reconciler.customers.manifest import FileRead
    from reconciler.customers.parse_cache import ParseCache
    from reconciler.repo.git.repository import Repository
    from reconciler.repo.settings import Settings
    from reconciler.repo.trust import Trust

CACHE: Final = "parsed.sqlite"
CACHED_FROM: Final = 1_000
CACHED_BYTES: Final = 400_000
"""From so many files, or from so many bytes, on: fewer are parsed faster than a cache is opened."""


def load(settings: Settings, *, only: Sequence[Path] = (), repository: Repository | None = None) -> Manifest:
    """Read every customer file; the manifest has the problems too, or those in or about `only` some files.

    `repository` is that of the settings, where it was found already.
    """
    found = find_files(settings.root / settings.customers, settings.customers)
    trust = _trust(settings, repository) if pays(found) else None
    if trust is None or trust.why:
        manifest = combine(
            read_file(content, file.shown, settings.rules.field_types)
            for file in found.files
            if (content := found.content(file)) is not None
        )
    else:
        parsed = _parsed(settings, trust.hash_name)
        manifest = combine(parsed.files(found))
        parsed.keep()
    manifest = Manifest(
        manifest.customers,
        (*found.problems, *manifest.problems),
        (*found.warnings, *manifest.warnings),
    )
    return limited(about(manifest, only, settings) if only else manifest)


def pays(files: Found | Sequence[File]) -> bool:
    """Whether so many files, or so large ones, are read faster by what is kept of them."""
    sizes = (size_in(stamp) for file in files if (stamp := stamp_of(file.path)))
    return len(files) >= CACHED_FROM or sum(sizes) >= CACHED_BYTES


def may_cache(files: Sequence[File], settings: Settings) -> bool:
    """Whether it pays to keep what is known of these files in `.reconciler/`, and what is there is ours."""
    return pays(files) and not _trust(settings).why


def _trust(settings: Settings, repository: Repository | None = None) -> Trust:
    """Whether what is in `.reconciler/` is ours."""
    from reconciler.repo.trust import look  # noqa: PLC0415 - it asks git, and small folders do not

    return look(settings.root, repository)


def _parsed(settings: Settings, hash_name: str) -> ParseCache:
    """What the files of a large folder were read into before."""
    from reconciler.customers.parse_cache import ParseCache  # noqa: PLC0415 - it needs SQLite, and small folders do not

    with suppress(OSError):  # where nothing can be kept, everything is parsed
        private_folder(settings.local)
    types = settings.rules.field_types
    return ParseCache(settings.local / CACHE, types, time.time_ns(), hash_name=hash_name)


def load_sound(
    settings: Settings,
    *,
    narrowed: bool = False,
    may_be_empty: bool = False,
    repository: Repository | None = None,
) -> Manifest:
    """Read every customer file; raises `InvalidFiles` with all problems, and an error where there are no files.

    Whoever compares nothing says that there `may_be_empty` many. Unless the run is `narrowed` to some customers, files that a sparse
    checkout leaves out are an error too.
    """
    if not narrowed:
        check_sparse(settings)
    manifest = load(settings, repository=repository)
    if manifest.problems:
        raise InvalidFiles(manifest.problems)
    if not manifest.customers and not may_be_empty:
        advice = "write one, or `reconciler import --all` to start from what RPM has"
        raise InputError(
            f"reading {printable(settings.customers)}: it contains no customer files", advice=advice
        )
    return manifest


def check_sparse(settings: Settings) -> None:
    """Raise `InputError` where git has customers that a checkout leaves out: they would count as gone."""
    if may_be_sparse(settings.root):
        from reconciler.customers.sparse import check_complete  # noqa: PLC0415 - few checkouts are, and git takes long to import

        check_complete(settings)
    if may_have_submodules(settings.root):
        from reconciler.customers.sparse import check_fetched  # noqa: PLC0415 - few repositories have any

        check_fetched(settings)


def reader_of(
    settings: Settings, field_types: Mapping[str, FieldType], files: int
) -> Callable[[bytes, str], FileRead]:
    """What reads so many files of a commit, given content and path: by what is kept of the checkout's, where that pays."""
    if files < CACHED_FROM or field_types != settings.rules.field_types:
        return lambda content, file: read_file(content, file, field_types)
    trust = _trust(settings)
    if trust.why:
        return lambda content, file: read_file(content, file, field_types)
    return _parsed(settings, trust.hash_name).read
