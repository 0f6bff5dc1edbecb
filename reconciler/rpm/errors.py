"""How a call can end without an answer, or with a refusal; one class for each thing a caller does differently.

CallError
├── NotSent         no byte of the request left: nothing can have happened
│   ├── NoConnection         this machine opens no more connections: fewer calls in flight may do
│   └── CallLimitReached     our own limit of calls
├── Lost            it may have been done: a lost connection, a timeout, a 5xx, an answer that is no answer
│   ├── Unexplained     RPM answered with an error that no page documents for this call
│   └── WrongCustomer   the answer is about another customer than the one asked for
├── Throttled       429: RPM asks for fewer calls; it may have been done
└── Denied          an error that RPM documents for this call, the key or the quota: it was not done (`rpm-api.md` section 2)
    ├── CustomerNotFound
    ├── NoCustomers
    ├── KeyRefused
    └── QuotaSpent

Each text names who refused: RPM, a proxy, or this tool.
"""

from __future__ import annotations

from reconciler.core.errors import RemoteError


class CallError(RemoteError):
    """One call that did not end well.

    `retryable` says whether the same call may yet succeed, `ends_run` that no further call can: everything stops.
    `outcome` is what a log may contain: it never quotes the answer, where a value that was sent or read may stand.
    """

    retryable = False
    ends_run = False

    def __init__(
        self,
        doing: str,
        happened: str,
        *,
        outcome: str = "",
        advice: str = "",
        retryable: bool = False,
        ends_run: bool = False,
    ) -> None:
        """`doing` names the call and its customer, `happened` what came of it, `outcome` the same without a quotation."""
        self.doing = doing
        self.happened = happened
        self.outcome = outcome or happened
        self.retryable = retryable
        self.ends_run = ends_run or self.ends_run
        super().__init__(f"{doing}: {happened}", advice=advice)


class NotSent(CallError):
    """No byte of the request left this machine."""


class NoConnection(NotSent):
    """A limit of this machine, of open files say, allows no further connection; those that are open may do."""


class CallLimitReached(NotSent):
    """`limits.calls` is used up; the call was not made."""

    ends_run = True

    def __init__(self, doing: str, limit: int) -> None:
        """Say the limit and how to raise it."""
        text = f"this run's own limit of {limit} calls (limits.calls) is reached, so RPM was not asked"
        super().__init__(doing, text, advice="raise limits.calls or --max-calls if the bill may grow")


class Lost(CallError):
    """The call may or may not have been carried out."""


class Unexplained(Lost):
    """RPM answered with an error, and nothing says what it means for this call; `message` is its text, or empty."""

    def __init__(self, doing: str, message: str) -> None:
        """Keep RPM's own words."""
        self.message = message
        said = f"RPM says: {message}" if message else "RPM answers with an error without a text"
        super().__init__(doing, said, outcome=type(self).__name__, retryable=True)


class WrongCustomer(Lost):
    """The answer is about another customer: nothing that follows could be trusted."""

    ends_run = True


class Throttled(CallError):
    """RPM asks for fewer calls; `retry_after` is in seconds, None when it did not say how long to wait."""

    def __init__(self, doing: str, happened: str, *, retry_after: float | None, patience: float) -> None:
        """Worth a retry only within the patience we have; beyond it, the run ends."""
        self.retry_after = retry_after
        wait = retry_after or 0.0
        patient = wait <= patience
        advice = "run again later" if patient else f"RPM asks to wait {wait:.0f} s; run again after that"
        super().__init__(doing, happened, advice=advice, retryable=patient, ends_run=not patient)


class Denied(CallError):
    """RPM answered with an error that it documents for this call; `message` is its own text, empty where it has none."""

    def __init__(self, doing: str, message: str, *, advice: str = "", happened: str = "") -> None:
        """Keep RPM's own words; without any, `happened` is said in ours."""
        self.message = message
        said = happened or f"RPM says: {message}"
        super().__init__(doing, said, outcome=type(self).__name__, advice=advice)


class CustomerNotFound(Denied):
    """There is no such customer (any more)."""


class NoCustomers(Denied):
    """What `Customers` says instead of an empty list (`rpm-api.md` section 2.1)."""


class KeyRefused(Denied):
    """The key is not valid, or its user may not do this."""

    ends_run = True


class QuotaSpent(Denied):
    """The day's calls are used up."""

    ends_run = True
