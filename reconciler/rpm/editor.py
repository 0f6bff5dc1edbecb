"""The one call that edits. A single attempt: whether to send again is for `apply` to decide, after a read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.rpm.payload import read_customer, request_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.core.clock import Clock
    from reconciler.core.values import ObservedCustomer
    from reconciler.rpm.client import Client


class Editor:
    """Sends CustomerEdit."""

    def __init__(self, client: Client, clock: Clock) -> None:
        """Shared by all threads of an apply."""
        self._client = client
        self._clock = clock

    @property
    def calls(self) -> int:
        """Edits sent so far."""
        return self._client.count("CustomerEdit")

    def edit(self, customer_id: int, values: Mapping[str, str]) -> ObservedCustomer:
        """Set these attributes of a customer; its whole record as RPM answers (`rpm-api.md` section 2.4)."""
        sent = self._clock.now()
        subject = f" {customer_id}"
        answer = self._client.call("CustomerEdit", request_of(customer_id, values.items()), subject=subject)
        return read_customer(f"CustomerEdit{subject}", answer, customer_id, sent)
