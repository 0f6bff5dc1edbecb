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
from reconciler.drift.versions import Lookup, PastCustomer, PastFiles
from reconciler.repo.git.model import EntryKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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

    YAML is that of a commit, or of the checkout where `commit` is None. Its files lie in `folder` of the repository, and
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
        self._past = PastFiles()
        self._versions: dict[str, PastFile | None] = {}

    def origins(self) -> dict[Key, Origin]:
        """The origin of each drifted attribute."""
        drifted, repository = self._drifted, self._repository
        entries = self._entries()
        evidence = Evidence(drifted.rules)
        history = repository.history(self._tip, drifted.folder)
        paths = {entries[edit.file].path for edit in drifted.edits if edit.file in entries}
        with repository.reader(sorted(paths)) as reader:
            tracks: list[tuple[str, Track]] = []
            for edit in drifted.edits:
                entry = entries.get(edit.file)
                wanted = {change.attribute: (change.after, change.before) for change in edit.changes}
                then = self._at_tip(drifted.desired[edit.customer_id], entry, reader) if entry else None
                track = evidence.begin(edit.customer_id, wanted, then)
                if track and entry:
                    tracks.append((entry.path, track))
            ancestry = Ancestry(drifted.folder, lambda blob, path: self._read(blob, path, reader))
            follow(tracks, history.main, ancestry, evidence.along_the_branch)
            follow(tracks, history.all, ancestry, evidence.everywhere)
        return evidence.origins({i: read_modified(text) for i, text in drifted.since.items()})

    def _entries(self) -> dict[str, Entry]:
        """The customer files of the tip, by the paths that messages show."""
        folder = self._drifted.folder
        inside = 0 if folder == "." else len(folder) + 1
        return {
            f"{self._drifted.shown}/{printable(entry.path[inside:])}": entry
            for entry in self._repository.tree(self._tip, folder)
            if entry.kind is EntryKind.FILE
        }

    def _at_tip(self, desired: DesiredCustomer, entry: Entry, reader: BlobReader) -> PastCustomer | None:
        """A customer as the tip has it; None where the tip does not have it."""
        here = PastCustomer(desired.customer_id, desired.values, sound=True)
        if self._drifted.commit is not None or self._is_committed(entry):
            return here
        lookup = Lookup()
        if file := self._read(entry.blob, entry.path, reader):
            lookup.add(entry.path, file)
        found = lookup.find(here)
        return found[0][1] if len(found) == 1 else None

    def _is_committed(self, entry: Entry) -> bool:
        """Whether the file on disk has the bytes that the tip has; only then need those not be read."""
        try:
            content = (self._repository.root / entry.path).read_bytes()
        except OSError:
            return False
        return self._repository.blob_name(content) == entry.blob

    def _read(self, blob: str, path: str, reader: BlobReader) -> PastFile | None:
        """A version of a file, read once."""
        if blob not in self._versions:
            content = reader.read(blob, path)
            self._versions[blob] = None if content is None else self._past.read(content)
        return self._versions[blob]
