"""How a call can end without an answer, or with a refusal; one class for each thing a caller does differently.

CallError
├── NotSent         no byte of the request left: nothing can have happened
├── Lost            it may have been done: a lost connection, a timeout, a 5xx, an answer that is no answer
│   └── WrongCustomer   the answer is about another customer than the one asked for
├── Throttled       429: not done, try later
└── Denied          RPM answered with an error; a call that fails changes nothing (`rpm-api.md` section 3)
├── CustomerNotFound
├── NoCustomers
└── Fatal       no further call can succeed: everything stops
├── KeyRefused
├── QuotaSpent
└── CallLimitReached     our own limit, acting like a spent quota
"""

from __future__ import annotations

from reconciler.core.errors import RemoteError


class CallError(RemoteError):
    """One call that did not end well. `retryable` says whether the same call may yet succeed."""

    retryable = False

    def __init__(self, doing: str, happened: str, *, advice: str = "", retryable: bool = False) -> None:
        """`doing` names the call and its customer, `happened` what came of it."""
        self.doing = doing
        self.happened = happened
        self.retryable = retryable
        super().__init__(f"{doing}: {happened}", advice=advice)


class NotSent(CallError):
    """No byte of the request left this machine."""


class Lost(CallError):
    """The call may or may not have been carried out."""


class WrongCustomer(Lost):
    """The answer is about another customer: nothing that follows could be trusted."""


class Throttled(CallError):
    """RPM asks for patience; `retry_after` is in seconds, None when it did not say how much."""

    def __init__(self, doing: str, happened: str, *, retry_after: float | None, patience: float) -> None:
        """Worth a retry only within the patience we have."""
        self.retry_after = retry_after
        wait = retry_after or 0.0
        advice = (
            f"RPM asks to wait {wait:.0f} s; run again after that" if wait > patience else "run again later"
        )
        super().__init__(doing, happened, advice=advice, retryable=wait <= patience)


class Denied(CallError):
    """RPM answered with an error; `message` is its own text."""

    def __init__(self, doing: str, message: str, *, advice: str = "") -> None:
        """Keep RPM's own words."""
        self.message = message
        super().__init__(doing, f"RPM says: {message}", advice=advice)


class CustomerNotFound(Denied):
    """There is no such customer (any more)."""


class NoCustomers(Denied):
    """What `Customers` says instead of an empty list (`rpm-api.md` section 2.1)."""


class Fatal(Denied):
    """No further call can succeed."""


class KeyRefused(Fatal):
    """The key is not valid, or its user may not do this."""


class QuotaSpent(Fatal):
    """The day's calls are used up."""


class CallLimitReached(Fatal):
    """`limits.calls` is used up; the call was not made."""

    def __init__(self, doing: str, limit: int) -> None:
        """Say the limit and how to raise it."""
        text = f"limits.calls allows {limit} calls, and they are made"
        super().__init__(doing, text, advice="raise limits.calls or --max-calls if the bill may grow")
        self.args = (f"{doing}: {text}\n  → {self.advice}",)
