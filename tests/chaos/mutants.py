"""Planted bugs: each a small change of the real code, made by a test, that the stories must tell of.

A bug that survives says which oracle, fault or scenario is missing; a green run means something because none does.
"""

from __future__ import annotations

import math
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import httpx

from reconciler.apply import executor, result, scheduler, worker
from reconciler.apply.journal import Journal
from reconciler.apply.result import EditResult, Result
from reconciler.apply.run_state import RunState
from reconciler.apply.worker import NotDone, Worker
from reconciler.core.clock import Moment
from reconciler.plan import refresh
from reconciler.plan.status import EditStatus, status_of
from reconciler.rpm import client, editor, key, proxy, reader, response, unreachable
from reconciler.rpm.errors import CustomerNotFound, Denied, KeyRefused, QuotaSpent, Throttled
from reconciler.rpm.payload import read_customer
from tests.chaos import tool
from tests.chaos.network import error_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def _blind_retry(_: Worker, place: int, edit: Any, sent: Any, error: Any) -> EditResult:
    raise NotDone(error.doing, "planted", retryable=True)


def _settled_as(verdict: str) -> Callable[..., EditResult]:
    """A read is made, and what it says is not looked at."""

    def settled(run: Worker, place: int, edit: Any, sent: Any, error: Any) -> EditResult:
        run._observed[edit.customer_id] = run._tools.reader.customer(edit.customer_id)
        if verdict == "done":
            return EditResult(Result.EDITED)
        raise NotDone(error.doing, "planted", retryable=True)

    return settled


def _no_read(run: Worker, customer_id: int) -> Any:
    return run._observed[customer_id], math.inf


def _running_alone(now: Moment, earlier: Moment) -> float:
    return now.running - earlier.running


def _wall_alone(now: Moment, earlier: Moment) -> float:
    return now.wall - earlier.wall


def _without_wall(now: Moment, earlier: Moment) -> float:
    return max(now.running - earlier.running, now.boot - earlier.boot)


def _back_is_young(now: Moment, earlier: Moment) -> float:
    return max(then - before for then, before in zip(now, earlier, strict=True))


def _only_while_reading(run: Worker, known: Any) -> float:
    """The age of a read is looked at before the intent is written, and not again."""
    looked = run._observed.get(-known.customer_id) is known
    run._observed[-known.customer_id] = known
    return 0.0 if looked else run._tools.clock.now().since(known.read_at)


def _sleep_is_excused(run: Worker, customer_id: int) -> Any:
    known = run._observed[customer_id]
    if run._age(known) > run._read_age:
        known = run._observed[customer_id] = run._tools.reader.customer(customer_id)
        return known, run._age(known) + run._read_age
    return known, run._read_age


def _everything_open(changes: Any, observed: Any, rules: Any) -> EditStatus:
    del observed, rules
    return EditStatus(tuple(changes), (), ())


def _moved_is_open(changes: Any, observed: Any, rules: Any) -> EditStatus:
    found = status_of(changes, observed, rules)
    return EditStatus((*found.open, *found.moved), found.done, ())


def _send_all(customer_id: int, values: Any) -> dict[str, Any]:
    return {"Customer": {"CustomerID": customer_id, "Website": "", **dict(values)}}


def _by_name(customer_id: int, values: Any) -> dict[str, Any]:
    del customer_id
    return {"Customer": {"Name": "Acme, Inc.", **dict(values)}}


def _late_intent(journal: Journal, customer_id: int, outcome: str) -> None:
    journal._append({"intent": customer_id, "attributes": []})
    journal._append({"result": customer_id, "outcome": outcome})
    journal.sync()


def _all_is_forced(journal: Journal, lines: int, results: int) -> None:
    _FORCE(journal, lines, results)
    journal._forced = journal._written


_FORCE: Final = Journal._force


def _error_is_success(doing: str, answer: Mapping[str, Any], *_: Any) -> Any:
    return CustomerNotFound(doing, error_of(dict(answer)))


def _all_denied(doing: str, answer: Mapping[str, Any], *_: Any) -> Any:
    return Denied(doing, error_of(dict(answer)))


def _throttled_is_undone(run: Worker, place: int, edit: Any, sent: Any, error: Any) -> EditResult:
    if isinstance(error, Throttled):
        return EditResult(Result.FAILED, "planted")
    return _SETTLE(run, place, edit, sent, error)


_SETTLE: Final = Worker._settle


def _following(it: client.Client, endpoint: str, *rest: Any) -> tuple[httpx.Response, bytes]:
    response, content = _SEND(it, endpoint, *rest)
    if 300 <= response.status_code < 400:
        it._urls[endpoint] = httpx.URL(response.headers["location"])
        return _SEND(it, endpoint, *rest)
    return response, content


_SEND: Final = client.Client._send


def _read_now(it: reader.Reader, customer_id: int) -> Any:
    answer = it._client.call("Customer", {"CustomerID": customer_id}, subject="")
    return read_customer("Customer", answer, customer_id, it._clock.now())


