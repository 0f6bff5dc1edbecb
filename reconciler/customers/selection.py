"""Which customers a run is about: those in some files and folders, and those of an id, name or value.

Whatever is given must match something, because a selection that matches nothing is a mistake, not an empty run. It is
done in one pass over the customers, however many files a shell's `customers/**` named.
"""

from __future__ import annotations

import fnmatch
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError
from reconciler.core.field_types import normalize_name, plain
from reconciler.core.nearest import nearest
from reconciler.core.text import printable
from reconciler.customers.collection import Customers
from reconciler.customers.groups import FileGroup
from reconciler.customers.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import DesiredCustomer
    from reconciler.repo.settings import Settings

_PATHS: Final = "name a customer file or a folder of them, as in customers/acme.yaml"

_WORDS: Final = (
    "give a CustomerID, a name, a value as in Fields.Tier=Gold, or a pattern of names as in 'Acme*'"
)

_IDS: Final = re.compile("[0-9]+(?:[,; ]+[0-9]+)+")
_VALUE: Final = re.compile(r"(Name|Website|Address|Fields\.[^=][^\n]*?)=", re.DOTALL)

_FILE_END: Final = ".yaml:"


@dataclass(frozen=True, slots=True)
class Selection:
    """What narrows a run: files and folders, and words that name customers; nothing selects everything.

    A word is, in this order: an id (digits alone), a name in YAML exactly, `ATTRIBUTE=TEXT` (equal in the field's own type), or
    a pattern of names with `*`, `?` and `[…]`. Case counts.
    """

    paths: tuple[Path, ...] = ()
    select: tuple[str, ...] = ()


EVERYBODY: Final = Selection()


def selected(manifest: Manifest, selection: Selection, settings: Settings) -> Sequence[DesiredCustomer]:
    """The customers that the selection keeps; every part of it must match something."""
    customers = manifest.customers
    if selection.paths:
        customers = _in_paths(customers, selection.paths, settings)
    if selection.select:
        customers = _by_words(customers, selection.select, settings.rules)
    return customers


def about(manifest: Manifest, paths: Sequence[Path], settings: Settings) -> Manifest:
    """What of a manifest is in these files and folders, or names one of them."""
    places = _Places(paths, settings)
    holding = places.within(manifest.customers)
    customers = tuple(customer for customer, _ in holding)
    files = {customer.file for customer in customers}
    problems, warnings = (
        tuple(it for it in said if places.containing(it.mark.file) or places.named(it.message) & files)
        for said in (manifest.problems, manifest.warnings)
    )
    told = (places.containing(it.mark.file) for it in (*problems, *warnings))
    _check_all_matched(paths, [*(found for _, found in holding), *told], settings)
    return Manifest(customers, problems, warnings)


class _Places:
    """Some files and folders, and which of them a customer file is in."""

    def __init__(self, paths: Iterable[Path], settings: Settings) -> None:
        self._given = {os.path.realpath(path) for path in paths}
        self._root = os.path.realpath(settings.root)
        self._folder = printable(settings.customers.rstrip("/"))
        self._disk = os.path.realpath(settings.root / settings.customers)
        self._known: dict[str, frozenset[str]] = {}
        self._around: set[str] = set()
        for place in self._given:
            path = place
            while (path := os.path.dirname(path)) not in self._around:  # noqa: PTH120
                self._around.add(path)

    def within(self, customers: Sequence[DesiredCustomer]) -> list[tuple[DesiredCustomer, frozenset[str]]]:
        """The customers in any of them, each with those that its file is in; a group of files is passed over at a look."""
        groups = customers.parts if isinstance(customers, Customers) else [customers]
        found = [
            (customer, places)
            for group in groups
            if not isinstance(group, FileGroup) or self._may_hold(group)
            for customer in group
            if (places := self.containing(customer.file))
        ]
        return sorted(found, key=lambda it: it[0].file)

    def _may_hold(self, group: FileGroup) -> bool:
        """Whether any of them is a folder that the group is in, or may be a file of it."""
        folder = self._path(group.folder)
        return folder in self._around or bool(self._above(folder))

    def containing(self, file: str) -> frozenset[str]:
        """Those that a file is in, given by its shown path; no link is on its way, because none is followed."""
        return self._above(self._path(file))

    def _path(self, shown: str) -> str:
        """Where a shown path is on disk."""
        below = shown.removeprefix(f"{self._folder}/")
        if shown == self._folder:
            return self._disk
        return os.path.join(self._root if below == shown else self._disk, below)  # noqa: PTH118 - of texts

    def named(self, message: str) -> set[str]:
        """What a message may name: whatever begins as files do and ends as a mark's file does."""
        starts = [it.start() for it in re.finditer(re.escape(f"{self._folder}/"), message)]
        ends = [it.start() + len(_FILE_END) - 1 for it in re.finditer(re.escape(_FILE_END), message)]
        return {message[start:end] for start in starts for end in ends if start < end}

    def _above(self, path: str) -> frozenset[str]:
        unknown = []
        while path not in self._known and os.path.dirname(path) != path:  # noqa: PTH120 - a million of them
            unknown.append(path)
            path = os.path.dirname(path)  # noqa: PTH120
        found = self._known.setdefault(path, frozenset({path} & self._given))
        for below in reversed(unknown):
            found = self._known[below] = found | {below} if below in self._given else found
        return found


