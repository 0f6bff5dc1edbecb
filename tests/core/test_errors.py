"""Errors as values: what a program that calls us may do with them."""

from __future__ import annotations

import pickle
import signal

import pytest

from reconciler.core.errors import Interrupted, InvalidFiles, ReconcilerError, Refused
from reconciler.core.values import Problem, SourceMark
from reconciler.rpm.errors import CallError, CallLimitReached

ERRORS = (
    Refused("201 customers to edit, 200 allowed", advice="--max-edits 201"),
    InvalidFiles([Problem(SourceMark("customers/a.yaml", 3, 1), "Name is missing")]),
    Interrupted(signal.SIGTERM),
    CallError("Customer 7", "HTTP status 500", retryable=True),
    CallLimitReached("Customer 7", 10),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_goes_from_process_to_process_with_all_its_parts(error: ReconcilerError) -> None:
    """As in `multiprocessing`: one that cannot be unpickled breaks the whole pool of the program that caught it."""
    received = pickle.loads(pickle.dumps(error))  # noqa: S301 - of our own making
    assert type(received) is type(error)
    assert (str(received), received.args, vars(received)) == (str(error), error.args, vars(error))
