"""Whatever texts YAML and RPM hold, no report lets one of them do anything but be read."""

from __future__ import annotations

import json
import re

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from reconciler.plan.document import dump
from reconciler.report.ci_escape import disarmed
from reconciler.report.render import render
from reconciler.report.value_diff import contrast
from tests.report.test_pages import COMMAND, CONTROL, OURS, Page, rendered
from tests.report.test_plans import hostile

MARKS = st.sampled_from(
    [
        *"`|<>[]()!*_~#:@&\\\n\r\t -+=.\"'/;{}%\x00\x1b\u202e\u2028a1é漢",
        *("::", "##[", "www.", "https://", "<u>", "</div>", "%s"),
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(MARKS, max_size=30).map("".join))


@given(TEXTS)
def test_no_text_is_live_in_markdown(text: str) -> None:
    output = render(hostile(text), "markdown")
    page = rendered(output)
    assert {tag for tag, _ in page.seen} <= OURS
    assert not CONTROL.search(output)
    assert not COMMAND.search(output)
    assert output.encode()


@given(TEXTS)
def test_no_text_escapes_its_place_in_html(text: str) -> None:
    output = render(hostile(text), "html")
    page = Page(output)
    tags = [tag for tag, _ in page.seen]
    assert (tags.count("script"), tags.count("u")) == (1, 0)
    assert not CONTROL.search(output)
    assert not COMMAND.search(output)
    assert output.encode()


@given(TEXTS, st.integers(1, 200))
def test_no_text_controls_a_terminal_or_a_runner(text: str, width: int) -> None:
    output = render(hostile(text), "text", width=width, color=False)
    assert not CONTROL.search(output)
    assert not COMMAND.search(output)
    assert output.encode()


@given(TEXTS)
def test_no_text_of_a_document_is_a_command(text: str) -> None:
    output = dump({text: [f"##vso[{text}", text]})
    assert json.loads(output) == {text: [f"##vso[{text}", text]}
    assert not COMMAND.search(output)
    assert output.isascii()


@given(TEXTS, TEXTS)
def test_two_different_values_never_look_the_same(one: str, other: str) -> None:
    if one.replace("\r\n", "\n") != other.replace("\r\n", "\n"):
        sides = contrast(one, other)
        assert (sides.before, sides.after) != (sides.after, sides.before)
        assert max(map(cell_len, (*sides.before, *sides.after))) < 1_000


@given(
    st.lists(st.sampled_from([":", "#", "[", " ", "\n", "a", "1", "\x1b[1m", "\x1b[0m"]), max_size=40).map(
        "".join
    )
)
@example("##a\x1b[1ma[")
@example("#\x1b[1m#\x1b[0m[")
@example("##1[")
@example(" \x1b[1m:\x1b[0m:")
def test_disarming_leaves_no_command_and_changes_nothing_twice(output: str) -> None:
    once = disarmed(output)
    assert not COMMAND.search(re.sub(r"\x1b\[[0-9;]*m", "", once))
    assert disarmed(once) == once
