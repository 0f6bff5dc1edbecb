"""A seed -> one order of events: only one thread runs at a time, and the seed says which goes on at every wait.

Time is a number that moves only when everybody waits. The code under test notices nothing: what it gets instead of the
platform's `Thread` and `Condition` are the two classes here, which hand the baton on where the platform would block. A thread
is a greenlet, so that handing on is a function call, and costs no wait for a lock. What happens on the far side of the
network is an event at a time, carried out by whoever waits.

A timeout below half a second is a poll; it may come late, as on a busy machine, and here it always does.
"""

from __future__ import annotations

import datetime as dt
import random
import threading
from concurrent import futures
from contextlib import contextmanager
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Final, Self
from unittest.mock import patch

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

from reconciler.apply import executor, journal
from reconciler.core.clock import Clock, Moment
from reconciler.rpm import fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOREVER: Final = float("inf")
_POLL: Final = 0.5
_EPOCH: Final = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


class Died(BaseException):
    """The process is gone: whatever meets this must do nothing more."""


class Task:
    """A thread's place in the queue: when it wants to go on, and what else would let it."""

    def __init__(self, thread: greenlet) -> None:
        self.thread = thread
        self.wake_at = 0.0
        self.until: Callable[[], bool] = _never
        self.over = False


def _never() -> bool:
    return False


class Baton:
    """Holds the time, the threads that wait and the events to come."""

    def __init__(self, seed: str) -> None:
        self.now = 0.0
        self.dead = False
        self.broken: list[BaseException] = []
        self._thrown: Exception | None = None
        self.refuses_thread: Callable[[], bool] = _never
        self._random = random.Random(seed)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._main = self._running = Task(getcurrent())
        self._tasks = [self._main]

    def after(self, seconds: float, event: Callable[[], None]) -> None:
        """Let an event happen so much later, whoever is alive by then."""
        self._count += 1
        heappush(self._events, (self.now + seconds, self._count, event))

    def sleep(self, seconds: float, until: Callable[[], bool] = _never) -> None:
        """Hand the baton on for so long, or until something is so; the dead do not wake."""
        me = self._running
        me.wake_at, me.until = self.now + seconds, until
        self._hand_on(me)
        if self.dead:
            raise Died

    def pass_over(self, seconds: float) -> None:
        """Let time pass while this machine sleeps: the far side goes on, and every wait here lasts so much longer."""
        end = self.now + seconds
        for task in self._tasks:
            task.wake_at += seconds
        while self._events and self._events[0][0] <= end:
            self.now = max(self.now, self._events[0][0])
            self._happen()
        self.now = end

    def raise_in_main(self, error: Exception) -> None:
        """What the handler of a signal raises: the platform runs handlers in the main thread, whoever is at work."""
        if self._running is self._main:
            raise error
        self._thrown = error

    def die(self) -> None:
        """End the process here and now: every thread of it meets `Died` where it waits."""
        self.dead = True
        raise Died

    def bury(self) -> None:
        """Let every thread that is left end, as threads do with their process; then the dead may start anew."""
        self.dead = True
        while len(self._tasks) > 1:
            self._hand_on(self._main)
        self.dead, self._thrown = False, None
        if self.broken:
            raise self.broken.pop()

    def start(self, work: Callable[[], None]) -> Task:
        """Begin a thread; it runs when the baton comes to it."""

        def body() -> None:
            try:
                work()
            except Died:
                pass
            except BaseException as error:  # noqa: BLE001 - it is raised again when the run is over
                self.broken.append(error)
            task.over = True
            self._tasks.remove(task)
            self._running = self._next()

        task = Task(greenlet(body, parent=self._main.thread))
        self._tasks.append(task)
        return task

    def _hand_on(self, me: Task) -> None:
        """Give the baton to the next; returns when it is back.

        A thread that ends comes back to the first one, which passes the baton to whoever is to have it.
        """
        self._running = self._next()
        while self._running is not me:
            self._running.thread.switch()
        if me is self._main and self._thrown is not None and not self.dead:
            error, self._thrown = self._thrown, None
            raise error

    def _next(self) -> Task:
        """Whoever may go on, picked by the seed; time moves when nobody may."""
        while True:
            self._happen()
            now, dead = self.now, self.dead
            ready = [task for task in self._tasks if task.wake_at <= now or dead or task.until()]
            if ready:
                return ready[0] if len(ready) == 1 else self._random.choice(ready)
            moments = [task.wake_at for task in self._tasks]
            if self._events:
                moments.append(self._events[0][0])
            if min(moments) == FOREVER:
                raise RuntimeError("everybody waits for ever")
            self.now = max(self.now, min(moments))

    def _happen(self) -> None:
        """Carry out the events that are due."""
        while self._events and self._events[0][0] <= self.now:
            event = heappop(self._events)[2]
            try:
                event()
            except Exception as error:  # noqa: BLE001 - a worker would swallow it; it is raised when the run is over
                self.broken.append(error)

    @contextmanager
    def conducting(self) -> Iterator[None]:
        """Give the modules that start threads this baton's threads; a pool, whose work waits for nobody, does it at once."""
        stand_in = _Threading(self)
        with (
            patch.object(executor, "threading", stand_in),
            patch.object(fetch, "threading", stand_in),
            patch.object(journal, "threading", stand_in),
            patch.object(futures, "ThreadPoolExecutor", _Pool),
        ):
            yield


