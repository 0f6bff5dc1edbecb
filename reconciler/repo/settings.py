"""`reconciler.yaml`, flags and environment -> settings. Flags beat the file; of the environment, only the url counts.

Every problem of the file is found in one pass, with its place and the nearest valid name. Nothing here knows a key.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.attributes import BUILT_IN, FIELDS, LIST_OPTION_LIMIT, field_path
from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.field_types import BY_KIND, CompareRules, FieldType, ListOf
from reconciler.core.nearest import nearest
from reconciler.core.text import printable
from reconciler.core.values import Problem, SourceMark
from reconciler.core.yaml.reader import Mapping as MappingNode
from reconciler.core.yaml.reader import Scalar, Sequence, read_documents
from reconciler.repo.bounds import BOUNDS, DIGITS
from reconciler.repo.git.root import find_root
from reconciler.repo.state_dir import NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconciler.core.yaml.reader import Node

FILE: Final = "reconciler.yaml"
_UNQUOTED: Final = re.compile(rb"^(url:[ \t]*)sandbox:([ \t]*(?:#[^\r\n]*)?\r?)$", re.MULTILINE)
"""`url: sandbox:` as people write it; strict YAML would have quotes around a text that ends with a colon."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`limits` of reconciler.yaml: customers edited, their share of those in YAML, calls of one command."""

    edits: int = 200
    percent: int = 20
    calls: int = 10_000


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run goes by. `root` is the folder of reconciler.yaml; `customers` is relative to it.

    `file` is what reconciler.yaml alone says, without environment and flags; None where there is no such file, and in itself.
    `places` says where it does: by setting (`url`, `limits.edits`), and by entry (`mask Fields.Tax id`, `fields Tier`).
    `customers_from_flag` is true where `--customers` names the folder.
    """

    root: Path
    url: str = ""
    url_from_file: bool = False
    subscriber: int | None = None
    customers: str = "customers"
    parallel: int = 20
    timeout: float = 60.0
    read_age: float = 10.0
    refresh: str = "full"
    limits: Limits = field(default_factory=Limits)
    rules: CompareRules = field(default_factory=CompareRules)
    customers_from_flag: bool = False
    file: Settings | None = None
    places: Mapping[str, SourceMark] = field(default_factory=dict)

    @property
    def local(self) -> Path:
        """The folder of local state that git ignores."""
        return self.root / NAME


def find_settings(start: Path) -> Path | None:
    """reconciler.yaml in this folder or the nearest one above, not above git's root; None where there is none.

    Raises `InputError` for one that is no regular file, or that leads out of the repository.
    """
    top = find_root(start)
    start = Path(os.path.realpath(start))
    for folder in (start, *start.parents):
        if os.path.lexists(folder / FILE):
            return _checked(folder / FILE, top)
        if folder == top:
            break
    return None


def _checked(path: Path, top: Path | None) -> Path:
    """The path, if settings may be read there."""
    shown = printable(str(path))
    if not path.is_file():
        raise InputError(
            f"reading {shown}: it is not a regular file", advice="remove it, or put the file itself there"
        )
    if top is not None and not path.resolve().is_relative_to(top):
        raise InputError(
            f"reading {shown}: it is a symbolic link out of the repository",
            advice="put the file itself there",
        )
    return path


def load_settings(start: Path, flags: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """The settings that hold for a run started in a folder.

    `flags` has a value for each flag that was given, under its setting's name (`max_edits` for `limits.edits`).
    """
    path = find_settings(start)
    settings = Settings(root=start)
    if path is not None:
        settings = read_settings(path)
        settings = replace(settings, file=settings)
    if environment.get("RPM_API_URL"):
        settings = replace(settings, url=environment["RPM_API_URL"], url_from_file=False)
    return _flagged(settings, flags)


def _flagged(settings: Settings, flags: Mapping[str, Any]) -> Settings:
    """The settings with what the flags say; `ignore` and `mask` are added to, since a flag must not show what the file hides."""
    plain = {
        name: flags[name]
        for name in ("url", "subscriber", "customers", "parallel", "timeout", "read_age", "refresh")
        if flags.get(name) is not None
    }
    if "url" in plain:
        plain["url_from_file"] = False
    if "customers" in plain:
        plain["customers_from_flag"] = True
    limits = {
        name: flags[f"max_{name}"]
        for name in ("edits", "percent", "calls")
        if flags.get(f"max_{name}") is not None
    }
    for name in ("ignore", "mask"):
        for path in flags.get(name) or ():
            if complaint := attribute_complaint(path, masking=name == "mask"):
                raise InputError(f"reading --{name}: {complaint}")
    rules = CompareRules(
        settings.rules.field_types,
        settings.rules.ignore | frozenset(flags.get("ignore") or ()),
        settings.rules.mask | frozenset(flags.get("mask") or ()),
    )
    return replace(settings, **plain, limits=replace(settings.limits, **limits), rules=rules)


def read_settings(path: Path) -> Settings:
    """The settings of a file; every problem of it at once."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"reading {path}: {error.strerror}") from None
    return parse_settings(content, path.parent)