def _in_paths(
    customers: Sequence[DesiredCustomer], paths: Sequence[Path], settings: Settings
) -> tuple[DesiredCustomer, ...]:
    """The customers in these files and folders."""
    places = _Places(paths, settings)
    holding = places.within(customers)
    _check_all_matched(paths, [found for _, found in holding], settings)
    return tuple(customer for customer, _ in holding)


def _check_all_matched(paths: Sequence[Path], found: Iterable[frozenset[str]], settings: Settings) -> None:
    """Raise `InputError` for a path that nothing which was found is in."""
    matched = frozenset[str]().union(*found)
    for path in paths:
        if os.path.realpath(path) not in matched:
            raise _without_customers(path, settings)


def _by_words(
    customers: Sequence[DesiredCustomer], words: Sequence[str], rules: CompareRules
) -> tuple[DesiredCustomer, ...]:
    """The customers that any of the words means; every word must mean one."""
    names = {plain(it.name) for it in customers}
    by_id: dict[str, set[str]] = {}
    by_name: dict[str, set[str]] = {}
    tests: list[tuple[str, Callable[[DesiredCustomer], bool]]] = []
    for word in words:
        if word.isascii() and word.isdigit():
            by_id.setdefault(word.lstrip("0"), set()).add(word)
        elif plain(word) in names:
            by_name.setdefault(plain(word), set()).add(word)
        else:
            tests.append((word, _value_test(word, customers, rules) or _pattern_test(word)))
    matched: set[str] = set()
    chosen = []
    for customer in customers:
        found = {word for word, test in tests if test(customer)}
        found |= by_id.get(str(customer.customer_id), set()) | by_name.get(plain(customer.name), set())
        if found:
            matched |= found
            chosen.append(customer)
    for word in words:
        if word not in matched:
            what = f'selecting customers: "{printable(word)}" matches no customer'
            raise InputError(what, advice=_advice(word, customers))
    return tuple(chosen)


def _value_test(
    word: str, customers: Sequence[DesiredCustomer], rules: CompareRules
) -> Callable[[DesiredCustomer], bool] | None:
    """What `ATTRIBUTE=TEXT` means; nothing for a word of another form."""
    if not _VALUE.match(word):
        return None
    attribute, text = _attribute_and_text(word, customers)
    if not text:
        what = f'selecting customers: there is nothing after the = of "{printable(word)}"'
        raise InputError(what, advice="as in --select Fields.Tier=Gold")
    return lambda it: attribute in it.values and rules.equal(attribute, it.values[attribute], text)


def _pattern_test(word: str) -> Callable[[DesiredCustomer], bool]:
    """What a pattern of names means."""
    if not word:
        raise InputError("selecting customers: an empty text selects nothing", advice=_WORDS)
    pattern = re.compile(fnmatch.translate(word))
    return lambda it: pattern.match(it.name) is not None


def _attribute_and_text(word: str, customers: Sequence[DesiredCustomer]) -> tuple[str, str]:
    """The two parts of `ATTRIBUTE=TEXT`; the name of a field may contain a `=`, and is known by the files that manage it."""
    parts = word.split("=")
    splits = [("=".join(parts[:at]), "=".join(parts[at:])) for at in range(1, len(parts))]
    managed = {attribute for it in customers for attribute in it.values} if len(splits) > 1 else set()
    return next((split for split in splits if split[0] in managed), splits[0])


def _advice(word: str, customers: Sequence[DesiredCustomer]) -> str:
    """What may have been meant by a word that matches nothing."""
    names = {plain(it.name) for it in customers}
    if word.isdigit() and word in names:
        return f"a number is a CustomerID; a name of digits is selected with --select Name={word}"
    if _IDS.fullmatch(word):
        return "give each id its own: " + " ".join(f"--select {it}" for it in re.findall("[0-9]+", word)[:5])
    if _VALUE.match(word):
        managed = sorted({attribute for it in customers for attribute in it.values})
        attribute, _ = _attribute_and_text(word, customers)
        if attribute not in managed:
            return f'no file manages "{printable(attribute)}"{nearest(attribute, managed)}'
    alike = next((name for name in names if normalize_name(name) == normalize_name(word)), None)
    return _WORDS if alike is None else f'case counts: there is "{printable(alike)}"'


def _without_customers(path: Path, settings: Settings) -> InputError:
    """What to say of a path that selects nothing."""
    shown = printable(str(path))
    if not path.exists():
        return InputError(f"selecting customers: there is no {shown}", advice=_PATHS)
    return InputError(
        f"selecting customers: {shown} contains no file of {settings.customers}/", advice=_PATHS
    )
