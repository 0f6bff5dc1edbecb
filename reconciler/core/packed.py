"""A customer's values as two texts, the paths and the values, as cache files have them: decoded on demand.

A hundred thousand customers are in memory at once, and for nearly all of them the one question is whether both sides are
the same. Two such customers of which the texts are equal are equal, which takes one look.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import ItemsView, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, overload

if TYPE_CHECKING:
    from collections.abc import Iterable

VALUES: Final = "\0"
CUSTOMERS: Final = "\x01"
FILES: Final = "\x02"
"""The separators of a customer's values, of customers and of files; no packed text contains one."""


_LARGER: Final = {VALUES: (CUSTOMERS, FILES), CUSTOMERS: (FILES,), FILES: ()}


class UnpackableError(ValueError):
    """A text contains a separator, or is no Unicode."""


class PackedValues(Mapping[str, str]):
    """Values by path. Comparing uses `items`, once a customer, and keeps nothing decoded."""

    __slots__ = ("_decoded", "_paths", "_texts", "name")

    def __init__(self, name: str, paths: str, texts: str) -> None:
        """Take paths and values in the same order; the name is at hand, because it is asked for often."""
        self.name = name
        self._paths = paths
        self._texts = texts
        self._decoded: dict[str, str] | None = None

    @property
    def paths(self) -> str:
        """The paths as one text."""
        return self._paths

    @property
    def texts(self) -> str:
        """The values as one text, in the order of the paths."""
        return self._texts

    def items(self) -> ItemsView[str, str]:
        """All of them, decoded for this one use."""
        return self._all().items()

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, PackedValues) and self.paths == other.paths:
            return self.texts == other.texts
        return Mapping.__eq__(self, other)

    __hash__ = None  # type: ignore[assignment]  # as of any mapping

    def __getitem__(self, path: str) -> str:
        if path == "Name":
            return self.name
        self._decoded = self._all()
        return self._decoded[path]

    def __iter__(self) -> Iterator[str]:
        return iter(_split(self.paths))

    def __len__(self) -> int:
        return len(_split(self.paths))

    def _all(self) -> dict[str, str]:
        if self._decoded is not None:
            return self._decoded
        return dict(zip(_split(self.paths), self.texts.split(VALUES), strict=True))


class PackedPlaces(Sequence[int]):
    """Lines and columns as one text, decoded on demand."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Take what `places_text` made."""
        self._text = text

    @property
    def text(self) -> str:
        """Lines and columns as `places_text` makes them."""
        return self._text

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as of any list

    def _all(self) -> array[int]:
        return array("I", bytes.fromhex(self.text))


def places_text(places: Sequence[int]) -> str:
    """Lines and columns as one text."""
    return places.text if isinstance(places, PackedPlaces) else array("I", places).tobytes().hex()


def as_texts(values: Mapping[str, str]) -> tuple[str, str]:
    """The paths and the values, each as one text; raises `UnpackableError`."""
    if isinstance(values, PackedValues):
        return values.paths, values.texts
    return _together(tuple(values)), joined(VALUES, values.values())


@lru_cache(maxsize=4096)
def _together(paths: tuple[str, ...]) -> str:
    """Paths as one text; many customers share them."""
    return joined(VALUES, paths)


def packed(name: str, values: Mapping[str, str]) -> Mapping[str, str]:
    """The same values in a sixth of the memory, where they can be packed."""
    try:
        return PackedValues(name, *as_texts(values))
    except UnpackableError:
        return values


def joined(sign: str, texts: Iterable[str]) -> str:
    """Some texts, one at least, as one; raises `UnpackableError` where they could not be split again."""
    parts = list(texts)
    one = sign.join(parts)
    if one.count(sign) != len(parts) - 1 or any(map(one.__contains__, _LARGER[sign])):
        raise UnpackableError("a text holds a separator")
    try:
        one.encode()
    except UnicodeEncodeError:
        raise UnpackableError("a text holds half of a character") from None
    return one


@lru_cache(maxsize=4096)
def _split(paths: str) -> tuple[str, ...]:
    """The paths; many customers share them."""
    return tuple(map(sys.intern, paths.split(VALUES)))
