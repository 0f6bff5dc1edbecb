"""The Markdown and HTML reports: bounded, inert, well formed."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from reconciler.core.values import UNSET
from reconciler.plan.model import Class
from reconciler.report.html_cards import filled
from reconciler.report.markdown import BUDGET, markdown
from reconciler.report.render import render, view_of
from tests.report.test_plans import (
    CANARY,
    HOSTILE,
    change,
    edit,
    full,
    hostile,
    report,
    sheet,
    six,
)

if TYPE_CHECKING:
    from reconciler.plan.model import Edit

OURS = {
    "p",
    "strong",
    "details",
    "summary",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "br",
    "ul",
    "li",
}
VOID = {"meta", "input", "br"}
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
COMMAND = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)


class Page(HTMLParser):
    """Reads a page strictly: every element closed in order; keeps elements, attributes and the text outside code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.loose = ""
        self.inside: dict[str, str] = {}
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.inside[self.open[-1]] = self.inside.get(self.open[-1], "") + data
        if "code" not in self.open:
            self.loose += data


def rendered(text: str) -> Page:
    return Page(MarkdownIt("gfm-like", {"html": True}).render(text))


def many() -> tuple[Edit, ...]:
    values = [change("Website", f"http://{n}/" + "|" * 60, f"https://{n}/" + "@" * 90) for n in range(3_000)]
    return tuple(edit(20_000 + n, value) for n, value in enumerate(values))


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_markdown_is_live_but_our_own_tables_and_folds(text: str) -> None:
    for output in (render(hostile(text), "markdown"), render(report(text), "markdown")):
        page = rendered(output)
        assert {tag for tag, _ in page.seen} <= OURS
        assert all(names.keys() <= {"open"} for _, names in page.seen)
        assert not CONTROL.search(output)
        assert not COMMAND.search(output)


@pytest.mark.parametrize("text", ["@org/team", "closes #1", ":tada:", "GH-1", "a" * 40])
def test_what_a_code_host_would_bring_to_life_stands_in_code_alone(text: str) -> None:
    for output in (render(hostile(text), "markdown"), render(report(text), "markdown")):
        assert text not in rendered(output).loose


def test_hostile_text_can_be_read_as_it_is() -> None:
    page = rendered(render(hostile("a | <b> `c` &amp; @d"), "markdown"))
    assert "a | <b> `c` &amp; @d" in page.inside["code"]


def test_tables_keep_their_columns_whatever_their_cells_hold() -> None:
    for text in HOSTILE:
        page = rendered(render(hostile(text), "markdown"))
        tables = "".join(
            {"table": "\n", "tr": " ", "th": "h", "td": "d"}.get(tag, "") for tag, _ in page.seen
        )
        for head, *rows in map(str.split, tables.split("\n")[1:]):
            assert set(map(len, rows)) == {len(head)}


def test_base_stands_in_a_column_of_its_own_where_it_says_something_new() -> None:
    output = render(sheet(*six()), "markdown")
    assert output.count("| attribute | <code>base</code> | before | after | customers |") == 1
    assert "| <code>Bronze</code> | <code>Gold</code> | <code>Silver</code> |" in output
    unsaid = replace(six()[4].changes[0], base=UNSET)
    assert "| base |" not in render(sheet(edit(1, unsaid)), "markdown")


def test_a_rename_names_its_customer_once() -> None:
    output = render(sheet(edit(7, change("Name", "Acme", "Zeta"), name="Acme")), "markdown")
    assert "| <code>Name</code> | <code>Acme</code> | <code>Zeta</code> | 7<br><code>customers/7" in output


@pytest.mark.parametrize("budget", [6_000, 20_000, BUDGET])
@pytest.mark.row("F137")
def test_three_thousand_edits_stay_within_the_budget(budget: int) -> None:
    shown = sheet(*many(), managed=3_000, compared=3_000)
    output = markdown(view_of(shown), budget=budget)
    assert 0.5 * budget < len(output) <= budget
    assert "3,000 customers to edit" in output.splitlines()[0]
    assert "Changes (3,000 attributes, 3,000 customers)" in output
    left_out = re.search(r"… ([\d,]+) more rows left out", output)
    assert left_out
    assert int(left_out[1].replace(",", "")) + output.count("\n| <code>") == 3_000
    rendered(output)


def test_the_gravest_changes_are_kept_longest() -> None:
    grave = edit(1, change("Fields.Tier", "Gold", "Silver", Class.CONFLICT, base="Bronze"))
    output = markdown(view_of(sheet(*many(), grave)), budget=6_000)
    assert "| <code>Bronze</code> | <code>Gold</code> |" in output


def test_a_short_row_does_not_outlive_a_graver_long_one() -> None:
    long = edit(1, change("Fields.Tier", "@" * 150, "#" * 150, Class.CONFLICT, base="|" * 150))
    short = edit(2, change("Website", "a", "b"))
    whole = render(sheet(long, short), "markdown")
    cut = markdown(view_of(sheet(long, short)), budget=len(whole) - 100)
    assert "<code>Website</code>" in whole
    assert cut.count("… 1 more row left out") == 2


def test_what_went_wrong_in_an_apply_is_kept_before_what_went_well() -> None:
    output = render(report(), "markdown")
    assert output.index("Failed (1)") < output.index("Edited, with a note (1)")


