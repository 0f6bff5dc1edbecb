"""The page about the architecture tells of the rooms that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.architecture import PAGE, ROOT, arrows, drawing, page_with, rooms

PLACES = re.findall(r"`((?:[a-z_]+/)+[a-z_]*(?:\.py)?|[a-z_]+(?:\.[a-z_]+)+)`", PAGE.read_text())


def test_the_drawing_is_of_the_imports() -> None:
    """Whoever moves a wall draws the page anew: `nox -s architecture -- --write`."""
    assert PAGE.read_text() == page_with(drawing())


def test_an_arrow_stands_for_an_import_that_no_other_way_explains() -> None:
    """No room leads to itself, and a shorter way is not drawn beside a longer one."""
    assert arrows({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == [("a", "b"), ("b", "c")]
    assert rooms()["sandbox"] == set()


@pytest.mark.parametrize("place", sorted({*PLACES} - {"reconciler.yaml"}))
def test_every_place_that_the_page_names_is_there(place: str) -> None:
    """A file, a folder, a module, or something in a module."""
    if place.startswith("tests/"):
        assert (ROOT / place).exists()
    else:
        assert is_there(place, ROOT / "reconciler") or is_there(place, ROOT / "reconciler/sandbox")


def is_there(place: str, folder: Path) -> bool:
    """Whether a folder has `faults/script.py`, `plan.guards` or `plan.guards.check_list`."""
    parts = place.removesuffix(".py").replace("/", ".").strip(".").split(".")
    path = folder.joinpath(*parts)
    if path.is_dir() or path.with_suffix(".py").exists():
        return True
    module = path.parent.with_suffix(".py")
    return module.exists() and f"\ndef {parts[-1]}(" in module.read_text()
