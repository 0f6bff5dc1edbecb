"""Many customers at once: files that lie beside each other as columns of texts, made into customers where somebody looks.

Of a hundred thousand customers a run is about a few; of the others it asks for id and name, and whether two of them are equal.
So a group of files keeps these at hand, and what the files set is compressed until it is asked for.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import chain, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple, overload

from reconciler.core.confusables import skeleton
from reconciler.core.field_types import normalize_name
from reconciler.core.packed import (
    CUSTOMERS,
    FILES,
    VALUES,
    PackedPlaces,
    PackedValues,
    as_texts,
    joined,
    places_text,
)
from reconciler.core.values import CustomerKey, DesiredCustomer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COLUMNS: Final = 11
_NOBODY: Final = "0"
_LEVEL: Final = 1
"""Of zlib: files of one folder are so alike that a higher one saves little and takes longer."""


class ReadFile(NamedTuple):
    """A sound file as it was read: its name as shown, its stamp, the name of its content as a blob, its customers."""

    name: str
    stamp: str
    blob: str
    customers: Sequence[DesiredCustomer]


class FileGroup(Sequence[DesiredCustomer]):
    """The customers of some files of one folder, in the order of the files' names, none of them twice."""

    def __init__(self, folder: str, columns: Sequence[str | bytes]) -> None:
        """Take what `pack` made; `folder` is the path that it is shown with."""
        self.folder = folder
        self.columns = columns
        texts = [it if isinstance(it, str) else "" for it in columns]
        self._names, self._stamps, self._blobs, self._counts, self._ids = texts[:5]
        self._lines, self._columns, self._wanted, size = texts[5:9]
        self.size = int(size)
        self._values, self._places = (it if isinstance(it, bytes) else b"" for it in columns[9:])
        self._length = self._ids.count(CUSTOMERS) + 1

    @staticmethod
    def pack(folder: str, files: Sequence[ReadFile], size: int) -> FileGroup:
        """A group of files, one at least, that hold so many bytes; raises `UnpackableError`."""
        customers = [it for file in files for it in file.customers]
        values = [as_texts(it.values) for it in customers]
        packed = [joined(CUSTOMERS, column) for column in zip(*values, strict=True)]
        columns = (
            joined(FILES, [it.name for it in files]),
            joined(FILES, [it.stamp for it in files]),
            joined(FILES, [it.blob for it in files]),
            joined(FILES, [str(len(it.customers)) for it in files]),
            joined(CUSTOMERS, [str(it.customer_id or _NOBODY) for it in customers]),
            joined(CUSTOMERS, [str(it.line) for it in customers]),
            joined(CUSTOMERS, [str(it.column) for it in customers]),
            joined(CUSTOMERS, [it.name for it in customers]),
            str(size),
            zlib.compress(joined(FILES, packed).encode(), _LEVEL),
            zlib.compress(joined(CUSTOMERS, [places_text(it.places) for it in customers]).encode(), _LEVEL),
        )
        return FileGroup(folder, columns)

    def is_of(self, names: Sequence[str], stamps: Sequence[str]) -> bool:
        """Whether it holds just these files, each with its stamp."""
        return self._names == FILES.join(names) and self._stamps == FILES.join(stamps)

    @property
    def names(self) -> list[str]:
        """The files' names as shown."""
        return self._names.split(FILES)

    @property
    def blobs(self) -> list[str]:
        """The names of the files' contents as git's objects."""
        return self._blobs.split(FILES)

    @property
    def stamps(self) -> list[str]:
        """The files' stamps."""
        return self._stamps.split(FILES)

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
        """How many customers each file holds."""
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
        return _NOBODY not in self.id_texts

    @cached_property
    def texts(self) -> tuple[list[str], list[str]]:
        """Paths and values of each customer."""
        paths, values = zlib.decompress(self._values).decode().split(FILES)
        return paths.split(CUSTOMERS), values.split(CUSTOMERS)

    @cached_property
    def places(self) -> list[str]:
        """Lines and columns of each customer's values."""
        return zlib.decompress(self._places).decode().split(CUSTOMERS)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[DesiredCustomer]:
        return iter(self._all)

    @overload
    def __getitem__(self, index: int) -> DesiredCustomer: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[DesiredCustomer]: ...
    def __getitem__(self, index: int | slice) -> DesiredCustomer | Sequence[DesiredCustomer]:
        return self._all[index]

    @cached_property
    def _all(self) -> list[DesiredCustomer]:
        """The customers, of whose values nothing is taken apart yet."""
        numbers = range(len(self))
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


