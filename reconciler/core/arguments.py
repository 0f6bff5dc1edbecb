"""Arguments of the Python API -> values of the types that they are declared with, or an `InputError` that names the argument. Pure.

Not every program is type-checked, and a wrong type should not end as an error of some inner line. An error names the type
that was given and never the value, which may be a key. What can be read only once is read here, into a tuple.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NoReturn

from reconciler.core.errors import InputError

_TEXT: Final = "a text"
_PATH: Final = "a path, as a text or a pathlib.Path,"
_NO_LISTS: Final = (str, bytes, bytearray)


def checked_instance(name: str, value: object, kind: type | tuple[type, ...], words: str) -> None:
    """Raise for a value of another class; `words` say what is needed."""
    if not isinstance(value, kind):
        _refuse(name, value, words)


def checked_number(name: str, value: object) -> None:
    """Raise for what is no whole number; True is none."""
    if not isinstance(value, int) or isinstance(value, bool):
        _refuse(name, value, "a whole number")


def checked_flag(name: str, value: object) -> None:
    """Raise for anything but True and False: a text is true whatever it says."""
    checked_instance(name, value, bool, "True or False")


def checked_callback(name: str, value: object) -> None:
    """Raise for what cannot be called; None means that nobody listens."""
    if value is not None and not callable(value):
        _refuse(name, value, "a function")


def checked_text(name: str, value: object) -> None:
    """Raise for what is no text that a command line could have given; None means that it is not given."""
    if value is not None:
        _check_text(name, value, _TEXT)


def checked_items(name: str, value: object, words: str) -> tuple[Any, ...]:
    """What is in an iterable, read once."""
    if isinstance(value, _NO_LISTS) or not isinstance(value, Iterable):
        _refuse(name, value, words)
    return tuple(value)


def checked_texts(name: str, value: str | Iterable[str]) -> tuple[str, ...]:
    """The texts; a single one is one word, not its letters."""
    found = (value,) if isinstance(value, str) else checked_items(name, value, "a text, or a list of texts,")
    for it in found:
        _check_text(name, it, _TEXT)
    return found


def checked_paths(name: str, value: Any) -> tuple[Any, ...]:
    """The paths, texts or path objects; a single one stands for itself."""
    single = isinstance(value, str) or hasattr(type(value), "__fspath__")
    found = (value,) if single else checked_items(name, value, f"{_PATH} or a list of them")
    for it in found:
        _check_text(name, it.__fspath__() if hasattr(type(it), "__fspath__") else it, _PATH)
    return found


def checked_ids(name: str, value: Iterable[int]) -> tuple[int, ...]:
    """The ids of customers."""
    found = checked_items(name, value, "a list of customer ids")
    for it in found:
        checked_number(name, it)
    return found


def _check_text(name: str, value: object, words: str) -> None:
    if not isinstance(value, str):
        _refuse(name, value, words)
    if not value:
        raise InputError(f"reading {name}: it is empty")
    try:
        value.encode("utf-8", "surrogateescape")  # what a locale could not read of a word of a command line
    except UnicodeEncodeError:
        raise InputError(f"reading {name}: it contains a lone surrogate, which is no character") from None
    if "\0" in value:
        raise InputError(f"reading {name}: it contains NUL, which no word of a command line can")


def _refuse(name: str, value: object, words: str) -> NoReturn:
    raise InputError(f"reading {name}: {words} is needed, not {type(value).__name__}")