class _Threading:
    """What the code under test sees of the platform's `threading`."""

    def __init__(self, baton: Baton) -> None:
        self._baton = baton

    def Thread(self, *, target: Callable[[], None], daemon: bool) -> _Thread:  # noqa: N802 - the platform's name
        assert daemon, "a thread that outlives its process would keep it from ending"
        return _Thread(self._baton, target)

    def Condition(self) -> _Condition:  # noqa: N802
        return _Condition(self._baton)

    def __getattr__(self, name: str) -> Any:
        return getattr(threading, name)


class _Pool:
    """`ThreadPoolExecutor`, as far as it is used."""

    map = staticmethod(map)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class _Thread:
    """`threading.Thread`, as far as it is used."""

    def __init__(self, baton: Baton, work: Callable[[], None]) -> None:
        self._baton = baton
        self._work = work
        self._task: Task | None = None

    def start(self) -> None:
        if self._baton.refuses_thread():
            raise RuntimeError("can't start new thread")
        self._task = self._baton.start(self._work)

    def is_alive(self) -> bool:
        return self._task is not None and not self._task.over

    def join(self, timeout: float = FOREVER) -> None:
        if self.is_alive():
            self._baton.sleep(max(timeout, _POLL), lambda: not self.is_alive())


class _Condition:
    """`threading.Condition`, as far as it is used; nobody may wait for anything else while holding it."""

    def __init__(self, baton: Baton) -> None:
        self._baton = baton
        self._held = False
        self._calls = 0

    def __enter__(self) -> None:
        assert not self._held, "a lock was held over a wait"
        self._held = True

    def __exit__(self, *_: object) -> None:
        self._held = False

    def wait(self, timeout: float) -> None:
        self._held, before = False, self._calls
        self._baton.sleep(max(timeout, _POLL), lambda: self._calls != before)
        self._held = True

    def notify_all(self) -> None:
        self._calls += 1


class VirtualClock(Clock):
    """The baton's time, for the code under test. The wall clock may jump, and the running one stands still in a sleep.

    `counts_sleep` says whether this machine has a clock that does not.
    """

    def __init__(self, baton: Baton, *, counts_sleep: bool = True) -> None:
        self._baton = baton
        self.counts_sleep = counts_sleep
        self.jumped = dt.timedelta()
        self.slept = 0.0

    def monotonic(self) -> float:
        return self._baton.now - self.slept

    def now(self) -> Moment:
        running = self.monotonic()
        boot = self._baton.now if self.counts_sleep else running
        return Moment(running, boot, self._baton.now + self.jumped.total_seconds())

    def sleep(self, seconds: float) -> None:
        """The machine sleeps."""
        self._baton.pass_over(seconds)
        self.slept += seconds

    def utc(self) -> dt.datetime:
        return self.true_time() + self.jumped

    def true_time(self) -> dt.datetime:
        """The wall clock of the server, which nobody turns."""
        return _EPOCH + dt.timedelta(seconds=self._baton.now)

    def pause(self, seconds: float, stop: threading.Event) -> bool:
        self._baton.sleep(seconds, stop.is_set)
        return stop.is_set()
