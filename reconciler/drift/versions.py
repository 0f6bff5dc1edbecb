"""The text of a customer file at some commit -> the customers that it had, each document read once however often it comes.

A line that begins with `---` parts two documents, whatever stands around it (YAML 1.2, 9.1.2); so a file of a thousand
customers in five hundred versions costs as many readings as there are different documents. Pure, but for what it remembers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from reconciler.core.field_types import normalize_name
from reconciler.customers.manifest import read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

K = TypeVar("K")

_BEGINS: Final = re.compile(rb"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_SAYS_NOTHING: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*(?:#[^\n]*)?\Z")


class PastCustomer(NamedTuple):
    """A customer as a document said it once; where it is not `sound`, an attribute that is not in it may have been said."""

    customer_id: int | None
    values: Mapping[str, str]
    sound: bool

    @property
    def name(self) -> str:
        """The name, as names are told apart."""
        return normalize_name(self.values["Name"])


class PastFile(NamedTuple):
    """The customers of one version of a file; `whole` is false where a document could not be read."""

    customers: Sequence[PastCustomer]
    whole: bool

    @property
    def identities(self) -> frozenset[int]:
        """What tells its documents from others of another text."""
        return frozenset(map(id, self.customers))


NO_FILE: Final = PastFile((), whole=True)


class PastFiles:
    """Reads versions of files; two that share a document share the value that it was read into, identity and all."""

    def __init__(self) -> None:
        self._documents: dict[bytes, tuple[list[PastCustomer], bool]] = {}

    def read(self, content: bytes) -> PastFile:
        """The customers of one version."""
        customers: list[PastCustomer] = []
        whole = True
        for text in _texts(content):
            found = self._documents.get(text)
            if found is None:
                read, problems, _ = read_file(text, "", {})
                past = [PastCustomer(it.customer_id, it.values, not problems) for it in read]
                found = self._documents[text] = past, bool(past) or not problems
            customers += found[0]
            whole = whole and found[1]
        return PastFile(customers, whole)


def is_one_document(content: bytes) -> bool:
    """Whether a file's text is that of its only document."""
    return _BEGINS.search(content) is None


def _texts(content: bytes) -> Iterator[bytes]:
    """The texts of the documents; what stands before the first mark is one where it says anything."""
    starts = [match.start() for match in _BEGINS.finditer(content)]
    if not starts or not _SAYS_NOTHING.match(content[: starts[0]]):
        starts.insert(0, 0)
    for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
        yield content[start:end]


class Lookup:
    """Customers by what they are followed by: the id, else the name."""

    def __init__(self) -> None:
        self._places: list[tuple[str, PastCustomer]] = []
        self._by_id: dict[int | None, list[tuple[str, PastCustomer]]] | None = None
        self._by_name: dict[str, list[tuple[str, PastCustomer]]] | None = None

    def add(self, path: str, customers: Iterable[PastCustomer]) -> None:
        """Add the customers of a file; all are added before one is looked for."""
        self._places += [(path, it) for it in customers]

    def find(self, wanted: PastCustomer) -> Sequence[tuple[str, PastCustomer]]:
        """The customers that may be this one: those with its id, else those of its name whose id does not contradict."""
        if wanted.customer_id is not None:
            if self._by_id is None:
                self._by_id = _grouped(self._places, lambda it: it.customer_id)
            if found := self._by_id.get(wanted.customer_id):
                return found
        if self._by_name is None:
            self._by_name = _grouped(self._places, lambda it: it.name)
        return [
            (path, it)
            for path, it in self._by_name.get(wanted.name, ())
            if it.customer_id is None or wanted.customer_id is None
        ]


def _grouped(
    places: Iterable[tuple[str, PastCustomer]], key: Callable[[PastCustomer], K]
) -> dict[K, list[tuple[str, PastCustomer]]]:
    found: dict[K, list[tuple[str, PastCustomer]]] = {}
    for path, customer in places:
        found.setdefault(key(customer), []).append((path, customer))
    return found
