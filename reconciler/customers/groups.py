"""Many customers at once: neighbouring files as columns of texts, made into customers where somebody looks.

Of a hundred thousand customers a run is about a few; of the others it asks for id and name, and whether two of them are equal.
So a group of files keeps these at hand, and what the files set is compressed until it is asked for.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Sequence
from functools import cached_property
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final, NamedTuple, overload

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
from reconciler.repo.stamps import apart, together

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COLUMNS: Final = 11
NO_ID: Final = "0"
"""The id of a customer that has none, among the texts of a group."""
_LEVEL: Final = 1
"""Of zlib: files of one folder are so alike that a higher one saves little and takes longer."""


class ReadFile(NamedTuple):
    """A sound file as it was read: its name as shown, its stamp, the name of its content as a blob, its customers."""

    name: str
    stamp: bytes
    blob: str
    customers: Sequence[DesiredCustomer]


class CustomersOnDemand(Sequence[DesiredCustomer]):
    """Customers of whom only some are asked for: `_all` makes them, once, when somebody looks at one."""

    @cached_property
    def _all(self) -> list[DesiredCustomer]:
        raise NotImplementedError

    def __iter__(self) -> Iterator[DesiredCustomer]:
        return iter(self._all)

    @overload
    def __getitem__(self, index: int) -> DesiredCustomer: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[DesiredCustomer]: ...
    def __getitem__(self, index: int | slice) -> DesiredCustomer | Sequence[DesiredCustomer]:
        return self._all[index]


class FileGroup(CustomersOnDemand):
    """The customers of some files of one folder, in the order of the files' names, none of them twice."""

    def __init__(self, folder: str, columns: Sequence[str | bytes]) -> None:
        """Take what `pack` made; `folder` is the path that it is shown with."""
        self.folder = folder
        self.columns = columns
        texts = [it if isinstance(it, str) else "" for it in columns]
        self._names, self._blobs, self._counts, self._ids = texts[:4]
        self._lines, self._columns, self._wanted, size = texts[4:8]
        self.size = int(size)
        self._stamps, self._values, self._places = (
            it if isinstance(it, bytes) else b"" for it in columns[8:]
        )
        self._length = self._ids.count(CUSTOMERS) + 1

    @staticmethod
    def pack(folder: str, files: Sequence[ReadFile], size: int) -> FileGroup:
        """A group of files, one at least, of so many bytes together; raises `UnpackableError`."""
        customers = [it for file in files for it in file.customers]
        values = [as_texts(it.values) for it in customers]
        packed = [joined(CUSTOMERS, column) for column in zip(*values, strict=True)]
        columns = (
            joined(FILES, [it.name for it in files]),
            joined(FILES, [it.blob for it in files]),
            joined(FILES, [str(len(it.customers)) for it in files]),
            joined(CUSTOMERS, [str(it.customer_id or NO_ID) for it in customers]),
            joined(CUSTOMERS, [str(it.line) for it in customers]),
            joined(CUSTOMERS, [str(it.column) for it in customers]),
            joined(CUSTOMERS, [it.name for it in customers]),
            str(size),
            together(it.stamp for it in files),
            zlib.compress(joined(FILES, packed).encode(), _LEVEL),
            zlib.compress(joined(CUSTOMERS, [places_text(it.places) for it in customers]).encode(), _LEVEL),
        )
        return FileGroup(folder, columns)

    def is_of(self, names: Sequence[str], stamps: Sequence[bytes]) -> bool:
        """Whether it has just these files, each with its stamp."""
        return self._names == FILES.join(names) and self._stamps == together(stamps)

    @property
    def names(self) -> list[str]:
        """The files' names as shown."""
        return self._names.split(FILES)

    @property
    def blobs(self) -> list[str]:
        """The names of the files' contents as git's objects."""
        return self._blobs.split(FILES)

    @property
    def stamps(self) -> list[bytes]:
        """The files' stamps."""
        return apart(self._stamps)

    @property
    def id_texts(self) -> list[str]:
        """The customers' ids as texts; `0` for none."""
        return self._ids.split(CUSTOMERS)

    @property
    def wanted_names(self) -> str:
        """The customers' names, parted by `CUSTOMERS`."""
        return self._wanted

    @property
    def counts(self) -> list[int]:
        """How many customers each file has."""
        return list(map(int, self._counts.split(FILES)))

    def files(self) -> Iterator[ReadFile]:
        """Each file."""
        at = 0
        for name, stamp, blob, count in zip(self.names, self.stamps, self.blobs, self.counts, strict=True):
            yield ReadFile(name, stamp, blob, self._all[at : at + count])
            at += count

    @cached_property
    def by_id(self) -> dict[int, DesiredCustomer]:
        """The customers that have an id."""
        return {it.customer_id: it for it in self._all if it.customer_id is not None}

    @property
    def has_every_id(self) -> bool:
        """Whether no customer lacks an id."""
        return NO_ID not in self.id_texts

    @cached_property
    def texts(self) -> tuple[list[str], list[str]]:
        """Paths and values of each customer; nearly all of them share their paths, so these are one text."""
        paths, values = zlib.decompress(self._values).decode().split(FILES)
        return list(map(sys.intern, paths.split(CUSTOMERS))), values.split(CUSTOMERS)

    @cached_property
    def places(self) -> list[str]:
        """Lines and columns of each customer's values."""
        return zlib.decompress(self._places).decode().split(CUSTOMERS)

    def __len__(self) -> int:
        return self._length

    @cached_property
    def _all(self) -> list[DesiredCustomer]:
        """The customers, of whose values nothing is taken apart yet."""
        numbers = list(range(len(self)))  # made once for both that know their place by it
        files: Iterable[str] = (f"{self.folder}/{name}" for name in self.names)
        if len(self.names) != len(self):
            files = chain.from_iterable(map(repeat, files, self.counts))
        parts = zip(
            [int(number) or None for number in self.id_texts],
            files,
            map(int, self._lines.split(CUSTOMERS)),
            map(int, self._columns.split(CUSTOMERS)),
            map(_GroupValues, self._wanted.split(CUSTOMERS), repeat(self), numbers),
            map(_GroupPlaces, repeat(self), numbers),
            strict=True,
        )
        return list(map(DesiredCustomer._make, parts))


class _GroupValues(PackedValues):
    """The values of one customer of a group."""

    __slots__ = ("_at", "_group")

    def __init__(self, name: str, group: FileGroup, at: int) -> None:
        self.name = name  # a hundred thousand of them: the base class's own texts are not asked for
        self._decoded = None
        self._group = group
        self._at = at

    @property
    def paths(self) -> str:
        return self._group.texts[0][self._at]

    @property
    def texts(self) -> str:
        return self._group.texts[1][self._at]


class _GroupPlaces(PackedPlaces):
    """The places of one customer's values."""

    __slots__ = ("_at", "_group")

    def __init__(self, group: FileGroup, at: int) -> None:
        self._group = group
        self._at = at

    @property
    def text(self) -> str:
        return self._group.places[self._at]
