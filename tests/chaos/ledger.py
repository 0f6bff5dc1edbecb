"""What the server knows of a story: every call as it arrived, every commit with its author and the call behind it.

It is filled from the server's own logs after each step that the server takes, so it holds when something happened, which
the logs alone do not say. The oracles read this, and nothing of what the tool thinks.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.sandbox.store import Store

EditResult = Literal["lost", "answer", "doubtful", "denied", "throttled", "not sent"]


@dataclass(slots=True)
class Call:
    """One request. `served` is the number of commits there were when its answer was made, -1 if none was.

    `took` is how long it took by the clock that stands still while the machine sleeps; the other times are true.

    `ending` is what reached the client: a record, one that was spoilt on the way and may yet be read, RPM's refusal,
    a 429, a connection that never stood, or nothing that says anything. `rows` counts those of a list that did, `error` is
    RPM's own word for what was wrong.
    """

    number: int
    run: int
    endpoint: str
    customer_id: int | None
    body: Mapping[str, object]
    sent_at: float
    intents: int
    begun: int
    host: str
    fault: str = ""
    rows: int | None = None
    error: str = ""
    served: int = -1
    ending: EditResult = "lost"
    ended_at: float = -1.0
    took: float = 0.0

    @property
    def edits(self) -> bool:
        """Whether it is a CustomerEdit."""
        return self.endpoint == "CustomerEdit"

    def tells_of(self, customer_id: int) -> bool:
        """Whether its answer says what this customer is: a whole record, an edit's answer or the list."""
        return self.customer_id == customer_id or self.endpoint == "Customers"


@dataclass(frozen=True, slots=True)
class Commit:
    """One attribute of one customer that changed; `call` is None for a hand, or a server that repeats itself."""

    customer_id: int
    attribute: str
    before: str
    after: str
    author: str
    call: int | None
    run: int


@dataclass(slots=True)
class Ledger:
    """Calls and commits, each in the order in which they happened.

    `stopped` has how many calls there were when a run was told to end, `upsets` how often its machine slept or its clock
    was set, `limits` what the machine refused it, `allowed` how many calls it might make, `planned` how many
    there were when its plan was made, `reported` when its report was. `unwritten` are the lines of the
    journal, each with its run, that found no room on the disk.
    """

    first: Mapping[int, Mapping[str, str]]
    calls: list[Call] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)
    run: int = 0
    stopped: dict[int, int] = field(default_factory=dict)
    upsets: Counter[int] = field(default_factory=Counter)
    limits: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    unwritten: list[tuple[int, Mapping[str, object]]] = field(default_factory=list)
    allowed: dict[int, int] = field(default_factory=dict)
    planned: dict[int, int] = field(default_factory=dict)
    reported: dict[int, float] = field(default_factory=dict)
    _seen: int = 0

    def catch_up(self, store: Store, call: Call | None) -> None:
        """Enter what the server has committed since, as this call's doing unless a hand did it."""
        for row in store.commits(since=self._seen):
            self._seen = row["seq"]
            ours = call.number if call is not None and row["author"] == "api" else None
            run = call.run if call is not None else self.run
            author = "ours" if ours is not None else row["author"]
            self.commits.append(
                Commit(row["customer_id"], row["attribute"], row["before"], row["after"], author, ours, run)
            )

    def value(self, customer_id: int, attribute: str, after: int) -> str | None:
        """What an attribute was when there were so many commits; None where there was no such customer."""
        there = customer_id in self.first
        text = self.first.get(customer_id, {}).get(attribute, "")
        for commit in self.commits[:after]:
            if commit.customer_id == customer_id and commit.attribute == attribute:
                text = commit.after
            if commit.customer_id == customer_id and commit.attribute == "Customer":
                there = bool(commit.after)
        return text if there else None

    def of_run(self, run: int) -> Iterator[Call]:
        """The calls of one run of the tool, in order."""
        return (call for call in self.calls if call.run == run)

    def trace(self) -> str:
        """One line for everything that happened, in order; the same story has the same."""
        lines = [
            f"{it.run} {it.number} {it.endpoint} {it.body} {it.sent_at:.6f} {it.begun} {it.served} {it.ending} {it.fault}"
            for it in self.calls
        ]
        return hashlib.sha256("\n".join([*lines, *map(str, self.commits)]).encode()).hexdigest()


def sent_values(call: Call) -> dict[str, str]:
    """What a CustomerEdit carries, by path."""
    customer = dict(call.body["Customer"])  # type: ignore[call-overload]  # a request's body is JSON
    fields = customer.pop("Fields", [])
    customer.pop("CustomerID", None)
    return {**customer, **{f"Fields.{entry['Field']}": entry["Value"] for entry in fields}}
