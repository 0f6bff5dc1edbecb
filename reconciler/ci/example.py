"""The example subscription as files: customers and settings that differ from what the sandbox begins with. Reads, writes nothing.

They are the `customers/` and `reconciler.yaml` of this project's own repository; a wheel has them next to this module.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.core.errors import InputError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_SETTINGS = "reconciler.yaml"
_CUSTOMERS = "customers"


def example_files(folder: Path) -> dict[str, str]:
    """The text of each file by its path in a folder; raises `InputError` where the folder has customers of its own."""
    if any((folder / _CUSTOMERS).rglob("*.yaml")):
        raise InputError(
            f"writing the example: {_CUSTOMERS}/ already contains customer files",
            advice="the example is for a folder of its own, as in `mkdir example && cd example`",
        )
    source = _source()
    customers = sorted((source / _CUSTOMERS).iterdir(), key=lambda it: it.name)
    places = {_SETTINGS: source / _SETTINGS, **{f"{_CUSTOMERS}/{it.name}": it for it in customers}}
    return {path: place.read_text(encoding="utf-8") for path, place in places.items()}


def _source() -> Traversable:
    """The folder that they are in: in a wheel next to this module, in a checkout at its root."""
    packed = files("reconciler.ci") / "example"
    return packed if packed.is_dir() else Path(__file__).parents[2]