class Customers(Sequence[DesiredCustomer]):
    """The customers of many files, sorted by file and line; those of a group are made when somebody looks."""

    def __init__(self, parts: Sequence[Sequence[DesiredCustomer]]) -> None:
        """Take the customers of each file or group of files, in any order."""
        self.parts = parts

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def __iter__(self) -> Iterator[DesiredCustomer]:
        return iter(self._all)

    @overload
    def __getitem__(self, index: int) -> DesiredCustomer: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[DesiredCustomer]: ...
    def __getitem__(self, index: int | slice) -> DesiredCustomer | Sequence[DesiredCustomer]:
        return self._all[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as of any list

    @property
    def groups(self) -> list[FileGroup]:
        """The files whose content is known by its name."""
        return [it for it in self.parts if isinstance(it, FileGroup)]

    @cached_property
    def _all(self) -> list[DesiredCustomer]:
        """All of them; the order of one file's stays, because that is theirs."""
        return sorted(chain.from_iterable(self.parts), key=itemgetter(1))

    def attributes(self) -> frozenset[str]:
        """Every attribute that any of them has."""
        found: set[str] = set()
        for part in self.parts:
            if isinstance(part, FileGroup):
                found.update(path for paths in set(part.texts[0]) for path in paths.split(VALUES))
            else:
                found.update(*(it.values for it in part))
        return frozenset(found)

    def are_distinct(self) -> bool:
        """Whether it is plain at a look that no two have one id or one name, nor names that look alike."""
        ids = [it for part in self.parts for it in _ids(part) if it != _NOBODY]
        if len(set(ids)) != len(ids):
            return False
        text = CUSTOMERS.join(map(_names, self.parts))
        names = text.split(CUSTOMERS)
        others = [] if text.isascii() else [it for it in names if not it.isascii()]
        plain = CUSTOMERS.join(it for it in names if it.isascii()) if others else text
        # Lower case without outer spaces is what an ASCII name comes to, by either of the two functions.
        lowered = (
            set(map(str.strip, plain.lower().split(CUSTOMERS))) if len(others) < len(names) else set[str]()
        )
        forms = (normalize_name, skeleton) if others else (normalize_name,)
        return all(len(lowered.union(map(it, others))) == len(names) == len(self) for it in forms)


def ids_of(customers: Sequence[DesiredCustomer]) -> list[int | None]:
    """The id of each customer, or None; in no certain order."""
    parts = customers.parts if isinstance(customers, Customers) else [customers]
    return [int(it) or None for part in parts for it in _ids(part)]


class InGroups(Mapping[CustomerKey, DesiredCustomer]):
    """The customers of some groups by id, each made when it is asked for; none of them lacks an id or has another's."""

    def __init__(self, groups: Sequence[FileGroup]) -> None:
        self.places = frozenset(map(id, groups))
        self._groups = groups

    @cached_property
    def _group_of(self) -> dict[str, FileGroup]:
        """Which group has each id; most runs ask of nobody but whose file changed, and never need it."""
        return {number: group for group in self._groups for number in group.id_texts}

    def __getitem__(self, key: CustomerKey) -> DesiredCustomer:
        if isinstance(key, int) and (group := self._group_of.get(str(key))):
            return group.by_id[key]
        raise KeyError(key)

    def __iter__(self) -> Iterator[CustomerKey]:
        return map(int, self._group_of)

    def __len__(self) -> int:
        return len(self._group_of)


def _ids(part: Sequence[DesiredCustomer]) -> list[str]:
    return part.id_texts if isinstance(part, FileGroup) else [str(it.customer_id or _NOBODY) for it in part]


def _names(part: Sequence[DesiredCustomer]) -> str:
    return part.wanted_names if isinstance(part, FileGroup) else CUSTOMERS.join(it.name for it in part)
