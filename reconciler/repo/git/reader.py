"""Contents one after the other, over one process that stays: for whoever learns from one which to read next."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from reconciler.repo.git.objects import there
from reconciler.repo.git.process import GitRefused, refusal, start

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from subprocess import Popen
    from types import TracebackType

    from reconciler.repo.git.filters import Filters

_PIECE: Final = 1 << 16
_AT_ONCE: Final = 64
"""Questions; paths are at most 4,096 bytes on disk, so that even the longest leave room in a pipe of 512 KiB, and common ones of 16."""


class BlobReader:
    """`cat-file` kept waiting; a content is as a checkout would write it, by the rules for the path that is given with it.

    Behind each content a second question with a mark in it is asked: its answer, that there is no such object, ends the
    content, because the size that `cat-file` tells is that of before the filters. A partial clone fetches nothing here, so
    git ends at the first content that such a clone lacks; from then on only what is there is asked for.
    """

    def __init__(self, root: Path, filters: Filters) -> None:
        """Nothing is started before the first question."""
        self._root = root
        self._filters = filters
        self._mark = os.urandom(16).hex()
        self._end = f"{self._mark} missing\n".encode()
        self._there: frozenset[str] | None = None
        self._process: Popen[bytes] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._errors.close()

    def read(self, wanted: Sequence[tuple[str, str]]) -> list[bytes | None]:
        """Contents, given as blob and path; None where this clone lacks one. Raises `GitRefused` where git fails."""
        if self._there is None:
            try:
                return self._read(wanted)
            except GitRefused as error:
                if not error.is_of_partial_clone:
                    raise
            self._process, self._there = None, there(self._root)
        held = self._there
        found = iter(self._read([it for it in wanted if it[0] in held]))
        return [next(found) if blob in held else None for blob, _ in wanted]

    def _read(self, wanted: Sequence[tuple[str, str]]) -> list[bytes | None]:
        """Contents, a few questions at a time: git answers while it reads, and neither pipe may fill up."""
        found: list[bytes | None] = []
        for at in range(0, len(wanted), _AT_ONCE):
            found += self._answers(wanted[at : at + _AT_ONCE])
        return found

    def _answers(self, wanted: Sequence[tuple[str, str]]) -> list[bytes | None]:
        """What `cat-file` says to some questions."""
        process = self._process = self._process or self._started()
        if process.stdin is None or process.stdout is None:
            raise TypeError("both are pipes")
        questions = "".join(f"{blob} {path}\0{self._mark} x\0" for blob, path in wanted)
        with suppress(BrokenPipeError):  # it ended; what it had to say is read below
            process.stdin.write(questions.encode("utf-8", "surrogateescape"))
            process.stdin.flush()
        head = f"{self._mark}\n".encode()
        answers: list[bytes | None] = []
        said = bytearray()
        while len(answers) < len(wanted):
            seen = max(len(said) - len(self._end), 0)
            piece = os.read(process.stdout.fileno(), _PIECE)
            if not piece:
                raise self._refusal(process)
            said += piece
            while (end := said.find(self._end, seen)) >= 0:
                answers.append(bytes(said[len(head) : end - 1]) if said.startswith(head) else None)
                del said[: end + len(self._end)]
                seen = 0
        return answers

    def _started(self) -> Popen[bytes]:
        words = ("cat-file", "-z", "--filters", f"--batch={self._mark}")
        return start(self._root, *words, config=self._filters.overrides, errors=self._errors)

    def _refusal(self, process: Popen[bytes]) -> GitRefused:
        process.communicate()
        code = process.returncode
        self._errors.seek(0)
        return refusal("cat-file", code, self._errors.read())
