"""The customers of many files and groups of files as one sequence, which answers what it can without making a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING

from reconciler.core.confusables import skeleton
from reconciler.core.field_types import normalize_name
from reconciler.core.packed import CUSTOMERS, VALUES
from reconciler.core.values import CustomerKey, DesiredCustomer
from reconciler.customers.groups import NO_ID, CustomersOnDemand, FileGroup

if TYPE_CHECKING:
    from collections.abc import Iterator


class Customers(CustomersOnDemand):
    """The customers of many files, sorted by file and line; those of a group are made when somebody looks."""

    def __init__(self, parts: Sequence[Sequence[DesiredCustomer]]) -> None:
        """Take the customers of each file or group of files, in any order; a part may be empty."""
        self.parts = [it for it in parts if it]

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as of any list

    @property
    def groups(self) -> list[FileGroup]:
        """The files whose content is known by its name."""
        return [it for it in self.parts if isinstance(it, FileGroup)]

    @cached_property
    def _all(self) -> list[DesiredCustomer]:
        """All of them; the order of one file's stays, because that is theirs."""
        return sorted(chain.from_iterable(self.parts), key=itemgetter(1))

    def attributes(self) -> frozenset[str]:
        """Every attribute that any of them has."""
        found: set[str] = set()
        for part in self.parts:
            if isinstance(part, FileGroup):
                found.update(path for paths in set(part.texts[0]) for path in paths.split(VALUES))
            else:
                found.update(*(it.values for it in part))
        return frozenset(found)

    def are_distinct(self) -> bool:
        """Whether it is plain at a look that no two have one id or one name, nor names that look alike."""
        ids = list(chain.from_iterable(map(_ids, self.parts)))
        nobody = ids.count(NO_ID)
        if len(set(ids)) != len(ids) - nobody + bool(nobody):
            return False
        text = CUSTOMERS.join(map(_names, self.parts))
        if text.isascii():
            names = _lowered(text)
            return len(set(names)) == len(names) == len(ids)
        names = text.split(CUSTOMERS)
        others = [it for it in names if not it.isascii()]
        plain = (
            _lowered(CUSTOMERS.join(it for it in names if it.isascii())) if len(others) < len(names) else []
        )
        return all(
            len({*plain, *map(form, others)}) == len(names) == len(ids) for form in (normalize_name, skeleton)
        )


def _lowered(names: str) -> list[str]:
    """ASCII names in lower case without outer spaces, which is what one comes to by `normalize_name` and `skeleton` alike."""
    return list(map(str.strip, names.lower().split(CUSTOMERS)))


def ids_of(customers: Sequence[DesiredCustomer]) -> list[int]:
    """The ids of the customers that have one, in no certain order."""
    parts = customers.parts if isinstance(customers, Customers) else [customers]
    return list(filter(None, map(int, chain.from_iterable(map(_ids, parts)))))


class InGroups(Mapping[CustomerKey, DesiredCustomer]):
    """The customers of some groups by id, each made when it is asked for; none of them lacks an id or has another's."""

    def __init__(self, groups: Sequence[FileGroup]) -> None:
        self.places = frozenset(map(id, groups))
        self._groups = groups

    @cached_property
    def _group_of(self) -> dict[str, FileGroup]:
        """Which group has each id; most runs ask of nobody but whose file changed, and never need it."""
        return {number: group for group in self._groups for number in group.id_texts}

    def __getitem__(self, key: CustomerKey) -> DesiredCustomer:
        if isinstance(key, int) and (group := self._group_of.get(str(key))):
            return group.by_id[key]
        raise KeyError(key)

    def __iter__(self) -> Iterator[CustomerKey]:
        return map(int, self._group_of)

    def __len__(self) -> int:
        return len(self._group_of)


def _ids(part: Sequence[DesiredCustomer]) -> list[str]:
    return part.id_texts if isinstance(part, FileGroup) else [str(it.customer_id or NO_ID) for it in part]


def _names(part: Sequence[DesiredCustomer]) -> str:
    return part.wanted_names if isinstance(part, FileGroup) else CUSTOMERS.join(it.name for it in part)
