"""The text of a customer file at some commit -> the customers that it held, each document read once however often it comes.

A line that begins with `---` parts two documents, whatever stands around it (YAML 1.2, 9.1.2); so a file of a thousand
customers in five hundred versions costs as many readings as there are different documents. Pure, but for what it remembers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.core.field_types import normalize_name
from reconciler.customers.manifest import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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


NO_FILE: Final = PastFile((), whole=True)


class PastFiles:
    """Reads versions of files; two that share a document share the value that it was read into."""

    def __init__(self) -> None:
        self._read: dict[bytes, PastFile] = {}

    def read(self, content: bytes) -> PastFile:
        """The customers of one version."""
        parts = [self._document(text) for text in _documents(content)]
        if len(parts) == 1:
            return parts[0]
        return PastFile([it for part in parts for it in part.customers], all(part.whole for part in parts))

    def _document(self, text: bytes) -> PastFile:
        found = self._read.get(text)
        if found is None:
            customers, problems, _ = read_file(text, "", {})
            sound = not problems
            past = [PastCustomer(it.customer_id, it.values, sound) for it in customers]
            found = self._read[text] = PastFile(past, sound or bool(past))
        return found


def _documents(content: bytes) -> Iterator[bytes]:
    """The texts of the documents; what stands before the first mark is one where it says anything."""
    starts = [match.start() for match in _BEGINS.finditer(content)]
    if not starts or not _SAYS_NOTHING.match(content[: starts[0]]):
        starts.insert(0, 0)
    for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
        yield content[start:end]


class Lookup:
    """Customers by what they are followed by: the id, else the name."""

    def __init__(self) -> None:
        self._by_id: dict[int, list[tuple[str, PastCustomer]]] = {}
        self._by_name: dict[str, list[tuple[str, PastCustomer]]] = {}

    def add(self, path: str, file: PastFile) -> None:
        """Add the customers of a file."""
        for customer in file.customers:
            if customer.customer_id is not None:
                self._by_id.setdefault(customer.customer_id, []).append((path, customer))
            self._by_name.setdefault(customer.name, []).append((path, customer))

    def find(self, wanted: PastCustomer) -> Sequence[tuple[str, PastCustomer]]:
        """The customers that may be this one: those with its id, else those of its name whose id does not contradict."""
        if wanted.customer_id is not None and (found := self._by_id.get(wanted.customer_id)):
            return found
        return [
            (path, it)
            for path, it in self._by_name.get(wanted.name, ())
            if it.customer_id is None or wanted.customer_id is None
        ]
