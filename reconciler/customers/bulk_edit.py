"""Cells of a spreadsheet, or words of a command line -> texts for attributes of customers, and every problem of them. Pure.

Nothing is guessed: what a spreadsheet seems to have changed by itself is told, and so is whatever could be read in two ways. A
cell that means what YAML says already is no edit. Sentences name the attribute and never repeat a value, which may be masked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.core.attributes import CUSTOMER_ID_LIMIT, kind_of
from reconciler.core.field_types import normalize_name, plain
from reconciler.core.nearest import nearest
from reconciler.core.text import shortened
from reconciler.core.values import Problem
from reconciler.core.yaml.encoding import refused_character
from reconciler.customers.attribute_names import ID, NAME, attribute_problem, known_attributes
from reconciler.customers.spreadsheet import Cell, CellMark, damage, is_slashed_date
from reconciler.customers.validation import value_findings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import CustomerKey, DesiredCustomer, SourceMark
    from reconciler.customers.spreadsheet import Sheet

_DIGITS: Final = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_NEAREST_AT_MOST: Final = 20


class Assignment(NamedTuple):
    """A text that an attribute of a customer is to have, and where that is said."""

    customer: DesiredCustomer
    attribute: str
    text: str
    mark: SourceMark


@dataclass(slots=True)
class BulkEdit:
    """The assignments that change something, how many change nothing, and what is wrong or doubtful."""

    changes: list[Assignment] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def edit_by_sheet(
    sheet: Sheet, customers: Sequence[DesiredCustomer], rules: CompareRules, *, clear: str | None
) -> BulkEdit:
    """What a sheet with a customer a row asks for; `clear` is the word that clears an attribute, if there is one.

    An empty cell leaves the attribute alone, and one that `list` wrote with a `'` is no such word. A row without an id is about the customer of its name.
    """
    bulk = BulkEdit()
    columns = _columns(sheet, known_attributes(customers, rules), bulk)
    finder = _Finder(customers)
    assignments = []
    for row in sheet.rows:
        cells = {name: cell for name, cell in zip(columns, row, strict=False) if name and cell.text}
        customer = finder.customer(cells, row[0].mark, bulk)
        if customer is not None:
            named = () if ID in cells else (NAME,)
            for name, cell in cells.items():
                if name not in (ID, *named):
                    text = "" if cell.text == clear and not cell.safe else cell.text
                    assignments.append(Assignment(customer, name, text, cell.mark))
    _judge(assignments, customers, rules, bulk)
    return bulk


def edit_by_words(
    texts: Mapping[str, str],
    chosen: Iterable[DesiredCustomer],
    customers: Sequence[DesiredCustomer],
    rules: CompareRules,
) -> BulkEdit:
    """The same texts for each of the chosen customers, by attribute; an empty text clears."""
    bulk = BulkEdit()
    assignments = [
        Assignment(it, attribute, text, it.mark()) for it in chosen for attribute, text in texts.items()
    ]
    _judge(assignments, customers, rules, bulk)
    # What is wrong with a text is so for every customer; the first stands for all.
    bulk.problems = list({it.message: it for it in reversed(bulk.problems)}.values())[::-1]
    bulk.warnings = list({it.message: it for it in reversed(bulk.warnings)}.values())[::-1]
    return bulk


def _columns(sheet: Sheet, known: Collection[str], bulk: BulkEdit) -> list[str]:
    """The attribute of each column; nothing for one that is empty or wrong."""
    columns: list[str] = []
    seen: dict[str, Cell] = {}
    first = sheet.header[0].mark
    filled = {index for row in sheet.rows for index, cell in enumerate(row) if cell.text}
    beyond = range(len(sheet.header) + 1, max(filled, default=-1) + 2)
    for index, cell in enumerate(
        (*sheet.header, *(Cell("", CellMark(first.file, first.line, column)) for column in beyond))
    ):
        name = cell.text.strip()
        message = ""
        if not name:
            message = "the first row names no attribute for this column" if index in filled else ""
        elif name in seen:
            message = f'"{shortened(name)}" is also the column of {seen[name].mark}'
        elif name != ID:
            message = attribute_problem(name, known)
        if message:
            bulk.problems.append(Problem(cell.mark, message))
        columns.append("" if message else name)
        seen.setdefault(name, cell)
    if ID not in seen and NAME not in seen:
        bulk.problems.append(
            Problem(first, "neither `CustomerID` nor `Name` is a column, so no row names a customer")
        )
    return columns


class _Finder:
    """Finds the customer that a row is about."""

    def __init__(self, customers: Sequence[DesiredCustomer]) -> None:
        self._by_id = {it.customer_id: it for it in customers if it.customer_id is not None}
        self._by_name = {plain(it.name): it for it in customers}
        self._looked = 0

    def customer(
        self, cells: Mapping[str, Cell], start: SourceMark, bulk: BulkEdit
    ) -> DesiredCustomer | None:
        """The customer, or None where there is a problem that says why not."""
        number, name = cells.get(ID), cells.get(NAME)
        if number is not None:
            found = self._by_id.get(int(number.text)) if _is_id(number.text.strip()) else None
            message = "" if found else self._unknown_id(number.text.strip(), name)
            mark: SourceMark = number.mark
        elif name is not None:
            found = self._by_name.get(plain(name.text))
            message, mark = "" if found else self._unknown_name(name.text), name.mark
        else:
            found, message, mark = (
                None,
                "this row names no customer: it has neither CustomerID nor Name",
                start,
            )
        if message:
            bulk.problems.append(Problem(mark, message))
        return found

    def _unknown_id(self, text: str, name: Cell | None) -> str:
        if why := damage(text, ""):
            return f"`CustomerID` {why}"
        if not _is_id(text):
            return "`CustomerID` is the number RPM shows, only digits and no leading 0"
        holder = self._by_name.get(plain(name.text)) if name else None
        if holder is None:
            return f"no file has CustomerID {text}"
        whose = "has no CustomerID" if holder.customer_id is None else f"is customer {holder.customer_id}"
        return f'no file has CustomerID {text}; "{shortened(holder.name)}" {whose}'

    def _unknown_name(self, text: str) -> str:
        """To look for one that is misspelt takes a while among many."""
        self._looked += 1
        names = [it.name for it in self._by_name.values()] if self._looked <= _NEAREST_AT_MOST else []
        return f'no file has the name "{shortened(text)}"{nearest(text, names)}'


def _is_id(text: str) -> bool:
    return _DIGITS.fullmatch(text) is not None and int(text) <= CUSTOMER_ID_LIMIT


def _judge(
    assignments: Iterable[Assignment],
    customers: Sequence[DesiredCustomer],
    rules: CompareRules,
    bulk: BulkEdit,
) -> None:
    """Sort assignments into changes and such that change nothing; add what is wrong or doubtful."""
    seen: dict[tuple[CustomerKey, str], Assignment] = {}
    for it in assignments:
        first = seen.setdefault((it.customer.key, it.attribute), it)
        if first is not it:
            message = f'"{shortened(it.attribute)}" of this customer is set in {first.mark} already'
            bulk.problems.append(Problem(it.mark, message))
        elif _says_so_already(it, rules):
            bulk.unchanged += 1
        else:
            found = list(_findings(it, rules))
            bulk.problems += [Problem(it.mark, message) for message, warning in found if not warning]
            bulk.warnings += [
                Problem(it.mark, message, warning=True) for message, warning in found if warning
            ]
            bulk.changes.append(it)
    bulk.problems += _duplicate_names(bulk.changes, customers)


def _says_so_already(it: Assignment, rules: CompareRules) -> bool:
    """Whether the file means the same; a date whose month is in doubt means the same only to the letter."""
    earlier = it.customer.values.get(it.attribute)
    if earlier is None or _in_doubt(it, rules):
        return earlier == it.text
    return rules.equal(it.attribute, earlier, it.text)


def _in_doubt(it: Assignment, rules: CompareRules) -> bool:
    """Whether a spreadsheet shows a date, for a field of dates: in which order, its user's settings say."""
    from_spreadsheet = isinstance(it.mark, CellMark)
    return from_spreadsheet and rules.field_type(it.attribute).kind == "date" and is_slashed_date(it.text)


