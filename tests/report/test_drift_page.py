"""The page of an audit: inert, whole in itself, and a history that can be read without colour or eyes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from xml.etree import ElementTree as ET

import pytest

from reconciler.core.values import Target
from reconciler.drift.history import Age, ages, history
from reconciler.drift.model import Cause, Origin
from reconciler.report.history_chart import MOST_AUDITS, MOST_BARS, WIDTH, bars, timeline
from reconciler.report.render import render
from tests.report.test_drift_audits import ANN, audit, differs, hostile_audit, record, several
from tests.report.test_pages import COMMAND, CONTROL, Page
from tests.report.test_plans import CANARY, HOSTILE, edit

HERE = Target("sandbox:", 1207)
LINES = [record(0, []), record(1, [10023]), record(2, [10023, 10042], [99]), record(3, [10023], [99])]


class Drawn(Page):
    """A page whose SVG elements may close themselves, as XML's do."""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def drawings(page: str) -> list[ET.Element]:
    return [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]  # noqa: S314


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_is_well_formed_and_its_texts_are_only_text(text: str) -> None:
    lines = [*LINES, text, json.dumps({**json.loads(LINES[-1]), "at": text})]
    clean = {
        tag for tag, _ in Drawn(render(hostile_audit("x" * 100), "html", record=[*LINES, LINES[-1]])).seen
    }
    output = render(hostile_audit(text), "html", record=lines)
    assert {tag for tag, _ in Drawn(output).seen} <= clean
    assert not CONTROL.search(output)
    assert not COMMAND.search(output)


def test_a_page_asks_for_nothing_from_elsewhere() -> None:
    output = render(several(), "html", record=LINES)
    names = {name for _, attributes in Drawn(output).seen for name in attributes}
    assert not names & {"src", "href", "xlink:href", "srcset", "action", "style", "onclick"}
    assert not re.search(r"url\((?!#)", output)


