"""One API call as the endpoints see it, and the error that ends one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconciler.sandbox import wire
from reconciler.sandbox.knobs import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.sandbox.knobs import Knobs
    from reconciler.sandbox.records import Customer, FieldDefinition
    from reconciler.sandbox.store import Store


class ApiError(Exception):
    """RPM says no: the message is what the client gets, and nothing was committed."""


@dataclass(frozen=True, slots=True)
class Keep:
    """A fault inside the server: these attributes are not stored, whatever was sent.

    Paths are those of the commit log; `*` is all. `lie` says whether the answer shows them all the
    same as if they had been.
    """

    paths: frozenset[str] = frozenset()
    lie: bool = False

    def __contains__(self, path: str) -> bool:
        return "*" in self.paths or path in self.paths


@dataclass(frozen=True, slots=True)
class Call:
    """The body of a call and all that answering it takes; `second` says which key it came with."""

    body: Mapping[str, Any]
    store: Store
    knobs: Knobs
    second: bool = False
    keep: Keep = field(default_factory=Keep)

    def needs(self, parameter: str) -> Mapping[str, Any]:
        """An object that must be in the body."""
        value = self.body.get(parameter)
        if not isinstance(value, dict):
            raise ApiError(f'Call requires parameter: "{parameter}" which was not found')
        return value

    def fields(self) -> tuple[FieldDefinition, ...]:
        """The custom fields that this key sees."""
        return wire.visible(self.store.fields(), self.knobs.hidden_fields if self._restricted else "")

    def hides(self, customer_id: int) -> bool:
        """Whether the customer does not exist for this key."""
        return self._restricted and str(customer_id) in listed(self.knobs.hidden_customers)

    @property
    def _restricted(self) -> bool:
        return self.second or self.knobs.hidden_from == "everyone"

    def shown(self, customer: Customer, *, locations: bool = True) -> dict[str, Any]:
        """The whole customer as an answer."""
        return wire.customer(customer, self.fields(), self.knobs, locations=locations)


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list that a client sent; what is neither list nor object is passed over."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def number(value: Any) -> int | None:
    """An id as a client may write it: a whole number, or its digits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None
