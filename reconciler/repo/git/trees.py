"""Commits, trees and contents as git keeps them, over one process that stays; a folder whose files are known is not read at all.

A tree names mode, name and blob of each entry, in git's order. So from the names and blobs of a folder's files follows the
name that its tree would have: where a commit has a tree of that name, it has those files and nothing else.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.repo.git.cat_file import CatFile, at_once
from reconciler.repo.git.model import Entry, EntryKind
from reconciler.repo.git.objects import missing
from reconciler.repo.git.process import GitRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_KINDS: Final = {b"40000": EntryKind.FOLDER, b"120000": EntryKind.LINK, b"160000": EntryKind.SUBMODULE}
_PLAIN: Final = b"100644"
_SIZES: Final = {"sha1": 20, "sha256": 32}


class _Object(NamedTuple):
    """An object as git keeps it."""

    name: str
    kind: str
    content: bytes


class KnownFolder(NamedTuple):
    """Regular files of one folder on disk: their names in git's order, and the names of their contents as blobs."""

    names: Sequence[str]
    blobs: Sequence[str]


@dataclass(frozen=True, slots=True)
class FolderComparison:
    """How a commit's folder differs from what is known of it on disk.

    `entries` are all that the commit has there but the files that are known and the same, each folder before what is in it.
    `changed` are the known files that the commit has otherwise or not at all: names by folder, for the folders that have some.
    """

    entries: tuple[Entry, ...]
    changed: Mapping[str, frozenset[str]]


class ObjectReader(CatFile):
    """`cat-file` kept waiting. Contents come as they are kept, no filter applied."""

    def __init__(self, root: Path, hash_name: str) -> None:
        """Nothing is started before the first question."""
        super().__init__(root, "-z", "--batch")
        self._hash = hash_name
        self._entry = re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % _SIZES[hash_name], re.DOTALL)

    def commits(self, names: Sequence[str]) -> list[str]:
        """The commit that each name means, or nothing."""
        asked = self._read([f"{name}^{{commit}}" for name in names if name])
        found = (it.name if it is not None and it.kind == "commit" else "" for it in asked)
        return [next(found) if name else "" for name in names]

    def contents(self, entries: Sequence[Entry]) -> Iterator[bytes]:
        """The content of each file entry; raises `GitRefused` for one that is not in this clone."""
        asked = [it.blob for it in entries]
        try:
            found = self._read(asked)
        except GitRefused as error:
            if not error.is_of_partial_clone:
                raise
            found = [None]
        if None in found:
            raise missing(self.root, [f"{it.blob} {it.path}" for it in entries])
        return (it.content for it in found if it is not None)

    def at(self, commit: str, path: str) -> Entry | None:
        """What a commit has at a path; None where it has nothing. `.` is its root."""
        entry = Entry(".", EntryKind.FOLDER, "040000", f"{commit}^{{tree}}")
        for name in path.split("/") if path != "." else ():
            if entry.kind is not EntryKind.FOLDER:
                return None
            found = next(
                (it for it in self._raw(entry) if it[1] == name.encode("utf-8", "surrogateescape")), None
            )
            if found is None:
                return None
            entry = _as_entry(entry.path, found)
        return entry

    def below(self, folder: Entry, known: Mapping[str, KnownFolder] | None = None) -> FolderComparison:
        """What is in a folder of a commit and below it, compared with what is known on disk of some of these folders."""
        known = known or {}
        changed = {path: frozenset(it.names) for path, it in known.items()}
        entries: list[Entry] = []
        waiting = [folder]
        while waiting:
            at = waiting.pop()
            if at is not folder:
                entries.append(at)
            files = known.get(at.path)
            if files is not None and at.blob == self._tree_name(files):
                del changed[at.path]
                continue
            raw = self._raw(at)
            if files is not None:
                raw, changed[at.path] = _compared(raw, files)
                if not changed[at.path]:
                    del changed[at.path]
            inside = [_as_entry(at.path, it) for it in raw]
            entries += (it for it in inside if it.kind is not EntryKind.FOLDER)
            waiting += (it for it in reversed(inside) if it.kind is EntryKind.FOLDER)
        return FolderComparison(tuple(sorted(entries, key=lambda it: it.path)), changed)

    def _tree_name(self, files: KnownFolder) -> str:
        """The name of the tree that has these files and nothing else."""
        tree = b"".join([b"100644 %b\0%b" % it for it in zip(*_bytes(files), strict=True)])
        return hashlib.new(self._hash, b"tree %d\0" % len(tree) + tree, usedforsecurity=False).hexdigest()

    def _raw(self, folder: Entry) -> list[tuple[bytes, bytes, bytes]]:
        """The entries of a tree: mode, name, and the object in bytes."""
        try:
            (found,) = self._read([folder.blob])
        except GitRefused as error:
            raise (
                missing(self.root, [f"{folder.blob} {folder.path}"]) if error.is_of_partial_clone else error
            ) from None
        if found is None or found.kind != "tree":
            raise missing(self.root, [f"{folder.blob} {folder.path}"])
        return self._entry.findall(found.content)

    def _read(self, names: Sequence[str]) -> list[_Object | None]:
        """Objects; None for one that is not here."""
        found: list[_Object | None] = []
        for some in at_once([f"{name}\0" for name in names]):
            # No object has a name with a line break, which would break the answer's first line.
            self.ask("".join(question for question in some if "\n" not in question))
            said = bytearray()
            found += [self._answer(it[:-1], said) if "\n" not in it else None for it in some]
        return found

    def _answer(self, name: str, said: bytearray) -> _Object | None:
        """The next answer, of which `said` has the beginning."""
        while (end := said.find(b"\n")) < 0:
            said += self.piece()
        head = said[:end].decode("utf-8", "surrogateescape")
        del said[: end + 1]
        if head in {f"{name} missing", f"{name} ambiguous"}:
            return None
        found, kind, size = head.split(" ")
        while len(said) <= int(size):
            said += self.piece()
        content = bytes(said[: int(size)])
        del said[: int(size) + 1]
        return _Object(found, kind, content)


def _compared(
    raw: Sequence[tuple[bytes, bytes, bytes]], files: KnownFolder
) -> tuple[list[tuple[bytes, bytes, bytes]], frozenset[str]]:
    """The entries of a tree without the files that are known and the same; and those of the known that are not."""
    blobs = {name: blob for mode, name, blob in raw if mode.startswith(b"100")}
    names, known = _bytes(files)
    same = {name for name, blob in zip(names, known, strict=True) if blobs.get(name) == blob}
    changed = frozenset(text for text, name in zip(files.names, names, strict=True) if name not in same)
    return [it for it in raw if it[1] not in same or not it[0].startswith(b"100")], changed


def _bytes(files: KnownFolder) -> tuple[list[bytes], list[bytes]]:
    """Names and objects as a tree has them."""
    names = [name.encode("utf-8", "surrogateescape") for name in files.names]
    return names, list(map(bytes.fromhex, files.blobs))


def _as_entry(above: str, raw: tuple[bytes, bytes, bytes]) -> Entry:
    mode, name, blob = raw
    text = name.decode("utf-8", "surrogateescape")
    path = text if above == "." else f"{above}/{text}"
    return Entry(path, _KINDS.get(mode, EntryKind.FILE), mode.decode("ascii").zfill(6), blob.hex())
