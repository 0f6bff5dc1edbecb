"""Planted bugs: each a small change of the real code that the simulation must catch, or a green run means nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

import reconciler.apply
import reconciler.compare
import reconciler.guard
import reconciler.order
import reconciler.planner
import reconciler.rpm.editor
import reconciler.schedule
from reconciler.apply import Apply, Ending, NotDone
from reconciler.outcome import Result
from reconciler.verify import Standing, standing

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    Plant = Callable[[pytest.MonkeyPatch], None]


def no_pre_read(patch: pytest.MonkeyPatch) -> None:
    """An edit rests on whatever was read once."""
    patch.setattr(Apply, "_fresh", lambda self, i: self._observed[i])


def trust_200(patch: pytest.MonkeyPatch) -> None:
    """An answer with status 200 is a success."""
    patch.setattr(reconciler.apply, "not_taken", lambda *_arguments: ())


def send_all(patch: pytest.MonkeyPatch) -> None:
    """Every managed attribute is sent."""
    patch.setattr(
        reconciler.compare, "differing", lambda before, after: set(after) if before != after else set()
    )
    real = standing

    def position(*arguments: Any) -> Standing:
        found = real(*arguments)
        return Standing((*found.open, *found.done), (), found.moved)

    patch.setattr(reconciler.apply, "standing", position)


def by_name(patch: pytest.MonkeyPatch) -> None:
    """The customer is selected by its name."""

    def request(customer_id: int, values: Any) -> dict[str, Any]:
        del customer_id
        return {"Customer": dict(values)}

    patch.setattr(reconciler.rpm.editor, "request_of", request)


def blind_retry(patch: pytest.MonkeyPatch) -> None:
    """A lost edit is sent again."""

    def settled(self: Any, place: int, edit: Any, sent: Any, error: Any) -> Ending:
        del self, place, edit, sent
        raise NotDone(error.doing, "lost", retryable=True)

    patch.setattr(Apply, "_settled", settled)


def settle_assumes_done(patch: pytest.MonkeyPatch) -> None:
    """A lost edit is called done."""
    patch.setattr(Apply, "_settled", lambda *_arguments: Ending(Result.EDITED))


def settle_assumes_failed(patch: pytest.MonkeyPatch) -> None:
    """A lost edit is called failed."""
    patch.setattr(Apply, "_settled", lambda *_arguments: Ending(Result.FAILED))


def ignore_held(patch: pytest.MonkeyPatch) -> None:
    """What moved is overwritten."""
    real = standing

    def position(*arguments: Any) -> Standing:
        found = real(*arguments)
        return Standing((*found.open, *found.moved), found.done, ())

    patch.setattr(reconciler.apply, "standing", position)


def journal_after_send(patch: pytest.MonkeyPatch) -> None:
    """The intent is written when the edit is over."""
    patch.setattr("reconciler.journal.Journal.intent", lambda *_arguments: None)


def empty_list_is_truth(patch: pytest.MonkeyPatch) -> None:
    """No customers means no customers."""
    patch.setattr(reconciler.guard, "check_list", lambda *_arguments: None)


def follow_redirect(patch: pytest.MonkeyPatch) -> None:
    """A redirect is followed, key and all."""
    real = httpx.Client

    def following(**options: Any) -> Any:
        return real(**{**options, "follow_redirects": True})

    patch.setattr(httpx, "Client", following)


def no_order(patch: pytest.MonkeyPatch) -> None:
    """Renames wait for nobody."""
    real = reconciler.schedule.Schedule.__init__

    def hasty(self: Any, edits: Any) -> None:
        real(self, list(reversed(edits)))
        self._edits = edits
        self._ready = sorted(range(len(edits)), reverse=True)
        self._waits = {place: set() for place in range(len(edits))}
        self._behind = {}

    patch.setattr(reconciler.schedule.Schedule, "__init__", hasty)


def no_cycle_break(patch: pytest.MonkeyPatch) -> None:
    """Cycles are left to chance."""
    patch.setattr(reconciler.order, "_cycles", lambda _waits: [])


def gate_ignored(patch: pytest.MonkeyPatch) -> None:
    """A stop is obeyed between runs only."""
    patch.setattr(Apply, "_gate", lambda self, place: self._sending.add(place))
    patch.setattr(Apply, "_take", lambda self: self._schedule.take())


def fatal_goes_on(patch: pytest.MonkeyPatch) -> None:
    """A refused key stops one customer."""
    patch.setattr(Apply, "_halt", lambda *_arguments: None)


def report_all_done(patch: pytest.MonkeyPatch) -> None:
    """What was planned is reported as done."""
    real = Apply._end

    def end(self: Any, place: int, ending: Ending) -> None:
        del ending
        real(self, place, Ending(Result.EDITED))

    patch.setattr(Apply, "_end", end)


PLANTED: dict[str, Plant] = {
    plant.__name__: plant
    for plant in (
        no_pre_read, trust_200, send_all, by_name, blind_retry, settle_assumes_done, settle_assumes_failed, ignore_held,
        journal_after_send, empty_list_is_truth, follow_redirect, no_order, no_cycle_break, gate_ignored, fatal_goes_on,
        report_all_done,
    )
}  # fmt: skip
