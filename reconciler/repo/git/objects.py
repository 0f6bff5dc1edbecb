"""Trees, the index and contents, each of any number of paths over one process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from reconciler.core.text import printable
from reconciler.repo.git.filters import Filters, check_filters, points_to_a_server
from reconciler.repo.git.model import Entry, EntryKind, IndexEntry
from reconciler.repo.git.process import GitRefused, pathspec, run_git

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


_KINDS: Final = {"040000": EntryKind.FOLDER, "120000": EntryKind.LINK, "160000": EntryKind.SUBMODULE}


def tree(root: Path, commit: str, paths: Sequence[str]) -> tuple[Entry, ...]:
    """What a commit has at some paths and below them, folders too; all of it without a path."""
    output = run_git(root, "ls-tree", "-r", "-t", "-z", "--full-tree", commit, "--", *map(pathspec, paths))
    entries = [_entry(line) for line in output.split(b"\0") if line]
    # git lists the folders above a path too.
    return tuple(it for it in entries if not paths or _is_in(it.path, paths))


def _is_in(path: str, places: Sequence[str]) -> bool:
    return any(place in {path, "."} or path.startswith(f"{place}/") for place in places)


def _entry(line: bytes) -> Entry:
    head, _, path = line.partition(b"\t")
    mode, _, blob = head.decode("ascii").split(" ")
    return Entry(_text(path), _KINDS.get(mode, EntryKind.FILE), mode, blob)


def index(root: Path, paths: Sequence[str]) -> tuple[IndexEntry, ...]:
    """What git's index has at some paths and below them; all of it without a path."""
    output = run_git(root, "ls-files", "-z", "-v", "--stage", "--full-name", "--", *map(pathspec, paths))
    return tuple(_index_entry(line) for line in output.split(b"\0") if line)


def _index_entry(line: bytes) -> IndexEntry:
    head, _, path = line.partition(b"\t")
    tag, mode, blob, stage = head.decode("ascii").split(" ")
    return IndexEntry(
        _text(path),
        _KINDS.get(mode, EntryKind.FILE),
        mode,
        blob,
        int(stage),
        absent_by_choice=tag in {"S", "s"},
        unwatched=tag.islower(),
    )


def blobs(root: Path, entries: Sequence[Entry], filters: Filters) -> tuple[bytes, ...]:
    """The content of each entry as a checkout would write it: line ends, encodings and the user's filters applied.

    Raises `InputError` for a file that git LFS governs, and `GitRefused` for a content that is not in this clone.
    """
    paths = [entry.path for entry in entries]
    if filters.any:
        check_filters(root, paths, filters)
    asked = [f"{entry.blob} {entry.path}" for entry in entries]
    contents = tuple(_contents(root, asked, "--filters", config=filters.overrides))
    if not filters.any and points_to_a_server(contents):
        check_filters(root, paths, filters)
    return contents


def raw_blobs(root: Path, names: Sequence[str]) -> tuple[bytes, ...]:
    """The contents of objects as git keeps them; raises `GitRefused` for one that is not in this clone."""
    return tuple(_contents(root, names))


def there(root: Path) -> frozenset[str]:
    """The names of all objects in this clone; of a partial clone, what it does not lack."""
    words = ("cat-file", "--batch-all-objects", "--unordered", "--buffer", "--batch-check=%(objectname)")
    return frozenset(run_git(root, *words).decode("ascii").split())


def _contents(
    root: Path, asked: Sequence[str], *words: str, config: Sequence[tuple[str, str]] = ()
) -> Iterator[bytes]:
    """Contents, in the order asked for.

    `cat-file` tells the size of what it has, not of what a filter made of it, so contents are parted by a mark that none
    can have, because it is drawn anew for each process.
    """
    if not asked:
        return
    mark = os.urandom(16).hex()
    given = "".join(f"{it}\0" for it in asked).encode("utf-8", errors="surrogateescape")
    try:
        output = run_git(root, "cat-file", "-z", *words, f"--batch={mark}", given=given, config=config)
    except GitRefused as error:
        raise (missing(root, asked) if error.is_of_partial_clone else error) from None
    parts = output.split(f"{mark}\n".encode())
    if len(parts) != len(asked) + 1 or parts[0]:
        raise missing(root, asked)
    for part in parts[1:]:
        yield part[:-1]


def missing(root: Path, asked: Sequence[str]) -> GitRefused:
    """Which content is not in this clone; a partial clone fetches nothing here."""
    kept = there(root)
    names = [it.partition(" ") for it in asked]
    lacking = [path or name for name, _, path in names if name not in kept]
    shown = printable(lacking[0]) if lacking else "a content"
    more = f" and {len(lacking) - 1:,} more" if len(lacking) > 1 else ""
    return GitRefused(
        f"asking git for {shown}{more}: this clone lacks it",
        advice="fetch it first: git fetch --refetch --no-filter origin",
    )


def _text(path: bytes) -> str:
    return path.decode("utf-8", errors="surrogateescape")