def test_the_content_policy_names_the_very_script_and_style_of_the_page() -> None:
    page = Drawn(render(several(), "html", record=LINES))
    policy = next(names["content"] for _, names in page.seen if names.get("http-equiv"))
    assert policy
    assert policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.inside[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_a_page_has_every_customer_with_both_sides_and_every_notice() -> None:
    page = Drawn(render(several(), "html"))
    kinds = [names["data-kinds"] for tag, names in page.seen if tag == "article"]
    assert kinds == ["fill rename", "change clear", "change"]
    for told in (
        "git says",
        "RPM has",
        "Silver",
        "since 2026-11-04",
        "set by Ann Example, 2026-08-01",
        "Gone Ltd",
        "7 differences hidden by ",
        "Fields.Last contacted: 7 customers",
        "writes RPM's values into YAML, if RPM is right",
    ):
        assert told in page.loose


def test_no_masked_value_is_in_the_page() -> None:
    assert CANARY not in render(several(), "html", record=LINES)


def test_a_shortened_value_can_be_unfolded_whole() -> None:
    git, rpm = "a" * 200 + "x" + "b" * 200, "a" * 200 + "y" + "b" * 200
    page = Drawn(render(audit(edit(1, differs("Fields.Note", git, rpm)), origin=Origin(ANN)), "html"))
    assert git in page.loose
    assert rpm in page.loose


def test_an_audit_without_drift_has_a_page_without_a_script_that_would_miss_its_parts() -> None:
    page = Drawn(render(audit(), "html"))
    assert "No drift; 34 customers are equal in git and RPM" in page.loose
    assert "script" not in {tag for tag, _ in page.seen}


def test_without_a_record_the_page_says_how_to_keep_one_and_draws_nothing() -> None:
    output = render(several(), "html")
    assert drawings(output) == []
    assert "No history yet: <code>reconciler drift --record FILE --format html</code>" in output


@pytest.mark.parametrize("number", [1, 2, 14, 15, 400, 1_000])
def test_a_history_of_any_length_is_drawn_within_its_frame(number: int) -> None:
    output = render(several(), "html", record=[record(day, range(day % 7), [99]) for day in range(number)])
    lines, _ = drawings(output)
    places = [
        tuple(map(float, corner.split(",")))
        for line in lines.iter("polyline")
        for corner in line.attrib["points"].split()
    ]
    assert len(places) == 2 * (2 * min(number, MOST_AUDITS) - 1)
    assert all(34 <= x <= WIDTH - 12 and 22 <= y <= 150 for x, y in places)
    assert ("are drawn" in output) is (number > MOST_AUDITS)


def test_each_drawing_tells_in_words_what_it_shows() -> None:
    lines, lengths = drawings(render(several(), "html", record=LINES))
    assert (lines.findtext("title"), lengths.findtext("title")) == (
        "Drifted customers, audit by audit",
        "Age of what is open",
    )
    assert lines.findtext("desc") == (
        "4 audits from 2000-01-01T08:00:00Z to 2000-01-04T08:00:00Z. "
        "Drifted customers: 0 in the first audit, 2 at most, 1 in the newest. Missing in the newest: 1."
    )
    assert "10023 Customer 10023: 3 audits, since 2000-01-02" in (lengths.findtext("desc") or "")
    for drawing in (lines, lengths):
        named = drawing.attrib["aria-labelledby"].split()
        assert named == [part.attrib["id"] for part in drawing if part.tag in {"title", "desc"}]


def test_drifted_and_missing_differ_by_shape_and_stroke_not_by_colour_alone() -> None:
    lines, lengths = drawings(render(several(), "html", record=LINES))
    assert [line.attrib["class"] for line in lines.iter("polyline")] == ["line", "line broken"]
    assert (len(list(lines.iter("circle"))), len(list(lines.iter("rect")))) == (4, 4)
    assert [bar.attrib.get("class") for bar in lengths.findall("rect")] == [None, "gone-bar"]


def test_a_dotted_line_and_a_table_tell_why_they_drifted() -> None:
    lines = [
        json.dumps({**json.loads(record(day, ids)), "causes": causes})
        for day, ids, causes in [
            (
                0,
                [1, 2],
                {
                    "1": {"Website": "not_applied"},
                    "2": {"Website": "not_applied", "Address": "changed_in_rpm"},
                },
            ),
            (1, [1, 3], {"1": {"Website": "not_applied"}, "3": {"Website": "unclear"}}),
        ]
    ]
    output = render(several(), "html", record=[record_without_causes(0, [1]), *lines])
    drawn, lengths = drawings(output)
    assert [line.attrib["class"] for line in drawn.iter("polyline")] == ["line", "line broken", "line dotted"]
    assert (drawn.findtext("desc") or "").endswith("Not applied yet in the newest: 1.")
    assert "1, not applied: 3 audits" in (lengths.findtext("desc") or "")
    assert [row.split("</td><td>")[1:] for row in re.findall(r"<tr><td>(.*?)</td></tr>", output)] == [
        ["1", "", "", "", "0"],
        ["2", "1", "0", "1", "0"],
        ["2", "0", "1", "1", "0"],
    ]


@pytest.mark.parametrize(
    "causes", [None, 4, {"1": None}, {"1": {"Website": "magic"}}, {"9": {"Website": "unclear"}}, [1]]
)
def test_a_cause_that_nobody_knows_spoils_no_line(causes: object) -> None:
    (told,) = history([json.dumps({**json.loads(record(0, [1])), "causes": causes})], HERE).audits
    assert told.drifted == {"1"}
    assert not told.causes


def record_without_causes(day: int, ids: list[int]) -> str:
    """A line as it was before records told causes."""
    return json.dumps({key: told for key, told in json.loads(record(day, ids)).items() if key != "causes"})


def test_every_point_that_moved_is_labelled_where_there_is_room() -> None:
    drawn = timeline(history(LINES, HERE).audits)
    assert drawn
    assert [mark.label for mark in drawn.drifted.marks] == ["0", "1", "2", "1"]
    assert [mark.label for mark in drawn.missing.marks] == ["0", "", "1", "1"]
    long = timeline(history([record(day, range(day % 5)) for day in range(400)], HERE).audits)
    assert long
    assert [mark.label for mark in long.drifted.marks] == ["0", "4", "4"]


def test_a_step_stays_level_until_the_audit_that_saw_the_change() -> None:
    drawn = timeline(history([record(0, []), record(1, [1])], HERE).audits)
    assert drawn
    assert drawn.drifted.corners == "34,150 408,150 408,22"


def test_the_age_of_drift_is_its_unbroken_run_up_to_the_last_audit() -> None:
    lines = [record(0, [1, 2]), record(1, [2, 3]), record(2, [1, 2, 3], [9])]
    assert ages(history(lines, HERE).audits) == (
        Age("2", 3, "2000-01-01T08:00:00Z", missing=False, cause=Cause.UNCLEAR),
        Age("3", 2, "2000-01-02T08:00:00Z", missing=False, cause=Cause.UNCLEAR),
        Age("1", 1, "2000-01-03T08:00:00Z", missing=False, cause=Cause.UNCLEAR),
        Age("9", 1, "2000-01-03T08:00:00Z", missing=True),
    )


def test_what_was_settled_in_the_last_audit_has_no_age() -> None:
    assert ages(history([record(0, [1]), record(1, [])], HERE).audits) == ()
    assert ages(()) == ()


def test_a_drift_as_old_as_the_record_is_told_to_be_perhaps_older() -> None:
    (bar,) = bars(history([record(0, [7]), record(1, [7])], HERE).audits, {"7": "Acme"}).bars
    assert bar.words == "7 Acme: 2 audits, since 2000-01-01 or before"
    assert bar.length == WIDTH - 34 - 12


def test_a_name_of_wide_letters_is_cut_sooner() -> None:
    wide = edit(7, differs("Website", "a", "b"), name="東部営業本部" * 4)
    output = render(audit(wide), "html", record=[record(0, [7])])
    assert ">7 東部営業本部東部営…</text>" in output


def test_bars_without_end_are_counted_instead_of_drawn() -> None:
    output = render(several(), "html", record=[record(0, range(1, 3_001))])
    assert len(drawings(output)[1].findall("rect")) == MOST_BARS
    assert f"{3_000 - MOST_BARS} more left out" in output


DAMAGED = (
    "not json",
    "[]",
    "null",
    '{"format_version": "1.0"}',
    "[" * 100_000,
    "9" * 5_000,
    LINES[0][:-10],
    json.dumps({**json.loads(LINES[0]), "format_version": "2.0"}),
    json.dumps({**json.loads(LINES[0]), "drift": [1]}),
    json.dumps({**json.loads(LINES[0]), "drift": {"<script>": []}}),
    json.dumps({**json.loads(LINES[0]), "missing": 4}),
    json.dumps({**json.loads(LINES[0]), "missing": [-4]}),
    json.dumps({**json.loads(LINES[0]), "at": 4}),
)


@pytest.mark.parametrize("line", DAMAGED)
def test_a_damaged_line_is_skipped_counted_and_spoils_no_other(line: str) -> None:
    told = history([LINES[1], line, LINES[2]], HERE)
    assert (len(told.audits), told.damaged, told.elsewhere) == (2, 1, 0)
    assert "1 line of the record skipped: damaged" in render(several(), "html", record=[line, LINES[1]])


def test_empty_lines_and_later_additions_to_the_format_are_no_damage() -> None:
    later = json.dumps({**json.loads(LINES[0]), "format_version": "1.7", "more": 1})
    told = history(["", "  ", later], HERE)
    assert (len(told.audits), told.damaged) == (1, 0)


@pytest.mark.parametrize(
    "target", ["x", None, {}, {"url": "https://rpm.example/"}, {"url": "sandbox:", "subscriber_id": 8}]
)
def test_audits_of_another_subscription_are_not_mixed_in(target: object) -> None:
    line = json.dumps({**json.loads(LINES[1]), "target": target})
    told = history([line, LINES[1]], HERE)
    assert (len(told.audits), told.elsewhere) == (1, 1)
    assert "1 line of the record skipped: about another subscription" in render(
        several(), "html", record=[line]
    )


def test_pinning_the_subscriber_later_does_not_lose_the_history() -> None:
    line = json.dumps({**json.loads(LINES[1]), "target": {"url": "sandbox:", "subscriber_id": None}})
    assert len(history([line], HERE).audits) == 1
    assert len(history([LINES[1]], Target("sandbox:", None)).audits) == 1


def test_a_missing_customer_without_an_id_spoils_no_record() -> None:
    line = json.dumps({**json.loads(LINES[1]), "missing": [None, 99]})
    (told,) = history([line], HERE).audits
    assert told.missing == {"99"}