def parse_settings(content: bytes, root: Path, shown: str = FILE) -> Settings:
    """The settings that a reconciler.yaml in a folder says, on disk or in a commit; raises `InvalidFiles` with every problem."""
    documents, problems = read_documents(_UNQUOTED.sub(rb'\1"sandbox:"\2', content), shown)
    reading = _Reading(shown, list(problems))
    values: dict[str, Any] = {}
    if len(documents) > 1:
        reading.refuse(documents[1], "one document is all that settings need")
    for document in documents[:1]:
        values = reading.mapping(document, _TOP)
    if reading.problems:
        raise InvalidFiles(reading.problems)
    limits = Limits(**values.pop("limits", {}))
    rules = CompareRules(
        values.pop("fields", {}), values.pop("ignore", frozenset()), values.pop("mask", frozenset())
    )
    return Settings(
        root=root,
        url_from_file="url" in values,
        limits=limits,
        rules=rules,
        places=_places(documents, shown),
        **values,
    )


def _places(documents: list[Node], shown: str) -> dict[str, SourceMark]:
    """Where a sound file says what; see `Settings.places`."""
    found: dict[str, SourceMark] = {}
    for document in documents:
        for key, value in document.entries if isinstance(document, MappingNode) else ():
            name = key.text
            if isinstance(value, Sequence):
                found[name] = SourceMark(shown, key.line, key.column)
                inner = [(f"{name} {it.text}", it) for it in value.items if isinstance(it, Scalar)]
            elif isinstance(value, MappingNode):
                joint = " " if name == "fields" else "."
                inner = [(f"{name}{joint}{it.text}", it) for it, _ in value.entries]
            else:
                inner = [(name, key)]
            found |= {path: SourceMark(shown, it.line, it.column) for path, it in inner}
    return found


def attribute_complaint(path: str, *, masking: bool) -> str:
    """What is wrong with an attribute's path in `ignore` or `mask`, or nothing."""
    if masking and path == "Name":
        return "Name cannot be masked: every report names its customers"
    if path in BUILT_IN or (path.startswith(FIELDS) and path != FIELDS):
        return ""
    import difflib  # noqa: PLC0415 - slow to import, and few settings are misspelt

    close = difflib.get_close_matches(path.split(".", maxsplit=1)[0], [*BUILT_IN, "Fields"], n=1)
    meant = (
        f"; did you mean {close[0] if close[0] in BUILT_IN else FIELDS + path.partition('.')[2]}?"
        if close
        else ""
    )
    return f'"{printable(path)}" is no attribute: Name, Website, Address, or a custom field as in Fields.Tier{meant}'


