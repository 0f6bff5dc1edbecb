"""YAML files -> the customers they ask for, and every problem found on the way.

A file is read as a function of its bytes alone; what takes two customers to see is looked at last. Never
stops at a first problem, and never touches a disk.

A customer whose name could be read is among the customers also when something else about it is wrong, so
that find_duplicates with it are found in the same pass; whoever uses customers looks at the problems first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from reconciler.core.values import DesiredCustomer, Problem, SourceMark
from reconciler.core.yaml.composer import PROBLEMS_LIMIT
from reconciler.core.yaml.reader import read_documents
from reconciler.customers.collection import Customers
from reconciler.customers.document import Document
from reconciler.customers.duplicates import find_duplicates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reconciler.core.field_types import FieldType
    from reconciler.core.yaml.nodes import Node


@dataclass(frozen=True, slots=True)
class Manifest:
    """All customers of some files, sorted by file and line, with what is wrong and what is doubtful."""

    customers: Sequence[DesiredCustomer]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


FileRead = tuple[Sequence[DesiredCustomer], list[Problem], list[Problem]]


class ParsedFile(NamedTuple):
    """One file as it was read: its documents, the customers they ask for, what is wrong and what is doubtful."""

    nodes: list[Node]
    customers: list[DesiredCustomer]
    problems: list[Problem]
    warnings: list[Problem]


def read_files(files: Iterable[tuple[str, bytes]], field_types: Mapping[str, FieldType]) -> Manifest:
    """Read files, given as the path to show and the content; `field_types` says how attributes compare, by path."""
    return limited(combine(read_file(content, file, field_types) for file, content in files))


def combine(reads: Iterable[FileRead]) -> Manifest:
    """The manifest of what is in some files, with the problems that only show when all are seen together."""
    parts: list[Sequence[DesiredCustomer]] = []
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for read, wrong, doubtful in reads:
        parts.append(read)
        problems += wrong
        warnings += doubtful
    customers = Customers(parts)
    if customers.are_distinct():
        return Manifest(customers, tuple(problems), tuple(warnings))
    colliding, alike = find_duplicates(customers)
    return Manifest(customers, (*problems, *colliding), (*warnings, *alike))


def limited(manifest: Manifest) -> Manifest:
    """The same with its problems and warnings in order of their places, and of more than a hundred the first ones."""
    return Manifest(
        manifest.customers, limited_problems(manifest.problems), limited_problems(manifest.warnings)
    )


def read_file(content: bytes, file: str, field_types: Mapping[str, FieldType]) -> FileRead:
    """The customers of one file, what is wrong with them and what is doubtful, whatever is in other files."""
    return parse_file(content, file, field_types)[1:]


def parse_file(content: bytes, file: str, field_types: Mapping[str, FieldType]) -> ParsedFile:
    """The same with the documents as nodes; in a file without problems, each is the mapping of the customer in its place."""
    nodes, problems = read_documents(content, file)
    warnings: list[Problem] = []
    if not nodes and not problems:
        message = "the file contains no customer: write one (`Name: …`) or delete the file"
        problems.append(Problem(SourceMark(file, 1, 1), message))
    document = Document(
        file, field_types, problems, warnings, text=content.decode() if b"#" in content and nodes else ""
    )
    customers = [customer for node in nodes if (customer := document.customer(node))]
    return ParsedFile(nodes, customers, problems, warnings)


def limited_problems(found: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems in order of their places; of more than a hundred the first ones, and how many more there are."""
    problems = sorted(found, key=lambda it: (it.mark.file, it.mark.line, it.mark.column))
    if len(problems) <= PROBLEMS_LIMIT:
        return tuple(problems)
    first_hidden = problems[PROBLEMS_LIMIT]
    more = f"and {len(problems) - PROBLEMS_LIMIT:,} more, the first of them here"
    return (*problems[:PROBLEMS_LIMIT], Problem(first_hidden.mark, more, warning=first_hidden.warning))
