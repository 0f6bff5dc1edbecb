"""What files were read into, kept: a folder of a hundred thousand is parsed once, not every night.

A file is known by its stamp: size, both times and inode are those of the file that was read. As in git's index, that
counts only if the stamp was old when the file was read, because a file may be written twice in one tick of its times.
Otherwise it is known by its content, wherever it lies now: reading is a function of the bytes and of how attributes
compare. Only a file without a problem and without a warning is kept, because those are for a person to see
at their place. `FORMAT` must grow with every change of what reading refuses, warns of, or keeps.

Keeping is worth it for large folders alone; for a small one, opening the file takes as long as parsing. The files of
one folder lie in one row, a column for each part of all their customers: a folder in which nothing moved is made into
customers by a few loops that Python runs in C.
"""

from __future__ import annotations

from functools import cached_property
from hashlib import blake2b
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.core.packed import (
    CUSTOMERS,
    FILES,
    PackedPlaces,
    PackedValues,
    as_texts,
    joined,
    places_text,
)
from reconciler.core.values import DesiredCustomer
from reconciler.core.version import __version__
from reconciler.customers.manifest import read_file
from reconciler.repo.cache import CACHE_ERRORS, CacheFile, Table, settled, size_in, stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from reconciler.core.field_types import FieldType
    from reconciler.customers.discovery import File, Found
    from reconciler.customers.manifest import FileRead

FORMAT: Final = 4
_FOLDERS: Final = Table("folders", "TEXT", texts=11)


_YOUNG: Final = "young"


class _Kept(NamedTuple):
    """A sound file as it was read; the stamp is `_YOUNG` where it would prove nothing."""

    file: str
    stamp: str
    content: str
    customers: list[DesiredCustomer]


class _Row:
    """The files of a folder as they are kept: columns of texts, taken apart when somebody asks."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.files = columns[0].split(FILES)
        self.stamps = columns[1].split(FILES)
        self._contents = columns[2]
        self._columns = columns[3:]

    @cached_property
    def customers(self) -> list[DesiredCustomer]:
        """The customers of all the files, in their order."""
        files, numbers, lines, columns, places, names, paths, texts = (
            column.split(CUSTOMERS) for column in self._columns
        )
        parts = zip(
            [int(number) or None for number in numbers],
            files,
            map(int, lines),
            map(int, columns),
            map(PackedValues, names, paths, texts),
            map(PackedPlaces, places),
            strict=True,
        )
        return list(map(DesiredCustomer._make, parts))

    @cached_property
    def kept(self) -> dict[str, _Kept]:
        """The same a file at a time."""
        of_file = {file: list(some) for file, some in groupby(self.customers, attrgetter("file"))}
        contents = self._contents.split(FILES)
        return {
            file: _Kept(file, stamp, content, of_file[file])
            for file, stamp, content in zip(self.files, self.stamps, contents, strict=True)
        }


class ParseCache:
    """Reads files as `manifest.read_file` does, those that were read before without parsing them again."""

    def __init__(self, path: Path, field_types: Mapping[str, FieldType], now: int) -> None:
        """Open the cache; a damaged one is thrown away, because nothing but time is lost with it.

        `now` is the wall clock in nanoseconds, which the times of files are measured by.
        """
        self._field_types = field_types
        self._begun = now
        rules = blake2b(repr(sorted(field_types.items())).encode(), digest_size=16).hexdigest()
        self._file = CacheFile(path, f"parsed files {FORMAT} of {__version__}, compared by {rules}", _FOLDERS)
        self._rows: dict[str, _Row] = {}
        self._by_content: dict[str, _Kept] | None = None
        self._moved: dict[str, list[_Kept]] = {}
        try:
            self._rows.update((folder, _Row(columns)) for folder, *columns in self._file.rows(_FOLDERS))
        except CACHE_ERRORS:
            self._rows.clear()
            self._file.discard()

    def files(self, found: Found) -> Iterator[FileRead]:
        """The customers of a folder's files, what is wrong and what is doubtful; folders come in no certain order."""
        folders: dict[str, list[File]] = {}
        for file in found.files:
            folders.setdefault(file.shown.rpartition("/")[0], []).append(file)
        for folder, files in folders.items():
            stamps = [stamp_of(file.path) for file in files]
            row = self._rows.get(folder)
            same = row is not None and row.stamps == stamps and row.files == [file.shown for file in files]
            if row is not None and same and found.room(size := sum(map(size_in, stamps))):
                found.count(size, files[-1])
                yield row.customers, [], []
            else:
                yield from self._moved_files(folder, files, stamps, found)
        self._moved |= {folder: [] for folder in self._rows.keys() - folders.keys()}

    def read(self, content: bytes, file: str) -> FileRead:
        """The customers of one file that lies in no folder, what is wrong with it and what is doubtful."""
        return self._read(content, file, _YOUNG)[0]

    def keep(self) -> None:
        """Keep what the files were read into, a row for each folder in which anything moved."""
        if not self._moved:
            return
        try:
            rows = [(folder, *_columns(files)) for folder, files in self._moved.items() if files]
            self._file.put({_FOLDERS: rows}, without=self._moved)
        except CACHE_ERRORS:
            self._file.discard()

    def _moved_files(
        self, folder: str, files: Iterable[File], stamps: Iterable[str], found: Found
    ) -> Iterator[FileRead]:
        """The files of a folder in which something moved, one by one."""
        row = self._rows.get(folder)
        before = {} if row is None else row.kept
        after: dict[str, _Kept] = {}
        for file, stamp in zip(files, stamps, strict=True):
            known = before.get(file.shown)
            if known is not None and known.stamp == stamp:
                after[file.shown] = known
                if found.count(size_in(stamp), file):
                    yield known.customers, [], []
            elif (content := found.content(file)) is not None:
                read, kept = self._read(content, file.shown, settled(stamp, self._begun) or _YOUNG)
                if kept is not None:
                    after[file.shown] = kept
                yield read
        if after != before:
            self._moved[folder] = list(after.values())

    def _read(self, content: bytes, file: str, stamp: str) -> tuple[FileRead, _Kept | None]:
        """Read a file, from what is kept of its content if there is such; and what to keep of it."""
        key = blake2b(content, digest_size=32).hexdigest()
        if self._by_content is None:
            self._by_content = {it.content: it for row in self._rows.values() for it in row.kept.values()}
        same = self._by_content.get(key)
        if same is not None:
            customers = [
                DesiredCustomer(it.customer_id, file, it.line, it.column, it.values, it.places)
                for it in same.customers
            ]
            return (customers, [], []), _Kept(file, stamp, key, customers)
        read = read_file(content, file, self._field_types)
        sound = not read[1] and not read[2]
        return read, _Kept(file, stamp, key, read[0]) if sound else None


def _columns(files: Sequence[_Kept]) -> list[str]:
    """The row of some files."""
    customers = [it for file in files for it in file.customers]
    parts = [
        (
            it.file,
            str(it.customer_id or 0),
            str(it.line),
            str(it.column),
            places_text(it.places),
            it.name,
            *as_texts(it.values),
        )
        for it in customers
    ]
    return [
        *(
            joined(FILES, column)
            for column in zip(*((it.file, it.stamp, it.content) for it in files), strict=True)
        ),
        *(joined(CUSTOMERS, column) for column in zip(*parts, strict=True)),
    ]
