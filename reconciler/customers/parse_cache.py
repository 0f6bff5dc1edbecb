"""What files were read into, kept: a folder of a hundred thousand is parsed once, not every night.

A file is known by its stamp: size, both times and inode are those of the file that was read. As in git's index, that
counts only if the stamp was old when the file was read, because a file may be written twice in one tick of its times.
Otherwise it is known by its content, wherever it is now: reading is a function of the bytes and of how attributes
compare. A content goes by the name that git gives it as a blob, so that it is known in a commit too, without being read.
Only a file without a problem and without a warning is kept, because those are for a person to see
at their place. `FORMAT` must grow with every change of what reading refuses, warns of, or keeps.

Keeping is worth it for large folders alone; for a small one, opening the file takes as long as parsing. About a thousand files
that are neighbours in a folder are one row, a group, and stay one while files come and go between its first name and the
next group's: where nothing moved, a group is recognised by two comparisons of long texts.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from reconciler.core.version import __version__
from reconciler.customers.groups import COLUMNS, FileGroup, ReadFile
from reconciler.customers.manifest import read_file
from reconciler.repo.cache import CACHE_ERRORS, CacheFile, Table
from reconciler.repo.stamps import YOUNG, settled, size_in, stamps_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from reconciler.core.field_types import FieldType
    from reconciler.customers.discovery import Folder, Found
    from reconciler.customers.manifest import FileRead

FORMAT: Final = 6
GROUP: Final = 1_000
"""Files in a group; one that grew to twice as many is parted."""
_GROUPS: Final = Table("groups", "TEXT", texts=COLUMNS)

_FEW: Final = 200
"""So many files are parsed before it is looked for whether others have their contents, because looking takes as long."""


class ParseCache:
    """Reads files as `manifest.read_file` does, those that were read before without parsing them again."""

    def __init__(
        self, path: Path, field_types: Mapping[str, FieldType], now: int, *, hash_name: str = "sha1"
    ) -> None:
        """Open the cache; a damaged one is thrown away, because nothing but time is lost with it.

        `now` is the wall clock in nanoseconds, which the times of files are measured by; `hash_name` is how the repository
        names its objects.
        """
        self._field_types = field_types
        self._begun = now
        self._hash = hash_name
        rules = hashlib.blake2b(repr(sorted(field_types.items())).encode(), digest_size=16).hexdigest()
        made_for = f"parsed files {FORMAT} of {__version__}, named by {hash_name}, compared by {rules}"
        self._file = CacheFile(path, made_for, _GROUPS)
        self._groups: dict[str, FileGroup] = {}
        self._unknown = 0
        self._moved: dict[str, list[FileGroup]] = {}
        try:
            for key, *columns in self._file.rows(_GROUPS):
                self._groups[key] = FileGroup(key.rpartition("/")[0], columns)
        except CACHE_ERRORS:
            self._groups.clear()
            self._file.discard()

    def files(self, found: Found) -> Iterator[FileRead]:
        """The customers of a folder's files, what is wrong and what is doubtful, a group of files or a file at a time."""
        gone = set(self._groups)
        firsts: dict[str, list[str]] = {}
        for key in self._groups:
            shown, _, first = key.rpartition("/")
            firsts.setdefault(shown, []).append(first)
        for folder in found.folders:
            for key, part in _parts(folder, sorted({"", *firsts.get(folder.shown, [])})):
                stamps = stamps_in(part.path, part.on_disk)
                group = self._groups.get(key)
                gone.discard(key)
                if group is not None and group.is_of(part.names, stamps) and found.room(group.size):
                    found.count(group.size, part.file(-1))
                    yield group, [], []
                else:
                    yield from self._moved_files(key, part, stamps, found)
        self._moved |= {key: [] for key in gone}

    def read(self, content: bytes, file: str) -> FileRead:
        """The customers of one file that is in no folder, what is wrong with it and what is doubtful."""
        return self._read(content, file, YOUNG)[0]

    def keep(self) -> None:
        """Keep what the files were read into, a row for each group in which anything moved."""
        if not self._moved:
            return
        rows = [
            (key if at == 0 else f"{group.folder}/{group.names[0]}", *group.columns)
            for key, groups in self._moved.items()
            for at, group in enumerate(groups)
        ]
        try:
            self._file.put({_GROUPS: rows}, without=self._moved)
        except CACHE_ERRORS:
            self._file.discard()

    def _moved_files(
        self, key: str, part: Folder, stamps: Sequence[bytes], found: Found
    ) -> Iterator[FileRead]:
        """The files of a group in which something moved: those that are not sound one by one, the others as groups."""
        group = self._groups.get(key)
        before = {} if group is None else {it.name: it for it in group.files()}
        after: list[ReadFile] = []
        sizes: list[int] = []
        for at, (name, stamp) in enumerate(zip(part.names, stamps, strict=True)):
            known, file = before.get(name), part.file(at)
            if known is not None and known.stamp == stamp:
                if found.count(size_in(stamp), file):
                    after.append(known)
                    sizes.append(size_in(stamp))
            elif (content := found.content(file)) is not None:
                proof = stamp if settled(stamp, self._begun) else YOUNG
                read, kept = self._read(content, file.shown, proof, known)
                if kept is None:
                    yield read
                else:
                    after.append(kept)
                    sizes.append(len(content))
        if group is not None and after == list(before.values()):
            yield group, [], []
            return
        self._moved[key] = list(_grouped(part.shown, after, sizes))
        for it in self._moved[key]:
            yield it, [], []

    def _read(
        self, content: bytes, file: str, stamp: bytes, before: ReadFile | None = None
    ) -> tuple[FileRead, ReadFile | None]:
        """Read a file, from what is kept of its content if there is such; and what to keep of it."""
        name = file.rpartition("/")[2]
        blob = blob_name(content, self._hash)
        if before is not None and before.blob == blob:
            return (before.customers, [], []), ReadFile(name, stamp, blob, before.customers)
        self._unknown += 1
        if self._unknown > _FEW and (same := self._kept_contents.get(blob)):
            group, first, count = same
            customers = [it._replace(file=file) for it in group[first : first + count]]
            return (customers, [], []), ReadFile(name, stamp, blob, customers)
        read = read_file(content, file, self._field_types)
        sound = not read[1] and not read[2]
        return read, ReadFile(name, stamp, blob, read[0]) if sound else None

    @cached_property
    def _kept_contents(self) -> dict[str, tuple[FileGroup, int, int]]:
        """Where the customers of each content are: the group, the first of them in it, and how many."""
        found = {}
        for group in self._groups.values():
            first = 0
            for blob, count in zip(group.blobs, group.counts, strict=True):
                found[blob] = group, first, count
                first += count
        return found


def blob_name(content: bytes, hash_name: str) -> str:
    """The name that git gives a content as an object of a repository with this hash."""
    return hashlib.new(hash_name, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _parts(folder: Folder, firsts: Sequence[str]) -> Iterator[tuple[str, Folder]]:
    """The files of a folder as they fall into groups, each with its key; `firsts` are the names that groups begin with."""
    cuts = [bisect_left(folder.names, first) for first in firsts]
    for first, (start, end) in zip(firsts, pairwise([*cuts, len(folder.names)]), strict=True):
        if start < end:
            names, on_disk = folder.names[start:end], folder.on_disk[start:end]
            yield f"{folder.shown}/{first}", folder._replace(names=names, on_disk=on_disk)


def _grouped(folder: str, files: Sequence[ReadFile], sizes: Sequence[int]) -> Iterator[FileGroup]:
    """Files of a folder as groups."""
    step = GROUP if len(files) > 2 * GROUP else 2 * GROUP
    for first in range(0, len(files), step):
        yield FileGroup.pack(folder, files[first : first + step], sum(sizes[first : first + step]))
