"""The plan's page in a browser: inert, quiet, searchable by hand and by key, readable anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.report.render import render
from tests.browser.reading import cut, elements, faint
from tests.browser.shop import HOSTILE
from tests.report.test_plans import change, edit, sheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Watched, Window


@pytest.fixture(scope="module")
def url(plan_and_drift: tuple[str, str]) -> str:
    """A plan with one of everything."""
    return plan_and_drift[0]


@pytest.fixture
def opened(window: Window, url: str) -> Iterator[Watched]:
    with window.open(url) as watched:
        yield watched


@pytest.fixture
def page(opened: Watched) -> Page:
    return opened.page


def shown(page: Page) -> list[str]:
    """The ids of the customers that can be seen."""
    return page.locator("article:visible h3 span").all_text_contents()


def kind(page: Page, name: str) -> None:
    """Press a kind's box."""
    page.get_by_label(f"only {name}", exact=True).click()


def test_a_page_asks_for_nothing_and_complains_of_nothing(opened: Watched, url: str) -> None:
    """From file://, whatever texts it shows: no request but itself, no error, no blocked script, no dialog."""
    opened.page.locator("summary").first.click()
    opened.page.mouse.wheel(0, 20_000)
    assert opened.requests == [url]
    assert opened.complaints == []


def test_no_text_becomes_an_element(page: Page) -> None:
    """What could load, lead away or run is not there; the only script is the page's own."""
    assert elements(page, "img, iframe, a, form, button, base, object, embed, link, svg, video") == []
    assert len(elements(page, "script")) == 1
    assert len(elements(page, "meta[http-equiv]")) == 1
    handlers = (
        "(every) => every.flatMap(one => one.getAttributeNames()).filter(name => name.startsWith('on'))"
    )
    assert page.eval_on_selector_all("*", handlers) == []


def test_every_text_can_be_read_as_it_is(page: Page) -> None:
    """Hostile or not, the page shows the characters, and escapes for those that are none."""
    text = page.locator("main").text_content() or ""
    for told in HOSTILE:
        if told.isprintable() and len(told) < 60:
            assert told in text, told
    assert r"gnp\u202eexe" in text
    assert r"\x1b]52;c;aGk=\x07\r" in text


def test_a_search_leaves_the_customers_that_hold_all_its_words(page: Page) -> None:
    """Id, name, file or value; case does not matter; the heading counts."""
    page.get_by_label("Search customers").fill("MOVED.example bolt")
    assert shown(page) == ["11"]
    assert page.locator("#shown").inner_text() == "1"
    page.get_by_label("Search customers").fill("customers/14.yaml")
    assert shown(page) == ["14"]


def test_a_search_without_a_match_says_so(page: Page) -> None:
    """An empty page would look broken."""
    assert not page.get_by_text("No customer matches.").is_visible()
    page.get_by_label("Search customers").fill("nobody at all")
    assert shown(page) == []
    assert page.get_by_text("No customer matches.").is_visible()


def test_a_kind_shows_its_customers_alone_and_two_kinds_both(page: Page) -> None:
    """No kind chosen is every kind."""
    every = shown(page)
    kind(page, "conflict")
    assert shown(page) == ["10"]
    kind(page, "cleared")
    assert shown(page) == ["10", "14"]
    kind(page, "conflict")
    kind(page, "cleared")
    assert shown(page) == every


def test_a_box_tells_how_many_customers_it_would_show(page: Page) -> None:
    """The number beside each kind is the number of cards behind it."""
    for label in page.locator(".filter label").all():
        number = int(label.locator("b").inner_text())
        label.click()
        assert len(shown(page)) == number
        label.click()


def test_a_rename_that_puts_drift_back_is_found_under_both_kinds(page: Page) -> None:
    """A reader who looks for drift must not miss the renamed."""
    for name in ("rename", "drift"):
        kind(page, name)
        assert "16" in shown(page)
        kind(page, name)


def test_the_keyboard_is_enough(page: Page) -> None:
    """A slash searches, Tab goes on to the kinds, Space chooses; what has the focus is outlined."""
    page.keyboard.press("/")
    page.keyboard.type("acme")
    assert shown(page) == ["10"]
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert shown(page) == ["10"]
    outline = "getComputedStyle(document.activeElement.closest('label')).outlineStyle"
    assert page.evaluate(outline) == "solid"


def test_a_slash_in_the_search_is_a_letter(page: Page) -> None:
    """Files are searched by path."""
    page.get_by_label("Search customers").press_sequentially("customers/10.")
    assert shown(page) == ["10"]


def test_a_long_value_unfolds_whole(page: Page) -> None:
    """By a press on its summary."""
    card = page.locator("article", has_text="Müller")
    whole = f"{'long ' * 300}end"
    assert not card.get_by_text(whole).is_visible()
    card.get_by_text("whole values").first.click()
    assert card.get_by_text(whole).is_visible()


