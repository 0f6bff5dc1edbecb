"""What `reconciler set` does: new texts for attributes of many customers, written into their files or into none.

Everything is checked before the first file is written, and a file that somebody saves meanwhile stops the lot.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.text import MASKED, printable
from reconciler.customers.attribute_names import attribute_problem, known_attributes
from reconciler.customers.bulk_edit import edit_by_sheet, edit_by_words
from reconciler.customers.edit_files import read_current, replace_files, rewrite_files
from reconciler.customers.load import load_sound
from reconciler.customers.manifest import limited_problems, read_file
from reconciler.customers.mask_names import check_mask_offline
from reconciler.customers.rewrite import rewrite_values
from reconciler.customers.selection import Selection, selected
from reconciler.customers.spreadsheet import read_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reconciler.core.values import DesiredCustomer, Problem
    from reconciler.customers.bulk_edit import Assignment, BulkEdit
    from reconciler.customers.edit_files import CurrentFile, Rewritten
    from reconciler.customers.manifest import Manifest
    from reconciler.repo.settings import Settings

NOTHING_WRITTEN: Final = "nothing was written"
_MASKED_CHANGE: Final = "(masked, changed)"


class SheetRequest(NamedTuple):
    """The bytes of a spreadsheet and its name; the word that clears an attribute, if there is one."""

    content: bytes
    name: str
    clear: str | None = None


class WordsRequest(NamedTuple):
    """`ATTRIBUTE=VALUE` words, the words that select customers, and the word that clears an attribute, if there is one."""

    words: Sequence[str]
    select: Sequence[str]
    clear: str | None = None


class SetValue(NamedTuple):
    """A value that is written: where it stands then, and what stood there (None where the file did not manage it)."""

    customer: DesiredCustomer
    line: int
    attribute: str
    before: str | None
    after: str
    masked: bool


@dataclass(frozen=True, slots=True)
class SetResult:
    """What was set, or would be; how many values said so already; and the difference of the files, masked values aside."""

    values: tuple[SetValue, ...]
    unchanged: int
    warnings: tuple[Problem, ...]
    diff: str


def set_values(settings: Settings, request: SheetRequest | WordsRequest, *, dry_run: bool) -> SetResult:
    """Write values into the YAML; with `dry_run`, say what would be written.

    Raises `InvalidFiles` with every problem, `InputError` where a file was saved meanwhile or the disk refuses.
    """
    manifest = load_sound(settings, may_be_empty=isinstance(request, SheetRequest))
    check_mask_offline(settings, manifest)
    bulk = _bulk_edit(manifest, settings, request)
    if bulk.problems:
        raise InvalidFiles(limited_problems(bulk.problems))
    files = read_current({it.customer.file for it in bulk.changes}, settings)
    rewritten = rewrite_files(files, bulk.changes, manifest, settings, add=True)
    if rewritten.changed:
        what = f"{min(file for file, _ in rewritten.changed)} was saved by another program meanwhile"
        raise InputError(f"setting values: {what}; {NOTHING_WRITTEN}", advice="run this again")
    values = tuple(_value(it, rewritten, settings) for it in bulk.changes)
    diff = "".join(_diff(bulk, files, rewritten, settings)) if dry_run else ""
    if not dry_run:
        left = replace_files(files, rewritten.contents, settings, all_or_none=True)
        if left:
            said = "\n".join(f"  {file}: {reason}" for file, reason in left.items())
            raise InputError(f"setting values: {NOTHING_WRITTEN}:\n{said}")
    return SetResult(values, bulk.unchanged, limited_problems(bulk.warnings), diff)


def _bulk_edit(manifest: Manifest, settings: Settings, request: SheetRequest | WordsRequest) -> BulkEdit:
    customers, rules = manifest.customers, settings.rules
    if isinstance(request, SheetRequest):
        sheet = read_sheet(request.content, request.name)
        return edit_by_sheet(sheet, customers, rules, clear=request.clear)
    known = known_attributes(customers, rules)
    texts: dict[str, str] = {}
    for word in request.words:
        attribute, text = _parted(word, known)
        if problem := attribute_problem(attribute, known):
            raise InputError(f"setting {printable(attribute)}: {problem}", advice=NOTHING_WRITTEN)
        if attribute in texts:
            raise InputError(f"setting {printable(attribute)}: it is given twice", advice=NOTHING_WRITTEN)
        if not text:
            advice = f"to clear it, name a word: --clear - {printable(attribute)}=-"
            raise InputError(f"setting {printable(attribute)}: there is no text after the =", advice=advice)
        texts[attribute] = "" if text == request.clear else text
    chosen = selected(manifest, Selection(select=tuple(request.select)), settings)
    return edit_by_words(texts, chosen, customers, rules)


def _parted(word: str, known: Sequence[str]) -> tuple[str, str]:
    """The attribute and the text of a word; a field whose name contains a `=` is known by the files that manage it."""
    parts = word.split("=")
    splits = [("=".join(parts[:at]), "=".join(parts[at:])) for at in range(1, len(parts))]
    if not splits:
        raise InputError(
            f'setting values: "{printable(word)}" is no ATTRIBUTE=VALUE', advice="as in Fields.Tier=Gold"
        )
    return next((split for split in splits if split[0] in known), splits[0])


def _value(it: Assignment, rewritten: Rewritten, settings: Settings) -> SetValue:
    place = rewritten.places[it.customer.file, it.customer.key]
    return SetValue(
        it.customer,
        place.mark(it.attribute).line,
        it.attribute,
        it.customer.values.get(it.attribute),
        it.text,
        it.attribute in settings.rules.mask,
    )


def _diff(
    bulk: BulkEdit, files: Mapping[str, CurrentFile], rewritten: Rewritten, settings: Settings
) -> Iterator[str]:
    """The files before and after, as `diff -u` shows them; masked values are hidden, those that change told so."""
    mask = settings.rules.mask
    changed = {(it.customer.file, it.customer.key, it.attribute) for it in bulk.changes}
    for file, after in rewritten.contents.items():
        hidden: dict[str, list[str]] = {}
        for name, content in (("before", files[file].content), ("after", after)):
            customers, _, _ = read_file(content, file, {})
            texts = {
                it.key: {
                    path: _MASKED_CHANGE if name == "after" and (file, it.key, path) in changed else MASKED
                    for path in it.values.keys() & mask
                }
                for it in customers
            }
            shown = rewrite_values(content, file, texts) if any(texts.values()) else content
            hidden[name] = [f"{printable(line)}\n" for line in shown.decode("utf-8-sig").splitlines()]
        yield from difflib.unified_diff(hidden["before"], hidden["after"], file, file)
