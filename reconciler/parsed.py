"""What files were read into, kept by their content: a folder of a hundred thousand is parsed once, not every night.

Reading a file is a function of its bytes and of the ways its attributes compare, so what it came to is kept under a
hash of both; the path is no part of it, and moving a file costs nothing. Only a file without a problem and without a
warning is kept, because those are for a person to see at their place. `FORMAT` must grow with every change of what
reading refuses, warns of, or keeps.

Keeping is worth it for large folders alone; for a small one, opening the file takes as long as parsing.
"""

from __future__ import annotations

import sys
from array import array
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from reconciler import __version__
from reconciler.keptfile import ODD, KeptFile, packed, unpacked
from reconciler.manifest import read_file
from reconciler.model import DesiredCustomer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reconciler.comparison import Comparison
    from reconciler.manifest import FileRead

FORMAT: Final = 1
_BETWEEN: Final = "\x01"  # no text of a sound file holds a control character but tab and line break


class ParsedFiles:
    """Reads files as `manifest.read_file` does, those that were read before without parsing them again."""

    def __init__(self, path: Path, ways: Mapping[str, Comparison]) -> None:
        """Take what is kept; a file that is odd is thrown away, because nothing is lost with it but time."""
        self._ways = ways
        self._salt = blake2b(repr(sorted(ways.items())).encode(), digest_size=32).digest()
        self._file = KeptFile(path, f"parsed files {FORMAT} of {__version__}", "BLOB", texts=1)
        self._kept: dict[bytes, str] = {}
        self._fresh: dict[bytes, str] = {}
        self._used = 0
        try:
            self._kept.update(self._file.rows())
        except ODD:
            self._kept.clear()
            self._file.discard()

    def read(self, content: bytes, file: str) -> FileRead:
        """The customers of one file, what is wrong with them and what is doubtful."""
        key = blake2b(content, digest_size=32, key=self._salt).digest()
        record = self._kept.pop(key, None)
        if record is not None:
            self._used += 1
            return _customers(record, file), [], []
        read = read_file(content, file, self._ways)
        if not read[1] and not read[2]:
            self._fresh[key] = _record(read[0])
        return read

    def keep(self) -> None:
        """Keep what was read; what no file says any more goes once it is the larger part."""
        unused = self._kept if len(self._kept) > self._used + len(self._fresh) else ()
        if self._fresh or unused:
            try:
                self._file.put(self._fresh.items(), without=unused)
            except ODD:
                self._file.discard()


def _record(customers: list[DesiredCustomer]) -> str:
    """Customers as text. The paths stand in one string of their own, which many customers share."""
    return _BETWEEN.join(
        packed([f"{it.customer_id or 0}", _packed_places(it), "\n".join(it.values), *it.values.values()])
        for it in customers
    )


def _packed_places(customer: DesiredCustomer) -> str:
    return array("I", [customer.line, customer.column, *customer.places]).tobytes().hex()


def _customers(record: str, file: str) -> list[DesiredCustomer]:
    """The customers of a record."""
    return [_customer(unpacked(one), file) for one in record.split(_BETWEEN)]


def _customer(texts: list[str], file: str) -> DesiredCustomer:
    places = array("I", bytes.fromhex(texts[1]))
    values = dict(zip(_paths(texts[2]), texts[3:], strict=True))
    return DesiredCustomer(int(texts[0]) or None, file, places[0], places[1], values, places[2:])


@lru_cache(maxsize=4096)
def _paths(paths: str) -> tuple[str, ...]:
    return tuple(map(sys.intern, paths.split("\n")))
