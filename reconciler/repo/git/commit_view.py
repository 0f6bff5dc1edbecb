"""What commits have, with contents as a checkout would write them: line ends aside, which no customer or setting depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reconciler.repo.git.model import EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from reconciler.repo.git.model import Entry, MergeBase
    from reconciler.repo.git.repository import Repository
    from reconciler.repo.git.trees import FolderComparison, KnownFolder


class CommitView:
    """The commits of a repository, read over one process; to be used as a context.

    A content is taken as git keeps it, unless an attribute of its path says that more than line ends is changed on the way out.
    Which paths these are is asked once for many.
    """

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._objects = repository.objects()
        self._asked: set[str] = set()
        self._converted: frozenset[str] = frozenset()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._objects.__exit__(kind, error, trace)

    def merge_base(self, ref: str) -> MergeBase:
        """Where HEAD and REF part, as `Repository.merge_base` has it."""
        return self.repository.merge_base(ref, self._objects)

    def at(self, commit: str, path: str) -> Entry | None:
        """What a commit has at a path; None where it has nothing. `.` is its root."""
        return self._objects.at(commit, path)

    def below(self, folder: Entry, known: Mapping[str, KnownFolder] | None = None) -> FolderComparison:
        """What is in a folder of a commit and below it, compared with what is known on disk of some of these folders."""
        return self._objects.below(folder, known)

    def everything(self, commit: str) -> Sequence[Entry]:
        """Every path of a commit that is no folder."""
        root = self._objects.at(commit, ".")
        return (
            [] if root is None else [it for it in self.below(root).entries if it.kind is not EntryKind.FOLDER]
        )

    def converted(self, paths: Iterable[str]) -> frozenset[str]:
        """All that were asked about so far, these among them, whose content on disk is another than git keeps."""
        if unknown := [it for it in paths if it not in self._asked]:
            self._converted |= self.repository.converted(unknown)
            self._asked.update(unknown)
        return self._converted

    def contents(self, entries: Sequence[Entry]) -> list[bytes]:
        """The content of each file entry; raises `InputError` where that cannot be had."""
        converted = self.converted(it.path for it in entries)
        plain = self._objects.contents([it for it in entries if it.path not in converted])
        changed = [it for it in entries if it.path in converted]
        others = iter(self.repository.blobs(changed) if changed else ())
        return [next(others if it.path in converted else plain) for it in entries]
