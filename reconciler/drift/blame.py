"""Drifted attributes -> what git knows of each: who set the value that YAML has, and why RPM has another.

git is asked a bounded number of times, however much drifted: for its history once, for contents over one process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.drift.cause import read_modified
from reconciler.drift.evidence import Evidence
from reconciler.drift.lineage import Ancestry, follow
from reconciler.drift.versions import Lookup, PastCustomer, PastFiles, is_one_document
from reconciler.repo.git.model import EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import DesiredCustomer
    from reconciler.drift.evidence import Key
    from reconciler.drift.lineage import Track
    from reconciler.drift.model import Origin
    from reconciler.drift.versions import PastFile
    from reconciler.plan.model import Edit
    from reconciler.repo.git.model import Entry
    from reconciler.repo.git.reader import BlobReader
    from reconciler.repo.git.repository import Repository


@dataclass(frozen=True, slots=True)
class Drifted:
    """The customers that drifted, as YAML has them (by id) and as they differ; `since` is RPM's `Modified` of each.

    YAML is that of a commit, or of the checkout where `commit` is None. Its files are in `folder` of the repository, and
    messages show them in `shown`.
    """

    edits: Sequence[Edit]
    desired: Mapping[int, DesiredCustomer]
    since: Mapping[int, str]
    rules: CompareRules
    commit: str | None
    folder: str
    shown: str


def find_origins(repository: Repository, drifted: Drifted) -> tuple[dict[Key, Origin], str]:
    """The origin of each drifted attribute; or why git could not say, and the audit goes on without."""
    try:
        tip = drifted.commit or repository.head()
        if tip is None:
            return {}, "nothing is committed yet"
        return (_Search(repository, drifted, tip).origins() if drifted.edits else {}), ""
    except InputError as error:
        return {}, error.what


class _Search:
    """One search in one repository, from one commit back."""

    def __init__(self, repository: Repository, drifted: Drifted, tip: str) -> None:
        self._repository = repository
        self._drifted = drifted
        self._tip = tip

    def origins(self) -> dict[Key, Origin]:
        """The origin of each drifted attribute."""
        drifted = self._drifted
        entries = self._entries()
        evidence = Evidence(drifted.rules)
        history = self._repository.history(self._tip, drifted.folder)
        with self._repository.reader([entry.path for entry in entries.values()]) as reader:
            versions = _Versions(reader)
            tracks = self._tracks(entries, evidence, versions)
            ancestry = Ancestry(drifted.folder, versions)
            if history.main == history.all:
                follow(tracks, history.all, ancestry, evidence.on_a_line)
            else:
                follow(tracks, history.main, ancestry, evidence.along_the_branch)
                follow(tracks, history.all, ancestry, evidence.everywhere)
        return evidence.origins({i: read_modified(text) for i, text in drifted.since.items()})

    def _entries(self) -> dict[str, Entry]:
        """The files of the drifted customers as the tip has them, by the paths that messages show."""
        folder = self._drifted.folder
        inside = 0 if folder == "." else len(folder) + 1
        wanted = {edit.file for edit in self._drifted.edits}
        files = {
            f"{self._drifted.shown}/{printable(entry.path[inside:])}": entry
            for entry in self._repository.tree(self._tip, folder)
            if entry.kind is EntryKind.FILE
        }
        return {file: entry for file, entry in files.items() if file in wanted}

    def _tracks(
        self, entries: Mapping[str, Entry], evidence: Evidence, versions: _Versions
    ) -> list[tuple[str, Track]]:
        """The customers to follow, with their paths; what the tip does not have of them is told to the evidence."""
        as_read = {entry.blob for entry in entries.values() if self._is_as_read(entry, versions)}
        versions.load((it.blob, it.path) for it in entries.values() if it.blob not in as_read)
        found = []
        for edit in self._drifted.edits:
            entry = entries.get(edit.file)
            desired = self._drifted.desired[edit.customer_id]
            then = None if entry is None else PastCustomer(desired.customer_id, desired.values, sound=True)
            if then and entry and entry.blob not in as_read:
                then = _only(versions.get(entry.blob, entry.path), then)
            wanted = {change.attribute: (change.after, change.before) for change in edit.changes}
            track = evidence.begin(edit.customer_id, wanted, then)
            if track and entry:
                found.append((entry.path, track))
        return found

    def _is_as_read(self, entry: Entry, versions: _Versions) -> bool:
        """Whether a file need not be read again: it is on disk as the tip has it, and has one document.

        Several are read again, from disk where it has them, because customers are told apart by the document they come from.
        """
        try:
            content = (self._repository.root / entry.path).read_bytes()
        except OSError:
            return False
        if self._repository.blob_name(content) != entry.blob:
            return False
        if is_one_document(content):
            return True
        versions.take(entry.blob, content)
        return False


class _Versions:
    """Versions of files, each read once."""

    def __init__(self, reader: BlobReader) -> None:
        self._reader = reader
        self._past = PastFiles()
        self._read: dict[str, PastFile | None] = {}

    def load(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Read what was not read yet, all at once."""
        missing = [it for it in dict(wanted).items() if it[0] not in self._read]
        for (blob, _), content in zip(missing, self._reader.read(missing), strict=True):
            self._read[blob] = None if content is None else self._past.read(content)

    def take(self, blob: str, content: bytes) -> None:
        """Read a version from a content that is known to be its own."""
        self._read[blob] = self._past.read(content)

    def get(self, blob: str, path: str) -> PastFile | None:
        """A version; None where this clone lacks it."""
        self.load([(blob, path)])
        return self._read[blob]


def _only(file: PastFile | None, wanted: PastCustomer) -> PastCustomer | None:
    """The customer of a file that this one is, if there is one."""
    lookup = Lookup()
    if file:
        lookup.add("", file.customers)
    found = lookup.find(wanted)
    return found[0][1] if len(found) == 1 else None
