"""Contents one after the other, over one process that stays: for whoever learns from one which to read next."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from reconciler.repo.git.objects import there
from reconciler.repo.git.process import GitRefused, refusal, start

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import Popen
    from types import TracebackType

    from reconciler.repo.git.filters import Filters

_PIECE: Final = 1 << 16


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

    def read(self, blob: str, path: str) -> bytes | None:
        """A content; None where this clone lacks it. Raises `GitRefused` where git fails."""
        if self._there is not None and blob not in self._there:
            return None
        try:
            return self._answer(f"{blob} {path}\0{self._mark} x\0".encode("utf-8", "surrogateescape"))
        except GitRefused as error:
            if self._there is not None or "promisor remote" not in error.what:
                raise
        self._process, self._there = None, there(self._root)
        return self.read(blob, path)

    def _answer(self, question: bytes) -> bytes | None:
        """What `cat-file` says to one question."""
        process = self._process = self._process or self._started()
        if process.stdin is None or process.stdout is None:
            raise TypeError("both are pipes")
        with suppress(BrokenPipeError):  # it ended; what it had to say is read below
            process.stdin.write(question)
            process.stdin.flush()
        answer = bytearray()
        while not answer.endswith(self._end):
            piece = os.read(process.stdout.fileno(), _PIECE)
            if not piece:
                raise self._refusal(process)
            answer += piece
        head = f"{self._mark}\n".encode()
        body = bytes(answer[: -len(self._end)])
        return body[len(head) : -1] if body.startswith(head) else None

    def _started(self) -> Popen[bytes]:
        words = ("cat-file", "-z", "--filters", f"--batch={self._mark}")
        return start(self._root, *words, config=self._filters.overrides, errors=self._errors)

    def _refusal(self, process: Popen[bytes]) -> GitRefused:
        process.communicate()
        code = process.returncode
        self._errors.seek(0)
        return refusal("cat-file", code, self._errors.read())