def _findings(it: Assignment, rules: CompareRules) -> Iterator[tuple[str, bool]]:
    """What is wrong with a text, or doubtful (true)."""
    shown = f'"{shortened(it.attribute)}"'
    earlier = it.customer.values.get(it.attribute, "")
    if why := damage(it.text, earlier) if isinstance(it.mark, CellMark) else "":
        yield f"{shown} {why}", False
    elif _in_doubt(it, rules):
        yield (
            f"{shown} is a date in spreadsheet format, where day and month are ambiguous: write YYYY-MM-DD",
            False,
        )
    elif character := refused_character(it.text):
        yield f"{shown} contains {character}, which is not allowed in a file", False
    else:
        yield from value_findings(
            it.attribute, kind_of(it.attribute), it.text, rules.field_types.get(it.attribute)
        )
    if it.attribute == NAME and it.customer.customer_id is None:
        yield (
            "this customer has no CustomerID and is found by its name: write the id before another name",
            False,
        )
    if it.attribute not in it.customer.values and (twin := _twin(it)):
        yield f'the file of this customer calls it "{shortened(twin)}"', False


def _twin(it: Assignment) -> str:
    """The field of the customer that is this one but for case or white space, or nothing."""
    wanted = normalize_name(it.attribute)
    return next((path for path in it.customer.values if normalize_name(path) == wanted), "")


def _duplicate_names(
    changes: Iterable[Assignment], customers: Iterable[DesiredCustomer]
) -> Iterator[Problem]:
    """The new names that several customers would have."""
    renamed = {it.customer.key: it for it in changes if it.attribute == NAME}
    holders: dict[str, list[DesiredCustomer]] = {}
    for customer in customers if renamed else ():
        assignment = renamed.get(customer.key)
        name = assignment.text if assignment else customer.name
        holders.setdefault(normalize_name(name), []).append(customer)
    for sharing in holders.values():
        for customer in sharing if len(sharing) > 1 else ():
            if assignment := renamed.get(customer.key):
                other = next(it for it in sharing if it is not customer)
                new = renamed.get(other.key)
                where = new.mark if new else other.mark("Name")
                message = f'the name "{shortened(assignment.text)}" is also at {where}'
                yield Problem(assignment.mark, f"{message}: names are unique, whatever their case")
