"""The errors a user can meet; each class knows its exit code.

    ReconcilerError             1
    ├── InputError              1  a file, a setting or a flag is wrong; nothing was asked of RPM for it
    │   └── InvalidFiles        1  the problems found in customer files or settings, all of them
    ├── OutputError             1  a result, a plan file or a record could not be written
    ├── RemoteError             1  RPM or the network failed (its kinds are in `rpm.errors`)
    ├── Refused                 3  a guard refused, and nothing was edited
    ├── Unreported              4  edits were sent, and then something of ours broke
    └── Interrupted       130, 143  a signal ended the run

An error keeps its parts as attributes and builds its text once, in the order: what was being
done, to which customer or place, what happened, what to do next. Only the CLI prints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.core.values import Problem


class ReconcilerError(Exception):
    """What a user can meet: what happened, and what to do next."""

    exit_code = 1

    def __init__(self, what: str, *, advice: str = "") -> None:
        """Keep the parts; the text is both, the advice on a line of its own."""
        self.what = what
        self.advice = advice
        super().__init__(f"{what}\n  → {advice}" if advice else what)

    def __reduce__(self) -> tuple[Any, ...]:
        """Go from process to process with all parts; by itself, an exception takes its text alone along."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[ReconcilerError], args: tuple[Any, ...], parts: dict[str, Any]) -> ReconcilerError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(parts)
    return error


class InputError(ReconcilerError):
    """A file, a setting or a flag is wrong."""


class InvalidFiles(InputError):
    """Customer files or settings have problems; every one of them is in `problems`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems; each is a line of the text."""
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


class OutputError(ReconcilerError):
    """A result, a plan file or a record could not be written."""


class RemoteError(ReconcilerError):
    """RPM or the network failed."""


class Refused(ReconcilerError):
    """A guard refused; nothing was edited."""

    exit_code = 3


class Unreported(ReconcilerError):
    """Edits were sent, and then something of ours broke before their outcomes were reported."""

    exit_code = 4


class Interrupted(ReconcilerError):
    """A signal ended the run: before anything was edited, or when only the report was left."""

    def __init__(self, signal_number: int, what: str = "interrupted; nothing was edited") -> None:
        """Keep the signal's number; the exit code is the shell's for it."""
        self.signal_number = signal_number
        self.exit_code = 128 + signal_number
        super().__init__(what)
