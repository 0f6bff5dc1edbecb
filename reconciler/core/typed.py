"""Whether a value is what the annotations of its class say, all the way down. For values read from outside; pure."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def typed(kind: Any, names: Mapping[str, Any]) -> Callable[[object], bool]:
    """A test of values: dataclasses, `tuple[X, ...]`, unions, and plain classes exactly (a bool is no int).

    `names` are those that the annotations use and a module imports for its types alone.
    """
    if is_dataclass(kind):
        hints = get_type_hints(kind, localns=dict(names))
        parts = [(it.name, typed(hints[it.name], names)) for it in fields(kind)]
        return lambda value: type(value) is kind and all(fits(getattr(value, name)) for name, fits in parts)
    if get_origin(kind) is tuple:
        each = typed(get_args(kind)[0], names)
        return lambda value: type(value) is tuple and all(map(each, value))
    if get_origin(kind) in {Union, UnionType}:
        either = [typed(it, names) for it in get_args(kind)]
        return lambda value: any(fits(value) for fits in either)
    return lambda value: type(value) is kind