def _no_needs(edits: Any) -> Any:
    made = _SCHEDULE(edits)
    made._waits = {place: set() for place in range(len(edits))}
    made._ready = list(range(len(edits)))
    return made


_SCHEDULE: Final = scheduler.Schedule


def _start_all_the_same(run: RunState, place: int) -> None:
    run._under_way.add(place)


def _all_edited(edit: Any, ending: EditResult, rename: Any, *, left_as: str) -> Any:
    return _OUTCOME(edit, EditResult(Result.EDITED, ending.cause), rename, left_as=left_as)


_OUTCOME: Final = result._outcome


def _quota(doing: str, _limit: int) -> Denied:
    return QuotaSpent(doing, "API daily limit reached")


def _quoted(doing: str, _message: str, *, happened: str, advice: str) -> Denied:
    return KeyRefused(doing, happened, advice=advice)


def _planted(*places: tuple[Any, str, Any]) -> tuple[tuple[Any, str, Any], ...]:
    return places


PLANTED: Final[dict[str, tuple[tuple[Any, str, Any], ...]]] = {
    "a lost edit is sent again blindly": _planted((Worker, "_settle", _blind_retry)),
    "a lost edit is taken for done": _planted((Worker, "_settle", _settled_as("done"))),
    "a lost edit is taken for not done": _planted((Worker, "_settle", _settled_as("not done"))),
    "an old read is good enough": _planted((Worker, "_fresh", _no_read)),
    "the age of a read counts from its answer": _planted((reader.Reader, "_customer", _read_now)),
    "an age goes by the clock that stands still in a sleep": _planted((Moment, "since", _running_alone)),
    "an age goes by the time of day alone": _planted((Moment, "since", _wall_alone)),
    "the time of day counts for no age": _planted((Moment, "since", _without_wall)),
    "a clock that was set back makes a read young": _planted((Moment, "since", _back_is_young)),
    "nobody looks at the age once more when the edit leaves": _planted((Worker, "_age", _only_while_reading)),
    "a sleep during a read is taken for a slow server": _planted((Worker, "_fresh", _sleep_is_excused)),
    "any answer is a success": _planted((worker, "not_taken", lambda *_: ())),
    "what moved is overwritten": _planted((worker, "status_of", _moved_is_open)),
    "what is done is sent again": _planted((worker, "status_of", _everything_open)),
    "more is sent than differs": _planted((editor, "request_of", _send_all)),
    "customers are selected by name": _planted((editor, "request_of", _by_name)),
    "an empty list is the truth": _planted((refresh, "check_list", lambda *_: None)),
    "an error means that the customer is gone": _planted((response, "denial", _error_is_success)),
    "any error of RPM says that nothing was done": _planted((response, "denial", _all_denied)),
    "a 429 says that nothing was done": _planted((Worker, "_settle", _throttled_is_undone)),
    "a redirect is followed": _planted((client.Client, "_send", _following)),
    "the journal is written after the edit": _planted(
        (Journal, "intent", lambda *_: None), (Journal, "result", _late_intent)
    ),
    "an edit does not wait for the disk": _planted((Journal, "sync", lambda _: None)),
    "an fsync counts for a line that was written while it ran": _planted((Journal, "_force", _all_is_forced)),
    "renames do not wait": _planted((executor, "Schedule", _no_needs)),
    "a stop is ignored at the last moment": _planted((RunState, "start", _start_all_the_same)),
    "a refused key stops nothing": _planted((RunState, "halt", lambda *_: None)),
    "somebody else's edit is not mentioned": _planted((worker, "foreign", lambda *_: ())),
    "every customer is reported as edited": _planted((result, "_outcome", _all_edited)),
    "a proxy's host is not looked at": _planted((proxy, "_is_host", lambda *_, **__: True)),
    "a limit of the machine is taken for a bug of ours": _planted(
        (worker, "machine_limit", lambda _error: None)
    ),
    "no more open files is taken for an RPM that cannot be reached": _planted(
        (unreachable, "machine_limit", lambda _error: None)
    ),
    "our own limit of calls is told as RPM's": _planted((client, "CallLimitReached", _quota)),
    "a status is quoted as RPM's words": _planted((client, "KeyRefused", _quoted)),
    "a result that found no room is not told": _planted((tool, "unwritten", lambda *_: None)),
    "what was sent once is reported as not tried": _planted(
        (Worker, "told", lambda _run, _place, ended: ended)
    ),
    "the exit code is always 0": _planted((tool, "exit_code", lambda *_, **__: 0)),
    "the key is shown": _planted((key.ApiKey, "redact", lambda _, text: text)),
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Plant a bug for the length of a block."""
    with ExitStack() as stack:
        for place, attribute, bug in PLANTED[name]:
            stack.enter_context(patch.object(place, attribute, bug))
        yield
