"""The text reports: what stands in them, where it stands, and what never gets through."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len

from reconciler.apply.result import ApplyReport, Outcome, Result
from reconciler.core.values import Problem, SourceMark
from reconciler.plan.model import Aside, Base, Class, Missing, RuleChange
from reconciler.report.render import render
from tests.report.test_plans import (
    CANARY,
    HOSTILE,
    change,
    cycle,
    edit,
    full,
    hostile,
    report,
    sheet,
    six,
)

if TYPE_CHECKING:
    from reconciler.plan.run import PlanResult

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
COMMAND = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)


def plain(shown: PlanResult, width: int = 80) -> str:
    return render(shown, "text", width=width, color=False)


def test_the_first_line_says_all_that_a_busy_reader_needs() -> None:
    assert plain(full(), 300).splitlines()[0] == (
        "6 customers to edit (7 attributes: 1 conflict, 2 renames, 1 cleared, 1 drifted) · 28 unchanged · 1 missing"
        " · 1 suspicious · 1 problem · 1 refusal · 41 calls made, 7 edits to come"
    )


def test_a_long_chain_says_how_many_reads_it_may_make_again() -> None:
    """A rename that waits for nineteen others rests on a read that is too old by then; so may one edit of four hundred."""
    chain = [edit(i, change("Name", f"{i}", f"{i + 1}"), needs=(i - 1,) if i else ()) for i in range(20)]
    assert "41 calls made, 20 edits and at most 20 more reads to come" in plain(sheet(*chain))
    assert "41 calls made, 19 edits to come" in plain(sheet(*chain[:19]))
    many = [edit(i, change("Website", "a", "b")) for i in range(400)]
    assert "41 calls made, 400 edits and at most 400 more reads to come" in plain(sheet(*many))
    assert "41 calls made, 399 edits to come" in plain(sheet(*many[1:]))


def test_the_plan_says_why_there_are_so_many_edits_and_no_fewer() -> None:
    assert "7 edits (the minimum): 6 customers, 1 more to break a rename cycle" in plain(full())


def test_an_empty_plan_is_quiet() -> None:
    nothing = sheet(unmanaged=0, listed=34)
    assert plain(nothing) == "No changes; 34 customers are equal in YAML and RPM (41 calls)\n"


def test_each_customer_is_shown_with_id_name_file_and_line() -> None:
    assert "- 10098 Bäckerei Kühn  customers/10098.yaml:1\n" in plain(full())


def test_a_conflict_shows_its_third_value() -> None:
    shown = (
        "! Fields.Tier  Gold → Silver  conflict: changed in RPM and in YAML since base · where it was Bronze"
    )
    assert shown in plain(full(), 120)


@pytest.mark.parametrize(
    ("ref", "called"), [("origin/main", "origin/main"), ("HEAD~2", "HEAD~2"), ("0123456789" * 4, "01234567")]
)
def test_a_conflict_names_base_as_the_person_did(ref: str, called: str) -> None:
    conflict = edit(1, change("Fields.Tier", "Gold", "Silver", Class.CONFLICT, base="Bronze"))
    shown = sheet(conflict, base=Base(ref, "fedcba9876" * 4))
    for output in ("text", "html"):
        told = render(shown, output)
        assert f"Base: {called} at fedcba98" in told
        assert f"conflict: changed in RPM and in YAML since {called}" in told
    told = unescape(render(shown, "markdown"))
    assert (
        f"Conflicts: changed in RPM and in YAML since <code>{called}</code> (1 attribute, 1 customer)" in told
    )
    assert f"| attribute | <code>{called}</code> | before | after | customers |" in told


@pytest.mark.parametrize("ref", ["main", "<b>@all", "a`b|c"])
def test_every_title_names_base_as_the_person_did(ref: str) -> None:
    """And what a branch may be called does nothing there."""
    base = Base(
        ref, "fedcba9876" * 4, not_said=(Problem(SourceMark("main:customers/a.yaml", 1, 1), "no YAML"),)
    )
    shown = replace(sheet(edit(1), base=base), refusals=())
    shown = replace(shown, plan=replace(shown.plan, released=(Aside(1, "Acme", "Website"),)))
    for output in ("text", "markdown", "html"):
        told = render(shown, output)
        assert output == "text" or "<b>@" not in told
        told = re.sub("</?code>", "", unescape(told))
        assert f"Not readable at {ref}, so not said (1)" in told
        assert f"No longer managed since {ref}: no edit (1)" in told


def test_a_base_that_is_named_by_its_commit_is_named_once() -> None:
    assert "Base: fedcba98\n" in plain(sheet(edit(1), base=Base("fedcba9876" * 4, "fedcba9876" * 4)))


def test_a_cycle_says_which_temporary_name_it_takes_and_why() -> None:
    assert "breaks a rename cycle; temporary name: Acme, Inc. (renaming 10023)" in plain(sheet(*cycle()))


def test_renames_stand_in_working_order() -> None:
    chain = [
        edit(30, change("Name", "A", "X")),
        edit(20, change("Name", "B", "A"), needs=(30,)),
        edit(10, change("Name", "C", "B"), needs=(20,)),
    ]
    text = plain(sheet(*chain))
    assert re.findall(r"^± (\d+)", text, re.MULTILINE) == ["30", "20", "10"]
    assert "after customer 30, which frees the name" in text


@pytest.mark.parametrize(("count", "grouped"), [(3, False), (4, True), (60, True)])
def test_four_or_more_equal_changes_are_one_line_with_the_first_ids(count: int, grouped: bool) -> None:  # noqa: FBT001
    tier = change("Fields.Tier", "Silver", "Gold")
    text = plain(sheet(*(edit(100 + number, tier) for number in range(count)), managed=90, compared=90))
    assert text.count("Silver → Gold") == (1 if grouped else count)
    assert ("55 more" in text) is (count == 60)


def test_a_customer_with_folded_changes_says_that_they_stand_above() -> None:
    tier = change("Fields.Tier", "Silver", "Gold")
    own = edit(1, tier, change("Website", "", "https://x.example"))
    text = plain(sheet(own, *(edit(number, tier) for number in range(2, 6))))
    assert "and 1 attribute shown above" in text


def test_arrows_stand_below_each_other_also_behind_wide_characters() -> None:
    wide = edit(1, change("Website", "abcdef", "x"), change("Fields.地域", "西部", "東部営業本部"))
    columns = {cell_len(line[: line.index("→")]) for line in plain(sheet(wide)).splitlines() if "→" in line}
    assert len(columns) == 1


def test_a_remark_moves_left_before_it_passes_the_width() -> None:
    named = change(
        "Fields.Responsible manager", "Dana", "Luis", Class.CONFLICT, base="Priya Raman, Springfield"
    )
    lines = plain(sheet(edit(1, named))).splitlines()
    assert max(map(cell_len, lines[:-1])) <= 80  # the last is a command to paste


def test_ordinary_data_keeps_within_80_columns() -> None:
    long = change("Website", "https://" + "a" * 50, "https://" + "b" * 52, Class.DRIFT)
    shown = plain(sheet(*six(), edit(10400, long), edit(10500, change("Fields.Circuit IDs", "A\nB", "A\nC"))))
    assert max(map(cell_len, shown.splitlines()[:-1])) <= 80


@pytest.mark.parametrize("width", [1, 20, 80, 400])
def test_no_width_loses_or_breaks_a_value(width: int) -> None:
    assert "1 Harbour Road" in plain(full(), width)


def test_text_says_the_same_with_and_without_colour() -> None:
    assert COLOUR.sub("", render(full(), "text", width=80, color=True)) == plain(full())


def test_everything_beside_the_edits_is_told() -> None:
    text = plain(full())
    for told in (
        "99 Gone Ltd  customers/gone.yaml:3\n    → now an alias of customer 10023",
        "customers/b.yaml:1: 10044 is Bluestem in RPM\n    → 3 of 4 attributes differ",
        'customers/x.yaml:4:3: no field "Teir"; did you mean Tier?',
        "the plan edits 6 customers; 5 are allowed\n    → lifted by --confirm-edits 6",
        "customers/loose.yaml:1: CustomerID: 10301",
        "Address: 1 customer: 2",
        "read in full",
        "8 customers in RPM without a file (80 % covered)",
        "1 attribute converged",
        "1 difference hidden by `ignore`",
        f"Digest {full().digest}",
    ):
        assert told in text


@pytest.mark.parametrize("text", HOSTILE)
def test_no_control_character_and_no_runner_command_gets_through(text: str) -> None:
    for color in (False, True):
        outputs = [
            render(hostile(text), "text", width=80, color=color),
            render(report(text), "text", width=80, color=color),
        ]
        for output in (COLOUR.sub("", output) for output in outputs):
            assert not CONTROL.search(output)
            assert not COMMAND.search(output)


def test_a_broken_runner_command_can_still_be_read() -> None:
    text = plain(sheet(notes=("##[add-mask]e",)))
    assert r"#\x23[add-mask]e" in text


def test_no_masked_value_is_printed() -> None:
    assert CANARY not in plain(full())
    assert "(masked)" in plain(full())


def test_the_report_of_an_apply_names_each_customer_that_is_not_done_once_under_its_result() -> None:
    text = render(report(), "text")
    for number, title in enumerate(["Not taken", "Failed", "Held", "Not tried", "Unknown"], 1):
        block = next(part for part in text.split("\n\n") if part.startswith(f"{title} (1)"))
        assert f"{10000 + number} Customer {number}  customers/c.yaml:1" in block
        assert text.count(f"Customer {number} ") == 1


def test_a_success_that_the_plan_has_shown_is_only_counted() -> None:
    done = tuple(Outcome(number, "Acme", "customers/a.yaml", 1, Result.EDITED) for number in range(60))
    assert render(ApplyReport(done, (), reads=61, edits=60), "text") == (
        "60 of 60 customers edited · 61 reads and 60 edits made\n"
    )
    for output in ("markdown", "html"):  # the plan is not shown there
        assert "Edited (60)" in render(ApplyReport(done, (), reads=61, edits=60), output)


def test_what_somebody_else_changed_meanwhile_is_told_of_a_success() -> None:
    other = 'changed by somebody else meanwhile, left as it is: Website "a" became "b"'
    done = Outcome(7, "Acme", "customers/a.yaml", 1, Result.EDITED, other)
    assert f"  {other}\n      7 Acme  customers/a.yaml:1\n" in applied(done)


def applied(*outcomes: Outcome, stopped: str = "") -> str:
    return render(ApplyReport(outcomes, (), reads=9, edits=3, stopped=stopped), "text", width=200)


def not_done(number: int, cause: str, advice: str = "", **parts: Any) -> Outcome:
    return Outcome(
        number, f"Name {number}", f"customers/{number}.yaml", 2, Result.FAILED, cause, advice, **parts
    )


def test_an_equal_cause_and_its_advice_are_told_once_above_its_customers_the_most_frequent_first() -> None:
    taken = "RPM says: the name is taken"
    no_option = "RPM says: no option Tin"
    text = applied(
        not_done(1, taken), *(not_done(number, no_option, "use one of its options") for number in (2, 3))
    )
    assert (
        "Failed (3)\n"
        f"  {no_option}\n"
        "    → use one of its options\n"
        "      2 Name 2  customers/2.yaml:2\n"
        "      3 Name 3  customers/3.yaml:2\n"
        f"  {taken}\n"
        "      1 Name 1  customers/1.yaml:2\n"
    ) in text


def test_why_a_run_stopped_is_not_told_again_where_it_is_a_cause() -> None:
    spent = "everything stopped: API daily limit reached"
    assert applied(not_done(1, spent), stopped=spent).count("API daily limit reached") == 1
    assert "Stopped early (1)\n  a full disk\n" in applied(not_done(1, spent), stopped="a full disk")


def test_a_renamed_customer_stands_under_its_new_name_with_the_one_in_rpm_beside() -> None:
    other = "changed by somebody else meanwhile"
    done = Outcome(7, "Acme", "customers/a.yaml", 1, Result.EDITED, other, new_name="Acme Ltd")
    assert "7 Acme Ltd (was Acme)  customers/a.yaml:1\n" in applied(done)
    assert "8 Zeta (in RPM: Name 8)  customers/8.yaml:2\n" in applied(not_done(8, "no", new_name="Zeta"))


@pytest.mark.parametrize("output", ["text", "markdown", "html"])
def test_a_line_break_of_ours_is_a_line_break_in_every_format(output: str) -> None:
    why = "refused: too many\n  → --confirm-edits 312\nnothing was edited"
    told = render(ApplyReport((not_done(1, why),), (), reads=9, edits=0, stopped=why), output)
    assert r"\n" not in told
    assert re.search(
        "too many(</code><br><code>|\n) *→ --confirm-edits 312(</code><br><code>|\n) *nothing", told
    )


def test_a_missing_customer_without_an_id_is_told_to_have_none() -> None:
    missing = (Missing(None, "Gone Ltd", "customers/gone.yaml", 3, "create it in RPM"),)
    told = "  Gone Ltd (no CustomerID)  customers/gone.yaml:3\n    → create it in RPM\n"
    assert told in plain(sheet(missing=missing))
    assert told in render(ApplyReport((), missing, reads=1, edits=0), "text")


def test_the_report_of_an_apply_counts_in_its_first_line() -> None:
    assert render(report(), "text", width=300, color=False).splitlines()[0] == (
        "1 of 6 customers edited · 1 not tried · 1 held · 1 failed · 1 not taken · 1 unknown · 1 missing"
        " · 12 reads and 5 edits made"
    )


def test_a_report_with_everything_done_asks_for_nothing() -> None:
    done = ApplyReport((Outcome(1, "Acme", "customers/a.yaml", 1, Result.EDITED),), (), reads=1, edits=1)
    assert "Next" not in render(done, "text", width=80, color=False)


@pytest.mark.parametrize("width", [None, 80, 400])
def test_the_second_line_says_what_changes_the_judge(width: int | None) -> None:
    """However long the first one is: what does not fit it stands below."""
    result = full()
    changed = replace(result.plan, rules_changed=(RuleChange("mask", "Website", None),))
    lines = render(replace(result, plan=changed), "text", width=width).splitlines()
    assert lines[1] == "This branch changes what judges this plan: mask Website → none"
    headline = render(result, "text", width=400).splitlines()[0]
    assert lines[0] in headline
    assert (lines[2] in headline) is (width != 400)
