"""`git cat-file` kept waiting, asked again and again: for whoever learns from one answer what to ask next."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from reconciler.repo.git.process import refusal, start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from subprocess import Popen
    from types import TracebackType
    from typing import IO

_PIECE: Final = 1 << 16
_ROOM: Final = 4096
"""Bytes that every pipe takes without waiting, even that of a user who has very many."""


def at_once(questions: Sequence[str]) -> Iterator[list[str]]:
    """Questions in order, so many together as a pipe takes while git does not read; one that is longer stands alone.

    git reads no further while its answers are not read, and whoever waits for it to read does not read them. A question
    alone it reads whole, since it has nothing else to answer.
    """
    some: list[str] = []
    size = 0
    for question in questions:
        length = len(question.encode("utf-8", "surrogateescape"))
        if some and size + length > _ROOM:
            yield some
            some, size = [], 0
        some.append(question)
        size += length
    if some:
        yield some


class CatFile:
    """`git cat-file` with a pipe at either end. Nothing is started before the first question."""

    def __init__(self, root: Path, *words: str, config: Sequence[tuple[str, str]] = ()) -> None:
        self.root = root
        self._words = words
        self._config = config
        self._process: Popen[bytes] | None = None
        self._errors = _somewhere()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._errors.close()

    def stop(self) -> None:
        """End the process; the next question starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def ask(self, questions: str) -> None:
        """Write some questions, not more than `at_once` puts together; undecodable bytes of a path as surrogates."""
        if self._process is None:
            self._process = start(
                self.root, "cat-file", *self._words, config=self._config, errors=self._errors
            )
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):  # it ended; what it had to say is read with the answers
                self._process.stdin.write(questions.encode("utf-8", "surrogateescape"))
                self._process.stdin.flush()

    def piece(self) -> bytes:
        """Some bytes of the answers, one at least; raises `GitRefused` with git's words where it ended."""
        if self._process is None or self._process.stdout is None:
            raise TypeError("nothing was asked")
        piece = os.read(self._process.stdout.fileno(), _PIECE)
        if not piece:
            self._process.communicate()
            code, self._process = self._process.returncode, None
            self._errors.seek(0)
            raise refusal("cat-file", code, self._errors.read())
        return piece


def _somewhere() -> IO[bytes]:
    """Where git may write what it complains of: not into a pipe, which could fill up; nowhere, where no folder takes a file."""
    try:
        return tempfile.TemporaryFile()
    except OSError:
        return open(os.devnull, "w+b")  # noqa: PTH123 - closed with the process
