"""Contents one after the other, over one process that stays: for whoever learns from one which to read next."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from reconciler.repo.git.cat_file import CatFile, at_once
from reconciler.repo.git.objects import there
from reconciler.repo.git.process import GitRefused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reconciler.repo.git.filters import Filters


class BlobReader(CatFile):
    """`cat-file` kept waiting; a content is as a checkout would write it, by the rules for the path that is given with it.

    Behind each content a second question with a mark in it is asked: its answer, that there is no such object, ends the
    content, because the size that `cat-file` tells is that of before the filters. A partial clone fetches nothing here, so
    git ends at the first content that such a clone lacks; from then on only what is there is asked for.
    """

    def __init__(self, root: Path, filters: Filters) -> None:
        """Nothing is started before the first question."""
        self._mark = os.urandom(16).hex()
        self._end = f"{self._mark} missing\n".encode()
        self._there: frozenset[str] | None = None
        words = ("-z", "--filters", f"--batch={self._mark}")
        super().__init__(root, *words, config=filters.overrides)

    def read(self, wanted: Sequence[tuple[str, str]]) -> list[bytes | None]:
        """Contents, given as blob and path; None where this clone lacks one. Raises `GitRefused` where git fails."""
        if self._there is None:
            try:
                return self._read(wanted)
            except GitRefused as error:
                if not error.is_of_partial_clone:
                    raise
            self._there = there(self.root)
        held = self._there
        found = iter(self._read([it for it in wanted if it[0] in held]))
        return [next(found) if blob in held else None for blob, _ in wanted]

    def _read(self, wanted: Sequence[tuple[str, str]]) -> list[bytes | None]:
        """Contents, so many questions at a time as can wait for git."""
        questions = [f"{blob} {path}\0{self._mark} x\0" for blob, path in wanted]
        return [answer for some in at_once(questions) for answer in self._answers(some)]

    def _answers(self, questions: Sequence[str]) -> list[bytes | None]:
        """What `cat-file` says to some questions."""
        self.ask("".join(questions))
        head = f"{self._mark}\n".encode()
        answers: list[bytes | None] = []
        said = bytearray()
        while len(answers) < len(questions):
            seen = max(len(said) - len(self._end), 0)
            said += self.piece()
            while (end := said.find(self._end, seen)) >= 0:
                answers.append(bytes(said[len(head) : end - 1]) if said.startswith(head) else None)
                del said[: end + len(self._end)]
                seen = 0
        return answers