@pytest.mark.parametrize("width", [320, 390, 1200])
def test_nothing_is_cut_off_at_any_width(width: int, window: Window, url: str) -> None:
    """Nor does the page scroll sideways; long values wrap, folded ones too."""
    with window.open(url, width=width) as watched:
        watched.page.eval_on_selector_all("details", "every => every.forEach(one => { one.open = true })")
        assert cut(watched.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(scheme: str, window: Window, url: str) -> None:
    """In both colour schemes, and the two differ."""
    with window.open(url, color_scheme=scheme) as watched:
        watched.page.eval_on_selector_all("details", "every => every.forEach(one => { one.open = true })")
        assert faint(watched.page) == []
        ground = watched.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == {"light": "rgb(245, 247, 250)", "dark": "rgb(18, 23, 31)"}[scheme]


def test_without_scripts_everything_is_shown_and_nothing_is_dead(window: Window, url: str) -> None:
    """All customers, and no search box that would not search."""
    with window.open(url, java_script_enabled=False) as watched:
        assert (
            watched.page.locator("article").count() == watched.page.locator("article:visible").count() == 31
        )
        assert not watched.page.locator("#search").is_visible()


@pytest.fixture
def alike(window: Window, tmp_path: Path) -> Iterator[Page]:
    """Three hundred customers with an equal change; the first has another too."""
    tier = change("Fields.Tier", "Silver", "Gold")
    own = edit(1, tier, change("Website", "", "https://one.example"))
    file = tmp_path / "alike.html"
    file.write_text(render(sheet(own, *(edit(number, tier) for number in range(2, 301))), "html"))
    with window.open(file.as_uri()) as watched:
        yield watched.page
        assert watched.complaints == []


def test_equal_changes_are_one_card_that_unfolds(alike: Page) -> None:
    """Three hundred customers are two cards; the list of who shares a change is there for who wants it."""
    assert alike.locator("article").count() == 2
    assert alike.locator("#shown").inner_text() == "300"
    assert not alike.get_by_text("customers/250.yaml:1").is_visible()
    alike.get_by_text("all 300").click()
    assert alike.get_by_text("customers/250.yaml:1").is_visible()


def test_a_search_finds_one_of_many_in_the_card_that_they_share(alike: Page) -> None:
    """Its list opens at the one, and closes when the search is emptied; the heading counts customers."""
    alike.get_by_label("Search customers").fill("silver customers/250.yaml")
    assert alike.locator(".members li:visible").all_text_contents()[0].split()[:2] == ["250", "Customer"]
    assert alike.locator(".members li:visible").count() == 1
    assert alike.locator("#shown").inner_text() == "1"
    alike.get_by_label("Search customers").fill("")
    assert alike.locator(".members li:visible").count() == 0
    assert alike.locator("#shown").inner_text() == "300"


def test_printed_everything_is_unfolded(alike: Page) -> None:
    """Paper has no summary to press; afterwards the page is as it was."""
    alike.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert alike.locator("details:not([open])").count() == 0
    alike.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert alike.locator("details[open]").count() == 0


def test_printed_everything_is_shown_without_scripts_too(window: Window, tmp_path: Path) -> None:
    """What is folded away on the screen is on paper."""
    tier = change("Fields.Tier", "Silver", "Gold")
    file = tmp_path / "alike.html"
    file.write_text(render(sheet(*(edit(number, tier) for number in range(1, 9))), "html"))
    with window.open(file.as_uri(), java_script_enabled=False) as watched:
        line = watched.page.get_by_text("customers/7.yaml:1")
        assert not line.is_visible()
        watched.page.emulate_media(media="print")
        assert line.is_visible()


@pytest.mark.parametrize(("width", "columns"), [(390, 1), (1200, 3)])
def test_a_conflict_has_its_three_sides_beside_each_other_where_there_is_room(
    width: int, columns: int, window: Window, url: str
) -> None:
    """Base, RPM and YAML; below each other on a phone."""
    with window.open(url, width=width) as watched:
        sides = watched.page.locator(".three").first.locator("samp").all()
        places = [side.bounding_box() for side in sides]
        assert len({round(place["x"]) for place in places if place}) == columns
        assert [side.inner_text() for side in sides] == ["Gold", "Bronze", "Silver"]


def test_a_plan_of_three_thousand_customers_opens_and_answers(window: Window, tmp_path: Path) -> None:
    """A search finds the one, and shows all again when it is emptied."""
    edits = [edit(number, change("Website", "", f"https://{number}.example")) for number in range(1, 3_001)]
    large = tmp_path / "large.html"
    large.write_text(render(sheet(*edits), "html"), encoding="utf-8")
    with window.open(large.as_uri()) as watched:
        watched.page.get_by_label("Search customers").fill("2718.example")
        assert shown(watched.page) == ["2718"]
        watched.page.get_by_label("Search customers").fill("")
        assert watched.page.locator("#shown").inner_text() == "3,000"
        assert watched.page.locator("article[hidden]").count() == 0
        assert watched.complaints == []
