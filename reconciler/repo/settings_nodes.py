"""The nodes of a reconciler.yaml -> values by setting; every problem at its place, with the nearest valid name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reconciler.core.attributes import BUILT_IN, FIELDS, LIST_OPTION_LIMIT, field_path
from reconciler.core.field_types import BY_KIND, FieldType, ListOf
from reconciler.core.nearest import nearest
from reconciler.core.text import printable
from reconciler.core.values import Problem, SourceMark
from reconciler.core.yaml.reader import Mapping as MappingNode
from reconciler.core.yaml.reader import Scalar, Sequence
from reconciler.repo.bounds import BOUNDS, DIGITS, REFRESH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconciler.core.yaml.reader import Node


def values_of(documents: list[Node], shown: str, problems: list[Problem]) -> dict[str, Any]:
    """What the one document says, by setting; what is wrong with it is added to the problems."""
    reading = _Reading(shown, problems)
    if len(documents) > 1:
        reading.refuse(documents[1], "settings are one document")
    return reading.mapping(documents[0], _TOP, "url: sandbox:") if documents else {}


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

    def mapping(
        self, node: Node, table: Mapping[str, Callable[[_Reading, Node], Any]], example: str
    ) -> dict[str, Any]:
        """A mapping whose keys are those of the table, each value read by its row."""
        if not isinstance(node, MappingNode):
            self.refuse(node, f"a mapping is needed here, as in `{example}`")
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
        parts = self.mapping(node, _WAY, "{type: list, options: [Gold, Silver]}")
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
    "refresh": lambda reading, node: reading.choice(node, REFRESH),
    "limits": lambda reading, node: reading.mapping(node, _LIMITS, "edits: 200"),
    "ignore": lambda reading, node: reading.attributes(node, masking=False),
    "mask": lambda reading, node: reading.attributes(node, masking=True),
    "fields": lambda reading, node: reading.field_types(node),
}
