"""Signals while an apply runs: the first lets calls in flight end, a second ends the waiting too."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from reconciler.core.errors import Interrupted
from reconciler.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from reconciler.apply.run import RunControl


class SignalWatch:
    """What came in during one apply: `caught` is the first signal's number, `control` the run once it began; else None."""

    def __init__(self) -> None:
        """Nothing came in yet."""
        self.caught: int | None = None
        self.control: RunControl | None = None

    @contextmanager
    def watch(self, control: RunControl) -> Iterator[None]:
        """Hand signals on to the run.

        Once an edit was sent, a later signal, in the middle of the report say, must not be told as if nothing had been.
        """

        def catch(number: int, frame: FrameType | None) -> None:
            del frame
            if self.caught is not None:
                control.hurry()
            self.caught = self.caught or _shown(number)
            control.stop.set()

        def late(number: int, frame: FrameType | None) -> NoReturn:
            del frame
            journal = printable(str(control.journal))
            raise Interrupted(
                _shown(number), f"interrupted after the edits; the journal {journal} says what became of each"
            )

        self.control = control
        numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
        before = {number: signal.signal(number, catch) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, late if control.edits_sent() else handler)


def _shown(number: int) -> int:
    """The signal that the exit code names: a hang-up ends a run as SIGTERM does."""
    return signal.SIGINT if number == signal.SIGINT else signal.SIGTERM
