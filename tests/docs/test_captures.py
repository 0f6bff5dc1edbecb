"""The screens that the docs show are what the commands print."""

from __future__ import annotations

import pytest

from tests.docs.captures import FOLDER, ROOT, SCENES, captures

PAGES = "\n".join(page.read_text() for page in sorted((ROOT / "docs").rglob("*.md")))


def test_each_screen_is_what_is_printed() -> None:
    """Whoever changes what people see takes the captures anew, and looks at them: `nox -s captures -- --write`."""
    for name, text in captures().items():
        assert (FOLDER / name).read_text() == text, name


@pytest.mark.parametrize("name", SCENES)
def test_a_capture_is_small_and_a_page_shows_it(name: str) -> None:
    assert (FOLDER / name).stat().st_size < 200_000
    assert f"captures/{name})" in PAGES


def test_nothing_is_kept_that_no_scene_makes() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(SCENES)
