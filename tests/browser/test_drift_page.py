"""The page of an audit in a browser: inert and searchable as a plan's is, with a history that keeps inside its frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.reading import cut, elements, faint, words_outside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.conftest import Watched, Window


@pytest.fixture(scope="module")
def url(plan_and_drift: tuple[str, str]) -> str:
    """The last of four audits, with their history."""
    return plan_and_drift[1]


@pytest.fixture
def opened(window: Window, url: str) -> Iterator[Watched]:
    with window.open(url) as watched:
        yield watched


def test_a_page_asks_for_nothing_and_complains_of_nothing(opened: Watched, url: str) -> None:
    """No request but itself, no error; nothing that could load, lead away or run came out of a text."""
    opened.page.mouse.wheel(0, 20_000)
    assert (opened.requests, opened.complaints) == ([url], [])
    assert elements(opened.page, "img, iframe, a, form, button, base, object, embed, link, image, use") == []
    assert len(elements(opened.page, "script")) == 1


def test_a_search_and_a_kind_narrow_the_customers(opened: Watched) -> None:
    """As on a plan's page."""
    ids = opened.page.locator("article:visible h3 span")
    opened.page.get_by_label("Search customers").fill("bolt")
    assert ids.all_text_contents() == ["11"]
    opened.page.get_by_label("Search customers").fill("")
    opened.page.get_by_label("only name").click()
    assert ids.all_text_contents() == ["16", "118", "119", "120"]


def test_the_history_draws_every_audit_and_the_missing(opened: Watched) -> None:
    """Four audits, the last with somebody missing; a table holds the same numbers for who cannot see the lines."""
    line, lengths = opened.page.locator("svg").all()
    assert line.locator("circle").count() == line.locator("rect").count() == 4
    assert lengths.locator("text", has_text="15 Müller & Söhne Logi…, missing").is_visible()
    opened.page.get_by_text("as a table").press(
        "Enter"
    )  # a click may miss while cards far above are laid out
    rows = opened.page.locator("tbody tr")
    rows.last.wait_for(state="visible")  # opening it lays the table out, a moment later
    cells = [[text.strip() for text in row.locator("th, td").all_text_contents()[1:]] for row in rows.all()]
    assert [(drifted, missing) for drifted, *_, missing in cells] == [
        ("27", "0"),
        ("28", "0"),
        ("27", "0"),
        ("28", "1"),
    ]
    assert all(int(drifted) == sum(map(int, causes)) for drifted, *causes, _ in cells)


@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_is_cut_off_at_any_width(width: int, window: Window, url: str) -> None:
    """No scrolling sideways, and no word of a drawing beyond its frame."""
    with window.open(url, width=width) as watched:
        assert cut(watched.page) == []
        assert words_outside(watched.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(scheme: str, window: Window, url: str) -> None:
    """The words in the drawings too."""
    with window.open(url, color_scheme=scheme) as watched:
        assert faint(watched.page) == []


def test_without_scripts_everything_is_shown(window: Window, url: str) -> None:
    """The drawings need none."""
    with window.open(url, java_script_enabled=False) as watched:
        assert watched.page.locator("article:visible").count() == 28
        assert watched.page.locator("svg:visible").count() == 2
        assert not watched.page.locator("#search").is_visible()
