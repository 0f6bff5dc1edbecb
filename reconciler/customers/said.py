"""Files of a commit -> what they say of each customer, and what they have and do not say. Pure.

A commit may break a rule that the checkout keeps: invalid YAML on main, an option that is not in the list any more. Its repair
must stay possible, and what it cannot say must not be taken for absent. So a problem spoils as little as it must: one value,
where it stands at that value; else its document; and where it is not known whose document that is, whatever customer is not
found elsewhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.core.field_types import normalize_name
from reconciler.core.values import UNSET, NotSaid, Problem, SourceMark
from reconciler.core.yaml.nodes import Mapping as MappingNode
from reconciler.customers.collection import Customers, InGroups
from reconciler.customers.duplicates import find_duplicates
from reconciler.customers.groups import FileGroup
from reconciler.customers.manifest import parse_file

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from reconciler.core.field_types import FieldType
    from reconciler.core.values import CustomerKey, DesiredCustomer, Unset
    from reconciler.core.yaml.nodes import Node
    from reconciler.customers.manifest import FileRead


@dataclass(frozen=True, slots=True)
class SaidCustomers:
    """What the files of a commit say. `customers` are all whose name could be read, by id, or by name without one.

    `not_said` is what of them cannot be read: some attributes, or all. `otherwise` is `NotSaid` where something cannot be
    read that may be about any customer. `problems` are why, in order of their places. `in_groups` are further
    customers, whom the checkout has in the very same groups of files; all that they have is said.
    """

    customers: Mapping[CustomerKey, DesiredCustomer] = field(default_factory=dict)
    not_said: Mapping[CustomerKey, Mapping[str, NotSaid] | NotSaid] = field(default_factory=dict)
    otherwise: NotSaid | Unset = UNSET
    problems: tuple[Problem, ...] = ()
    in_groups: InGroups = field(default_factory=lambda: InGroups(()))

    def find(self, key: CustomerKey) -> DesiredCustomer | None:
        """The customer with a key."""
        return self.customers.get(key) or self.in_groups.get(key)

    def changed(self, customers: Sequence[DesiredCustomer]) -> tuple[DesiredCustomer, ...]:
        """The customers of whom this says, or may say, anything else than their files do."""
        parts = customers.parts if isinstance(customers, Customers) else [customers]
        same = self.in_groups.places
        found = [it for part in parts if id(part) not in same for it in part if self.differs(it)]
        return tuple(sorted(found, key=attrgetter("file")))

    def differs(self, customer: DesiredCustomer) -> bool:
        """Whether this says, or may say, anything else of a customer than its file does."""
        then = self.find(customer.key)
        if then is customer:
            return customer.key in self.not_said
        if then is None and customer.customer_id is not None:
            then = self.find(customer.name)  # its id was written down since
        return then is None or then.key in self.not_said or then.values != customer.values


def say_the_same(one: SaidCustomers, other: SaidCustomers, *keys: CustomerKey) -> bool:
    """Whether two commits say the same of the customer with one of these keys; what is not said is never the same."""

    def side(said: SaidCustomers) -> Mapping[str, str] | NotSaid | Unset:
        customer = next((found for key in keys if (found := said.find(key)) is not None), None)
        if customer is None:
            return said.otherwise
        return NotSaid("") if customer.key in said.not_said else customer.values

    first, second = side(one), side(other)
    return first == second and not isinstance(first, NotSaid)


class Beside(NamedTuple):
    """The customers of a sound checkout beside those of a commit: none of them has another's id or name.

    `shared` are those of files that the commit has too, `replaced` id and name of those of all other files.
    """

    shared: Sequence[Sequence[DesiredCustomer]] = ()
    replaced: Collection[tuple[int | None, str]] = frozenset()

    def vouches_for(self, customers: Sequence[DesiredCustomer]) -> bool:
        """Whether the commit's other customers each stand for one of those that were replaced: then none has another's id or name either."""
        found = {(it.customer_id, it.name) for it in customers}
        return len(found) == len(customers) and found <= set(self.replaced)


NO_CHECKOUT: Final = Beside()


class _Spoilt(NamedTuple):
    """What one problem spoils: an attribute of a customer, all of one ("" for the attribute), or nobody knows what."""

    customer: DesiredCustomer | None
    attribute: str
    problem: Problem


def join_said(
    reads: Iterable[FileRead],
    contents: Mapping[str, bytes],
    field_types: Mapping[str, FieldType],
    *,
    place: Callable[[str], str],
    unread: Iterable[Problem] = (),
    beside: Beside = NO_CHECKOUT,
) -> SaidCustomers:
    """What files say that were read; `contents` has the bytes of those with problems by path.

    `place` gives the path to show for a file's, `unread` is what could not be read at all, at places to show.
    """
    spoilt: list[_Spoilt] = []
    customers: list[DesiredCustomer] = []
    for found, problems, _ in reads:
        customers += found
        if problems:
            file = problems[0].mark.file
            spoilt += _spoilt_in(file, contents[file], field_types)
    shared = beside.shared
    groups = [it for it in shared if isinstance(it, FileGroup) and it.has_every_id]
    if spoilt or not (beside.vouches_for(customers) or Customers([*shared, customers]).are_distinct()):
        groups = []
    apart = set(map(id, groups))
    customers = [*(it for some in shared if id(some) not in apart for it in some), *customers]
    if not groups and (twice := list(_duplicates(customers))):
        customers.sort(key=attrgetter("file"))  # the last one counts, wherever it came from
        spoilt += twice
    spoilt = [it._replace(problem=_placed(it.problem, place)) for it in spoilt]
    spoilt = sorted([*spoilt, *(_Spoilt(None, "", problem) for problem in unread)], key=_by_place)
    not_said: dict[CustomerKey, dict[str, NotSaid] | NotSaid] = {}
    otherwise: NotSaid | Unset = UNSET
    for customer, attribute, problem in spoilt:
        reason = NotSaid(str(problem))
        if customer is None:
            otherwise = reason if otherwise is UNSET else otherwise
        elif not attribute:
            not_said[customer.key] = reason
        elif isinstance(some := not_said.setdefault(customer.key, {}), dict):
            some.setdefault(attribute, reason)
    told = tuple(dict.fromkeys(it.problem for it in spoilt))
    by_key = {it.key: it for it in customers}
    return SaidCustomers(by_key, not_said, otherwise, told, InGroups(groups))


def _placed(problem: Problem, place: Callable[[str], str]) -> Problem:
    mark = problem.mark
    return Problem(SourceMark(place(mark.file), mark.line, mark.column), problem.message)


def _by_place(it: _Spoilt) -> tuple[str, int, int]:
    return it.problem.mark.file, it.problem.mark.line, it.problem.mark.column


def _spoilt_in(file: str, content: bytes, field_types: Mapping[str, FieldType]) -> Iterator[_Spoilt]:
    """What the problems of one file spoil."""
    parsed = parse_file(content, file, field_types)
    text = content.decode("utf-8", errors="replace")
    documents = [(node, text.count("\n", 0, node.end) + 1) for node in parsed.nodes]
    customers = {(it.line, it.column): it for it in parsed.customers}
    for problem in parsed.problems:
        line = problem.mark.line
        node = next((node for node, end in documents if node.line <= line <= end), None)
        customer = None if node is None else customers.get((node.line, node.column))
        if customer is None or (customer.customer_id is None and _has_id(node)):
            yield _Spoilt(None, "", problem)
        else:
            yield _Spoilt(customer, _attribute_at(customer, problem.mark), problem)


def _has_id(node: Node | None) -> bool:
    """Whether a document names an id, be it one that cannot be read."""
    return isinstance(node, MappingNode) and any(key.text == "CustomerID" for key, _ in node.entries)


def _attribute_at(customer: DesiredCustomer, mark: SourceMark) -> str:
    """The attribute whose value stands at a place, or nothing."""
    return next((path for path in customer.values if customer.mark(path) == mark), "")


def _duplicates(customers: Sequence[DesiredCustomer]) -> Iterator[_Spoilt]:
    """What is spoilt where two documents have one id or one name: nobody knows which of them counts."""
    ids = Counter(it.customer_id for it in customers if it.customer_id is not None)
    names = Counter(normalize_name(it.name) for it in customers)
    if len(ids) == ids.total() and len(names) == names.total():
        return
    told = {it.mark: it for it in find_duplicates(sorted(customers, key=attrgetter("file")))[0]}
    for customer in customers:
        if customer.customer_id is not None and ids[customer.customer_id] > 1:
            yield _Spoilt(customer, "", told.get(customer.mark()) or _told(customer, "CustomerID"))
        if names[normalize_name(customer.name)] > 1:
            problem = told.get(customer.mark("Name")) or _told(customer, "name")
            yield _Spoilt(customer, "Name" if customer.customer_id else "", problem)


def _told(customer: DesiredCustomer, what: str) -> Problem:
    """The problem at the earlier of two places, which is told at the later one."""
    return Problem(customer.mark(), f"a later document has the same {what}")
