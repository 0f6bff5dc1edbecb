"""The drift reports for a terminal and for an issue: which side says what, who set it, and what never gets through."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.drift.model import NOT_COMMITTED, Cause, Origin
from reconciler.plan.model import Missing
from reconciler.report.markdown import BUDGET, markdown
from reconciler.report.next_command import Invocation
from reconciler.report.render import render, view_of
from tests.report.test_drift_audits import (
    ANN,
    BOB,
    alike_audit,
    audit,
    differs,
    hostile_audit,
    several,
)
from tests.report.test_pages import COMMAND, CONTROL, OURS, rendered
from tests.report.test_plans import CANARY, HOSTILE, edit

if TYPE_CHECKING:
    from reconciler.drift.audit import AuditResult


def plain(shown: AuditResult, width: int = 100) -> str:
    return render(shown, "text", width=width, color=False)


def test_no_drift_is_one_line_to_stop_at() -> None:
    quiet = audit(unmanaged=0, listed=34)
    assert plain(quiet) == "No drift; 34 customers are equal in git and RPM (34 calls)\n"
    assert render(quiet, "markdown") == "**No drift; 34 customers are equal in git and RPM (34 calls)**\n"


def test_the_first_line_counts_customers_attributes_and_the_missing() -> None:
    line = "3 customers drifted (5 attributes of unclear cause); 1 customer missing in RPM · 31 equal · 34 calls made"
    assert view_of(several()).headline == line
    assert plain(several(), 200).splitlines()[0] == line
    assert render(several(), "markdown").splitlines()[0] == f"**{line}**"


def test_missing_customers_alone_are_drift_and_say_what_to_do() -> None:
    shown = audit(missing=several().drift.plan.missing)
    assert plain(shown).splitlines()[0].startswith("No drift; 1 customer missing in RPM")
    assert "now an alias of customer 10023" in plain(shown)
    assert (
        "Next: remove the file of each missing customer, or correct its CustomerID, then `reconciler drift`"
        in plain(shown)
    )


def test_a_problem_is_counted_and_comes_before_anything_else_to_do() -> None:
    shown = hostile_audit("x")
    assert "1 problem" in plain(shown).splitlines()[0]
    assert "Next: fix 1 problem, then `reconciler drift`" in plain(shown)


@pytest.mark.parametrize("width", [40, 200])
def test_each_value_stands_behind_the_side_that_it_belongs_to(width: int) -> None:
    output = re.sub(r"\s+", " ", plain(several(), width).replace("→", " "))
    assert "git says Gold RPM has Silver" in output
    assert "git says (empty) RPM has https://acme.example" in output
    assert "git says 1 Harbour Road RPM has (empty)" in output


def test_the_sides_have_a_column_each_in_an_issue() -> None:
    output = render(several(), "markdown")
    assert "| git says | RPM has |" in output
    assert "| <code>Gold</code> | <code>Silver</code> |" in output


def test_a_customer_has_its_id_name_place_and_the_moment_that_rpm_names() -> None:
    assert "± 10023 Customer 10023  customers/10023.yaml:1  since 2026-11-04" in plain(several())
    assert "customers/10023.yaml:1\n  since 2026-11-04\n" in plain(several(), width=50)
    shown = several()
    unknown = replace(shown, drift=replace(shown.drift, since={}))
    assert "RPM does not say since when" in plain(unknown)


def test_who_set_the_line_is_named_and_an_earlier_value_of_git_is_told() -> None:
    for output in (
        plain(several()),
        render(several(), "markdown").replace("<code>", "").replace("</code>", ""),
    ):
        assert "set by Ann Example, 2026-08-01, aff81a40" in output
        assert "RPM has git's value of 2025-05-05, 0ddba110" in output


def test_without_git_nobody_is_named_and_one_line_says_why() -> None:
    shown = audit(edit(1, differs("Website", "a", "b")), without_git="not a git repository")
    for output in (plain(shown), render(shown, "markdown")):
        assert output.count("not a git repository") == 1
        assert "Who set the YAML lines is not known: " in output
        assert "not committed" not in output
        assert "set by" not in output


def test_where_nothing_drifted_nobody_is_missed() -> None:
    shown = audit(without_git="not a git repository")
    assert "not a git repository" not in plain(shown) + render(shown, "markdown") + render(shown, "html")


def test_with_git_a_line_that_it_does_not_know_is_told_to_be_uncommitted() -> None:
    shown = audit(edit(1, differs("Website", "a", "b")), origin=Origin(unknown=NOT_COMMITTED))
    assert "the YAML line is not committed" in plain(shown)


def test_why_nobody_is_named_is_told_where_git_was_asked() -> None:
    shown = audit(edit(1, differs("Website", "a", "b")), origin=Origin(unknown="the clone is shallow"))
    assert "who set the YAML line is not known: the clone is shallow" in " ".join(plain(shown).split())


def test_equal_drift_of_many_is_shown_once_with_their_number() -> None:
    text, issue = plain(alike_audit(30)), render(alike_audit(30), "markdown")
    assert text.count("Silver") == 1
    assert "30 customers: 100, 101, 102, 103, 104 and 25 more" in text
    assert issue.count("<code>Silver</code>") == 1
    assert "30 customers: 100, 101, 102, 103, 104, 105, 106, 107, 108, 109 and 20 more" in issue


def test_few_customers_are_shown_one_by_one_though_equal() -> None:
    assert plain(alike_audit(3)).count("Silver") == 3


def test_a_group_names_the_first_few_authors_and_counts_the_others() -> None:
    shown = alike_audit(9)
    origins = {
        key: Origin(replace(ANN, author=f"Author {number}")) for number, key in enumerate(shown.drift.origins)
    }
    output = plain(replace(shown, drift=replace(shown.drift, origins=origins)))
    assert output.count("set by Author") == 3
    assert "and 6 other answers" in output


def test_coverage_and_what_ignore_hid_are_counted() -> None:
    for output in (plain(several()), render(several(), "markdown")):
        assert "8 customers in RPM without a file (80 % covered)" in output
        assert "7 differences hidden by `ignore`" in output
        assert re.search(r"Fields(\.|&#46;)Last contacted(:|&#58;) 7 customers", output)


def caused(**causes: Cause) -> AuditResult:
    """An audit of customers called after the cause of their drift: c10=changed_in_rpm is customer 10."""
    found = [edit(int(name[1:]), differs("Website", "a", f"b{name}")) for name in causes]
    drift = audit(*found, origin=Origin(ANN)).drift
    origins = {(int(name[1:]), "Website"): Origin(ANN, cause=cause) for name, cause in causes.items()}
    return replace(audit(*found), drift=replace(drift, origins=origins))


CHANGED, WAITING, UNCLEAR = Cause.CHANGED_IN_RPM, Cause.NOT_APPLIED, Cause.UNCLEAR


def mixed() -> AuditResult:
    """Customer 5 drifted for two causes."""
    both = edit(5, differs("Website", "a", "b"), differs("Address", "c", "d"))
    origins = {(5, "Website"): Origin(ANN, cause=CHANGED), (5, "Address"): Origin(ANN, cause=WAITING)}
    shown = audit(both)
    return replace(shown, drift=replace(shown.drift, origins=origins))


def test_what_changed_in_rpm_comes_first_and_what_is_not_applied_yet_stands_apart() -> None:
    shown = caused(c7=WAITING, c8=CHANGED, c9=UNCLEAR)
    titles = [
        "Changed in RPM",
        "Cause unclear: changed in RPM, or merged and not applied",
        "Merged and not applied yet",
    ]
    for output in (plain(shown), render(shown, "markdown"), render(shown, "html")):
        places = [output.index(title) for title in titles]
        assert places == sorted(places)
    assert plain(shown, 200).splitlines()[0] == (
        "3 customers drifted (3 attributes: 1 changed in RPM, 1 of unclear cause, 1 not applied yet) · 31 equal · 34 calls made"
    )


def test_a_customer_with_two_causes_stands_in_both_parts_and_says_so() -> None:
    text = plain(mixed())
    first, second = text.split("Merged and not applied yet (1 customer)")
    assert "Website" in first
    assert "Address" in second
    assert text.count("and 1 attribute of another cause") == 2
    assert render(mixed(), "markdown").count("and 1 attribute of another cause") == 2


def steps(shown: AuditResult, **how: Any) -> list[str]:
    return [step.said for step in view_of(shown, Invocation(**how)).next]


def test_each_cause_has_the_command_that_answers_it_and_none_applies() -> None:
    assert steps(caused(c8=CHANGED, c10=CHANGED)) == [
        "`reconciler adopt 8 10` writes RPM's values into YAML",
        "`reconciler plan --select 8 --select 10` prepares to set YAML's values in RPM again",
    ]
    assert steps(caused(c9=UNCLEAR)) == [
        "`reconciler adopt 9` writes RPM's values into YAML, if RPM is right",
        "`reconciler plan --select 9` prepares to set YAML's values in RPM, if YAML is right",
    ]
    assert steps(caused(c7=WAITING)) == [
        "`reconciler plan --select 7` prepares what is merged and not applied yet"
    ]
    assert steps(mixed()) == [
        "`reconciler plan --select 5` shows 1 customer whose attributes differ for several causes"
    ]
    every = steps(caused(c7=WAITING, c8=CHANGED, c9=UNCLEAR))
    assert not [said for said in every if "reconciler apply" in said]
    assert len(every) == 5


def test_the_next_commands_of_an_audit_keep_its_settings_and_ask_for_its_commit() -> None:
    given = steps(caused(c8=CHANGED), settings=("--mask", "Fields.Tax id"), base="main", select=("x",))
    assert given[0] == (
        "with that commit checked out, `reconciler adopt --mask 'Fields.Tax id' 8` writes RPM's values into YAML"
    )


def test_an_answer_a_line() -> None:
    lines = plain(caused(c8=CHANGED)).splitlines()
    assert lines[-2].startswith("Next: `reconciler adopt 8`")
    assert lines[-1].startswith("      `reconciler plan --select 8`")


def test_a_missing_customer_beside_drift_has_its_answer_too() -> None:
    shown = caused(c8=CHANGED)
    gone = (Missing(99, "Gone Ltd", "customers/gone.yaml", 3, ""),)
    both = replace(shown, drift=replace(shown.drift, plan=replace(shown.drift.plan, missing=gone)))
    assert steps(both, base="main")[:2] == steps(shown, base="main")
    assert steps(both, base="main")[2:] == [
        "remove the file of each missing customer, or correct its CustomerID, then `reconciler drift --base main`"
    ]


def test_more_ids_than_a_line_should_hold_are_told_in_words() -> None:
    many = {f"c{number}": CHANGED for number in range(1, 301)}
    taken, put_back = steps(caused(**many))
    assert taken.startswith("`reconciler adopt 1 2 ")
    assert put_back.startswith("`reconciler plan --select 1 --select 2 ")
    shown = caused(**many, c301=CHANGED, c302=WAITING)
    assert steps(shown)[0] == "reconciler adopt, with the ids above, writes RPM's values into YAML"


def test_so_many_that_are_all_that_drifted_need_no_id() -> None:
    shown = caused(**{f"c{number}": CHANGED for number in range(1, 302)})
    assert steps(shown, settings=("--mask", "Website")) == [
        "`reconciler adopt --mask Website` writes RPM's values into YAML",
        "`reconciler plan --mask Website` prepares to set YAML's values in RPM again",
    ]
    assert steps(shown, select=("A*",)) == [
        "reconciler adopt, with the ids above, writes RPM's values into YAML",
        "`reconciler plan --select 'A*'` prepares to set YAML's values in RPM again",
    ]


def test_no_masked_value_is_in_any_report() -> None:
    renamed = audit(edit(7, differs("Name", CANARY, f"2{CANARY}", masked=True), name=CANARY))
    for shown in (several(), renamed):
        for output in (plain(shown), render(shown, "markdown")):
            assert CANARY not in output
            assert "(masked)" in output


def test_colour_adds_nothing_but_colour() -> None:
    coloured = render(several(), "text", width=100, color=True)
    assert coloured != plain(several())
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain(several())


@pytest.mark.parametrize("text", HOSTILE)
def test_no_control_character_and_no_runner_command_gets_into_a_terminal(text: str) -> None:
    output = plain(hostile_audit(text))
    assert not CONTROL.search(output)
    assert not COMMAND.search(output)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_an_issue_is_live_but_our_own_tables_and_folds(text: str) -> None:
    output = render(hostile_audit(text), "markdown")
    page = rendered(output)
    assert {tag for tag, _ in page.seen} <= OURS
    assert not CONTROL.search(output)
    assert not COMMAND.search(output)
    tags = [tag for tag, _ in page.seen]
    assert tags.count("td") == 4 * (tags.count("tr") - tags.count("thead"))


@pytest.mark.parametrize("text", ["@org/team", "closes #1", ":tada:", "GH-1", "a" * 40])
def test_what_a_code_host_would_bring_to_life_stands_in_code_alone(text: str) -> None:
    assert text not in rendered(render(hostile_audit(text), "markdown")).loose


@pytest.mark.parametrize("budget", [6_000, 20_000, BUDGET])
def test_three_thousand_drifted_customers_stay_within_the_budget(budget: int) -> None:
    found = (edit(20_000 + it, differs("Website", f"{it}" + "|" * 60, "@" * 90)) for it in range(3_000))
    output = markdown(view_of(audit(*found, managed=3_000, compared=3_000)), budget=budget)
    assert 0.5 * budget < len(output) <= budget
    assert "(3,000 attributes, 3,000 customers)" in output
    left_out = re.search(r"… ([\d,]+) more rows left out", output)
    assert left_out
    assert int(left_out[1].replace(",", "")) + output.count("\n| <code>") == 3_000


def test_a_rename_is_kept_longer_than_any_other_drift() -> None:
    found = [edit(it, differs("Website", f"{it}" + "|" * 60, "@" * 90)) for it in range(1_000)]
    output = markdown(view_of(audit(*found, edit(9_999, differs("Name", "Acme", "Zeta")))), budget=6_000)
    assert "<code>Zeta</code>" in output


def test_an_issue_does_not_change_for_the_time_of_the_audit_alone() -> None:
    later = replace(several(), created="2027-01-01T00:00:00Z")
    assert render(later, "markdown") == render(several(), "markdown")


def test_the_author_named_is_who_set_the_line_not_who_once_said_what_rpm_has() -> None:
    shown = audit(edit(1, differs("Website", "a", "b")), origin=Origin(BOB, ANN))
    assert "set by Bob Example" in plain(shown)
    assert "Ann Example" not in plain(shown)


def test_what_leads_an_audit_is_not_folded_away_in_markdown() -> None:
    """The first part stands open, whatever its kinds; what is below it may be folded."""
    changed = edit(7, differs("Website", "a", "b"))
    waiting = edit(8, differs("Website", "a", "b"))
    both = audit(changed, waiting, origin=Origin(ANN))
    origins = {
        (7, "Website"): Origin(ANN, cause=Cause.CHANGED_IN_RPM),
        (8, "Website"): Origin(ANN, cause=Cause.NOT_APPLIED),
    }
    output = render(replace(both, drift=replace(both.drift, origins=origins)), "markdown")
    assert (
        output.index("Changed in RPM")
        < output.index("<details open>")
        < output.index("Merged and not")
        < output.index("<details><")
    )
