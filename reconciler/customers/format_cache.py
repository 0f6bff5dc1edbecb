"""Which files were found in canonical form: those that are as they were then need not be read again.

A file is known by its stamp, as in `parse_cache`: size, both times and inode, if they were old when the file was read. A
row has the files of one folder. `FORMAT` must grow with every change of what canonical form is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciler.core.packed import FILES, UnpackableError, joined
from reconciler.core.version import __version__
from reconciler.repo.cache import CACHE_ERRORS, CacheFile, Table
from reconciler.repo.stamps import apart, settled, together

if TYPE_CHECKING:
    from pathlib import Path

FORMAT: Final = 2
_FOLDERS: Final = Table("folders", "TEXT", texts=2)


class FormatCache:
    """The stamps of files in canonical form, by folder and file."""

    def __init__(self, path: Path, now: int) -> None:
        """Open the cache; a damaged one is thrown away. `now` is the wall clock in nanoseconds."""
        self._now = now
        self._file = CacheFile(path, f"canonical files {FORMAT} of {__version__}", _FOLDERS)
        self._stamps: dict[str, dict[str, bytes]] = {}
        self._changed: set[str] = set()
        try:
            for folder, files, stamps in self._file.rows(_FOLDERS):
                pairs = zip(files.split(FILES), apart(stamps), strict=True)
                self._stamps[folder] = dict(pairs)
        except CACHE_ERRORS:
            self._stamps.clear()
            self._file.discard()

    def holds(self, file: str, stamp: bytes) -> bool:
        """Whether a file, given by its shown path, was in canonical form when it had this stamp."""
        folder, _, name = file.rpartition("/")
        return bool(stamp) and self._stamps.get(folder, {}).get(name) == stamp

    def add(self, file: str, stamp: bytes) -> None:
        """Note that a file was read with this stamp and is in canonical form; too young a stamp proves nothing."""
        folder, _, name = file.rpartition("/")
        if settled(stamp, self._now):
            self._stamps.setdefault(folder, {})[name] = stamp
            self._changed.add(folder)

    def keep(self) -> None:
        """Write down what was noted."""
        if not self._changed:
            return
        rows = []
        for folder in sorted(self._changed):
            files = self._stamps[folder]
            try:
                rows.append((folder, joined(FILES, files), together(files.values())))
            except UnpackableError:
                continue
        try:
            self._file.put({_FOLDERS: rows})
        except CACHE_ERRORS:
            self._file.discard()
