"""The read calls: Info, Customers and Customer, each tried again where that is worth it. Nothing here edits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.core.attributes import field_name, is_field
from reconciler.core.errors import InputError
from reconciler.rpm.client import LIST_CAP
from reconciler.rpm.customer_list import read_list
from reconciler.rpm.errors import NoCustomers
from reconciler.rpm.payload import ShapeError, id_at, read_customer, untrusted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.core.clock import Clock
    from reconciler.core.values import ObservedCustomer
    from reconciler.rpm.client import Client
    from reconciler.rpm.retry import RetryPolicy


@dataclass(frozen=True, slots=True)
class Info:
    """Who the key belongs to (`rpm-api.md` section 2.7)."""

    subscriber_id: int
    subscriber: str
    user: str
    role: str


class Reader:
    """Reads RPM. `calls` counts what it cost."""

    def __init__(self, client: Client, retries: RetryPolicy, clock: Clock) -> None:
        """Shared by all threads."""
        self._client = client
        self._retries = retries
        self._clock = clock

    @property
    def calls(self) -> int:
        """Calls made so far, edits not counted."""
        return self._client.calls - self._client.count("CustomerEdit")

    def info(self) -> Info:
        """The subscriber and the user of the key."""
        return self._retries.run(self._info)

    def _info(self) -> Info:
        result = self._client.call("Info", {}, subject="").result
        words = [
            text if isinstance(text := result.get(name), str) else ""
            for name in ("Subscriber", "User", "Role")
        ]
        try:
            return Info(id_at(result, "SubscriberID"), *words)
        except ShapeError as error:
            raise untrusted("Info", f"$.Result{error}") from None

    def customers(self) -> Mapping[int, ObservedCustomer]:
        """Every customer's id, name and `Modified`; none when RPM says that it has none."""
        return self._retries.run(self._customers)

    def _customers(self) -> Mapping[int, ObservedCustomer]:
        sent = self._clock.now()
        try:
            answer = self._client.call("Customers", {}, subject="", cap=LIST_CAP)
        except NoCustomers:
            return {}
        return read_list("Customers", answer, sent)

    def customer(self, customer_id: int) -> ObservedCustomer:
        """One customer, whole; raises `CustomerNotFound` when RPM has it no more."""
        return self._retries.run(lambda: self._customer(customer_id))

    def _customer(self, customer_id: int) -> ObservedCustomer:
        sent = self._clock.now()
        subject = f" {customer_id}"
        answer = self._client.call("Customer", {"CustomerID": customer_id}, subject=subject)
        return read_customer(f"Customer{subject}", answer, customer_id, sent)


def field_names(reader: Reader) -> tuple[str, ...]:
    """The names of the subscription's custom fields in alphabetical order; `InputError` where no customer shows them.

    RPM has no call that lists them, but shows every customer with all of its fields, empty ones too (`rpm-api.md`
    section 2.2): the first customer of the list tells them all, in two calls.
    """
    first = next(iter(reader.customers()), None)
    if first is None:
        advice = "add one in RPM, or leave out --live"
        raise InputError(
            "reading the names of the fields: RPM has no customer that shows them", advice=advice
        )
    return tuple(sorted(field_name(path) for path in reader.customer(first).values if is_field(path)))
