"""When an attempt is made again, how often, after which pause, and who pays for it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from random import Random

import pytest

from reconciler.core.clock import Clock
from reconciler.rpm.errors import Lost, Throttled
from reconciler.rpm.retry import ATTEMPTS, BUCKET, PRICE, RetryPolicy, Stopped


@dataclass
class Waiting(Clock):
    """Notes the pauses instead of making them; the run is told to end in one of them."""

    pauses: list[float] = field(default_factory=list)
    ends_in: int = 0

    def pause(self, seconds: float, stop: threading.Event) -> bool:
        del stop
        self.pauses.append(seconds)
        return len(self.pauses) == self.ends_in


@dataclass
class Attempt:
    """Fails with these errors, one after the other, and then succeeds."""

    errors: list[Exception]
    made: int = 0

    def __call__(self) -> str:
        self.made += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def policy(clock: Clock) -> RetryPolicy:
    return RetryPolicy(clock, threading.Event(), Random(7))


def lost(*, retryable: bool = True) -> Lost:
    return Lost("Customer 7", "the connection broke", retryable=retryable)


def asked_to_wait(seconds: float) -> Throttled:
    return Throttled("Customer 7", "RPM asks for fewer calls (429)", retry_after=seconds, patience=120.0)


def test_three_attempts_and_no_more() -> None:
    """The third error is the one that is raised; two are made good."""
    fails, succeeds = Attempt([lost() for _ in range(9)]), Attempt([lost(), lost()])
    with pytest.raises(Lost):
        policy(Waiting()).run(fails)
    assert fails.made == ATTEMPTS == 3
    assert policy(Waiting()).run(succeeds) == "done"
    assert succeeds.made == 3


def test_what_is_not_worth_a_retry_is_not_retried() -> None:
    """The error says so itself; anything that is no call's error is nobody's to retry."""
    for error in (lost(retryable=False), asked_to_wait(121.0), AssertionError("a bug")):
        attempt, clock = Attempt([error]), Waiting()
        with pytest.raises(type(error)):
            policy(clock).run(attempt)
        assert (attempt.made, clock.pauses) == (1, [])


def test_pauses_are_drawn_up_to_a_bound_that_doubles() -> None:
    """Full jitter: anything between nothing and the bound."""
    draws: list[list[float]] = [[], []]
    for seed in range(200):
        clock = Waiting()
        RetryPolicy(clock, threading.Event(), Random(seed)).run(Attempt([lost(), lost()]))
        for column, pause in zip(draws, clock.pauses, strict=True):
            column.append(pause)
    assert 0 <= min(draws[0]) < 0.05
    assert 0.95 < max(draws[0]) <= 1
    assert 1.9 < max(draws[1]) <= 2


@pytest.mark.row("F36")
def test_what_rpm_asks_for_is_waited_for() -> None:
    """Up to two minutes, to the second."""
    clock = Waiting()
    policy(clock).run(Attempt([asked_to_wait(119.0), asked_to_wait(0.0)]))
    assert clock.pauses == [119.0, 0.0]


def test_a_run_that_is_to_end_waits_for_nothing() -> None:
    """What was about to be tried was not."""
    attempt = Attempt([lost()])
    with pytest.raises(Stopped):
        policy(Waiting(ends_in=1)).run(attempt)
    assert attempt.made == 1


def test_a_total_outage_ends_after_a_hundred_retries() -> None:
    """However many calls there are: the bucket is the run's."""
    retries, made = policy(Waiting()), 0
    for _ in range(1_000):
        attempt = Attempt([lost() for _ in range(9)])
        with pytest.raises(Lost):
            retries.run(attempt)
        made += attempt.made
    assert made == 1_000 + BUCKET // PRICE


def test_one_failure_in_a_hundred_never_empties_the_bucket() -> None:
    """A success pays a fifth of a retry."""
    retries = policy(Waiting())
    for number in range(20_000):
        assert retries.run(Attempt([lost()] if number % 100 == 0 else [])) == "done"