class _Reading:
    """One pass over the settings' nodes that gathers problems instead of stopping at the first."""

    def __init__(self, shown: str, problems: list[Problem]) -> None:
        self.problems = problems
        self._shown = shown

    def refuse(self, node: Node, message: str) -> None:
        """Note a problem at a node."""
        self.problems.append(Problem(SourceMark(self._shown, node.line, node.column), message))

    def mapping(self, node: Node, table: Mapping[str, Callable[[_Reading, Node], Any]]) -> dict[str, Any]:
        """A mapping whose keys are those of the table, each value read by its row."""
        if not isinstance(node, MappingNode):
            self.refuse(node, "this must be a mapping of settings, as in `url: sandbox:`")
            return {}
        values = {}
        for key, value in node.entries:
            if key.text in table:
                values[key.text] = table[key.text](self, value)
            elif key.text.lower() in {"key", "api_key", "apikey", "rpm_api_key", "token", "password"}:
                self.refuse(key, "a key has no place in a file of the repository; set RPM_API_KEY instead")
            elif key.text.lower().replace("-", "_") in {"ca_file", "rpm_ca_file", "ca_bundle", "cafile"}:
                self.refuse(
                    key,
                    "a file of the repository cannot choose whom to trust; set RPM_CA_FILE or give --ca-file",
                )
            else:
                self.refuse(key, f'unknown setting "{printable(key.text)}"{nearest(key.text, table)}')
        return values

    def text(self, node: Node) -> str:
        """A text that is not empty."""
        if isinstance(node, Scalar) and node.text.strip():
            return node.text
        self.refuse(node, "a text is needed here")
        return ""

    def number(self, node: Node, name: str) -> int:
        """A whole number within the bounds of a setting."""
        least, most = BOUNDS[name]
        if (
            isinstance(node, Scalar)
            and node.text.isascii()
            and node.text.isdigit()
            and len(node.text) <= DIGITS
        ):
            value = int(node.text)
            if least <= value <= most:
                return value
        self.refuse(node, f"a whole number from {least} to {most:,} is needed here")
        return least

    def choice(self, node: Node, options: tuple[str, ...]) -> str:
        """One of a few words."""
        word = self.text(node)
        if word and word not in options:
            self.refuse(
                node, f'"{printable(word)}" is not one of {", ".join(options)}{nearest(word, options)}'
            )
        return word

    def attributes(self, node: Node, *, masking: bool) -> frozenset[str]:
        """A list of attribute paths."""
        if not isinstance(node, Sequence):
            self.refuse(node, "a list of attributes is needed here, as in `- Fields.Tax id`")
            return frozenset()
        paths = set()
        for item in node.items:
            path = self.text(item)
            if complaint := path and attribute_complaint(path, masking=masking):
                self.refuse(item, complaint)
            paths.add(path)
        return frozenset(paths)

    def field_types(self, node: Node) -> dict[str, FieldType]:
        """How custom fields compare, by path."""
        if not isinstance(node, MappingNode):
            self.refuse(node, "a mapping of fields is needed here, as in `Renewal date: {type: date}`")
            return {}
        return {field_path(key.text): self.field_type(value) for key, value in node.entries}

    def field_type(self, node: Node) -> FieldType:
        """How one field compares."""
        parts = self.mapping(node, _WAY)
        kind, options = parts.get("type") or "text", parts.get("options", ())
        if kind == "list":
            return ListOf(options)
        if options:
            self.refuse(node, "options belong to type: list")
        return BY_KIND.get(kind, BY_KIND["text"])()

    def options(self, node: Node) -> tuple[str, ...]:
        """The options of a list."""
        if not isinstance(node, Sequence) or not node.items:
            self.refuse(node, "a list of options is needed here, as in [Gold, Silver]")
            return ()
        options = tuple(self.text(item) for item in node.items)
        for item, option in zip(node.items, options, strict=True):
            if len(option) > LIST_OPTION_LIMIT:
                self.refuse(
                    item, f"an option has at most {LIST_OPTION_LIMIT} characters, this one has {len(option)}"
                )
        return options


_LIMITS: Final[dict[str, Callable[[_Reading, Node], Any]]] = {
    "edits": lambda reading, node: reading.number(node, "edits"),
    "percent": lambda reading, node: reading.number(node, "percent"),
    "calls": lambda reading, node: reading.number(node, "calls"),
}
_WAY: Final[dict[str, Callable[[_Reading, Node], Any]]] = {
    "type": lambda reading, node: reading.choice(node, tuple(BY_KIND)),
    "options": lambda reading, node: reading.options(node),
}
_TOP: Final[dict[str, Callable[[_Reading, Node], Any]]] = {
    "url": lambda reading, node: reading.text(node),
    "subscriber": lambda reading, node: reading.number(node, "subscriber"),
    "customers": lambda reading, node: reading.text(node),
    "parallel": lambda reading, node: reading.number(node, "parallel"),
    "timeout": lambda reading, node: reading.number(node, "timeout"),
    "read_age": lambda reading, node: reading.number(node, "read_age"),
    "refresh": lambda reading, node: reading.choice(node, ("full", "modified")),
    "limits": lambda reading, node: reading.mapping(node, _LIMITS),
    "ignore": lambda reading, node: reading.attributes(node, masking=False),
    "mask": lambda reading, node: reading.attributes(node, masking=True),
    "fields": lambda reading, node: reading.field_types(node),
}