def test_notices_without_end_do_not_break_the_budget() -> None:
    shown = full()
    plan = replace(shown.plan, problems=shown.plan.problems * 5_000, notes=("x" * 1_000_000,))
    assert len(render(replace(shown, plan=plan), "markdown")) <= BUDGET


def test_a_budget_too_small_for_the_totals_is_refused() -> None:
    with pytest.raises(ValueError, match="a budget of 100 characters"):
        markdown(view_of(full()), budget=100)


def test_equal_changes_are_one_row_that_says_how_many_more_there_are() -> None:
    tier = change("Fields.Tier", "Silver", "Gold")
    output = render(sheet(*(edit(n, tier) for n in range(100, 130))), "markdown")
    assert output.count("<code>Silver</code>") == 1
    assert "30 customers: 100, 101, 102, 103, 104, 105, 106, 107, 108, 109 and 20 more" in output


def test_markdown_begins_with_the_totals_and_ends_with_the_digest() -> None:
    lines = render(sheet(*six()), "markdown").splitlines()
    assert lines[0].startswith(
        "**6 customers to edit (7 attributes: 1 conflict, 2 renames, 1 cleared, 1 drifted) · 28 unchanged"
    )
    digest = sheet(*six()).digest
    assert lines[-2:] == [f"Digest {digest}<br>", f"Next: `reconciler apply --expect {digest}`"]


def test_no_masked_value_is_in_any_page() -> None:
    for output in (render(full(), "markdown"), render(full(), "html")):
        assert CANARY not in output
        assert "masked" in output


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_is_well_formed_and_its_texts_are_only_text(text: str) -> None:
    harmless = Page(render(hostile("x"), "html"))
    for output, clean in (
        (render(hostile(text), "html"), {tag for tag, _ in harmless.seen} | {"details", "summary"}),
        (render(report(text), "html"), {tag for tag, _ in Page(render(report(), "html")).seen}),
    ):
        page = Page(output)
        assert {tag for tag, _ in page.seen} <= clean
        assert not CONTROL.search(output)
        assert not COMMAND.search(output)


def test_a_text_stands_escaped_in_its_own_place_or_nowhere() -> None:
    assert filled('<b title="%s">%s</b>', '">', "<%s>") == '<b title="&#34;&gt;">&lt;%s&gt;</b>'
    for texts in (("one",), ("one", "two", "three"), ("one", "two\0three")):
        with pytest.raises(TypeError):
            filled("<b>%s</b>%s", *texts)


def test_a_page_asks_for_nothing_from_elsewhere() -> None:
    page = Page(render(full(), "html"))
    assert not {name for _, names in page.seen for name in names} & {
        "src",
        "href",
        "srcset",
        "action",
        "style",
        "onclick",
    }


def test_the_content_policy_names_the_very_script_and_style_of_the_page() -> None:
    page = Page(render(hostile("##[x]"), "html"))
    policy = next(names["content"] for tag, names in page.seen if names.get("http-equiv"))
    assert policy
    assert policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.inside[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_a_page_has_every_customer_with_its_kinds_and_every_notice() -> None:
    page = Page(render(full(), "html"))
    kinds = [names["data-kinds"] for tag, names in page.seen if tag == "article"]
    assert kinds == ["conflict", "rename", "rename", "change clear", "drift", "change"]
    for told in (
        "Gone Ltd",
        "Bluestem",
        "did you mean Tier?",
        "lifted by --confirm-edits 6",
        "CustomerID: 10301",
    ):
        assert told in page.loose


def test_a_shortened_value_can_be_unfolded_whole() -> None:
    before, after = "a" * 200 + "x" + "b" * 200, "a" * 200 + "y" + "b" * 200
    page = Page(render(sheet(edit(1, change("Fields.Note", before, after))), "html"))
    assert after in page.loose


def test_three_hundred_equal_changes_are_one_card_that_holds_every_customer() -> None:
    tier, site = change("Fields.Tier", "Silver", "Gold"), change("Website", "", "https://x.example")
    own = edit(1, tier, site, change("Address", "", "1 Harbour Road"))
    output = render(sheet(own, *(edit(number, tier, site) for number in range(2, 301))), "html")
    page = Page(output)
    assert [tag for tag, _ in page.seen].count("article") == 2, "one for what all share, one for who has more"
    members = re.findall(r"<li>(\d+) <bdi>Customer \1</bdi> <code>customers/\1.yaml:1</code></li>", output)
    assert members == [str(number) for number in range(1, 301)]
    assert "The same for 300 customers" in page.loose
    assert "and 2 attributes shown above" in page.loose


def test_ten_thousand_customers_with_equal_changes_are_less_than_a_megabyte() -> None:
    equal = (change("Fields.Tier", "Silver", "Gold"), change("Fields.Active", "No", "Yes"))
    edits = (edit(10_000 + number, *equal, name=f"Springfield Power {number}") for number in range(10_000))
    output = render(sheet(*edits), "html")
    assert len(output.encode()) < 1_000_000
    assert "Springfield Power 9999" in output


def test_a_conflict_shows_base_rpm_and_yaml_beside_each_other() -> None:
    output = render(sheet(*six()), "html")
    three = output[output.index('<div class="named three">') :]
    assert re.findall(r"<small>(.*?)</small> <samp>(.*?)</samp>", three)[:3] == [
        ("base", "Bronze"),
        ("RPM", "Gold"),
        ("YAML", "Silver"),
    ]
    assert output.count("named three") == 1
