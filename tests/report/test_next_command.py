"""What to do next: whole commands on the ground of the result, never one that confirms, and words where no line can hold one."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.apply.result import ApplyReport, Outcome, Result
from reconciler.customers.selection import Selection
from reconciler.plan.guards import Refusal
from reconciler.plan.run import PlanRequest
from reconciler.report.next_command import Invocation, NextStep, after_apply
from reconciler.report.render import render, view_of
from tests.report.test_plans import full, report, sheet, six

DIGEST = sheet(*six()).digest
LIMIT = Refusal("limit_edits", "too many", "--confirm-edits 6")
CONFLICT = Refusal("conflict", "1 attribute was changed both", "--confirm-conflicts 1")
FIND = "remove the file of each missing customer, or correct its CustomerID"


def step(*refusals: Refusal, **how: object) -> NextStep:
    """The one answer to a plan of six customers."""
    (only,) = view_of(sheet(*six(), refusals=refusals), Invocation(**how)).next  # type: ignore[arg-type]
    return only


def test_a_plan_is_applied_with_its_digest() -> None:
    assert step().said == f"`reconciler apply --expect {DIGEST}`"


def test_the_command_stands_on_the_ground_of_the_plan() -> None:
    said = step(
        settings=("--url", "https://rpm.example/", "--mask", "Fields.Tax id"),
        base="main",
        changed=True,
        select=("Acme*", "10023"),
        paths=("customers/a b.yaml",),
    ).command
    assert said == (
        "reconciler apply --url https://rpm.example/ --mask 'Fields.Tax id' --base main --changed "
        f"--select 'Acme*' --select 10023 --expect {DIGEST} 'customers/a b.yaml'"
    )


def test_a_result_made_in_python_tells_its_own_request() -> None:
    request = PlanRequest("main", changed=True, selection=Selection((Path("customers"),), ("7",)))
    (only,) = view_of(replace(sheet(*six()), request=request)).next
    assert only.command == f"reconciler apply --base main --changed --select 7 --expect {DIGEST} customers"


def test_what_is_in_the_way_is_named_apart_with_its_number_and_never_in_the_command() -> None:
    found = step(LIMIT, CONFLICT, CONFLICT)
    assert "--confirm" not in found.command
    assert found.after == "; apply refuses this without --confirm-edits 6 and --confirm-conflicts 1"


def test_flags_that_no_line_should_hold_are_left_with_their_refusals() -> None:
    flag = "--confirm-identity " + ",".join(map(str, range(10000, 10300)))
    text = render(sheet(*six(), refusals=(Refusal("suspicious", "file", flag),) * 300), "text")
    assert text.count(flag) == 1
    assert text.endswith("; apply refuses this without the flags named with the refusals\n")


def test_a_refusal_that_no_flag_lifts_is_resolved_first() -> None:
    said = step(Refusal("other", "no"), LIMIT, base="main").said
    assert (
        said
        == "resolve the refusals above, then `reconciler plan --base main`; until then apply sends nothing"
    )


def test_problems_are_fixed_before_anything_else() -> None:
    (only,) = view_of(full(), Invocation(select=("7",))).next
    assert only.said == "fix 1 problem, then `reconciler plan --select 7`; until then apply sends nothing"


def test_a_missing_customer_alone_asks_for_its_file() -> None:
    (only,) = view_of(sheet(missing=full().plan.missing)).next
    assert only.said == f"{FIND}, then `reconciler plan`"


def test_a_plan_without_changes_asks_for_nothing() -> None:
    assert view_of(sheet()).next == ()
    assert "Next" not in render(sheet(), "text")


def test_apply_itself_names_no_command_before_it_asks() -> None:
    assert view_of(sheet(*six()), Invocation(asking=True)).next == ()


def test_an_apply_that_is_refused_says_what_is_in_the_way_in_every_format() -> None:
    refused = ApplyReport((), (), 9, 0, "refused: too many", refused=sheet(*six(), refusals=(LIMIT,)))
    (said,) = view_of(refused, Invocation(base="main")).next
    assert said == step(LIMIT, base="main")
    assert said.command == f"reconciler apply --base main --expect {DIGEST}"


def test_a_saved_plan_is_applied_by_its_file() -> None:
    assert step(plan_file="plans/my plan.json").said == "`reconciler apply 'plans/my plan.json'`"
    assert step(plan_file="-x").said == "`reconciler apply -- -x`"


@pytest.mark.parametrize("word", ["a`b", "a\nb", "\x1b[31m", "a\u202eb", "##[error]", "\udcff"])
def test_a_word_that_no_line_in_backticks_can_hold_is_told_in_words(word: str) -> None:
    found = step(select=(word,))
    assert found.command == ""
    assert found.said == f"reconciler apply, with the same flags and the same selection and --expect {DIGEST}"
    for output in ("text", "markdown", "html"):
        assert f"--expect {DIGEST}" in render(sheet(*six()), output, how=Invocation(select=(word,)))


@pytest.mark.parametrize(
    "word", ["O'Brien & Sons", "$HOME", "a  b", '"x"', "Café *", "!", "-v", "~", "a\\b", "|", "<i>"]
)
def test_any_other_word_is_quoted_for_the_shell(word: str) -> None:
    words = shlex.split(step(select=(word,), paths=(word,)).command)
    assert words[words.index("--select") + 1] == words[-1] == word


def outcome(result: Result, customer_id: int = 7) -> Outcome:
    return Outcome(customer_id, "Acme", "customers/a.yaml", 1, result, "why")


def after(*results: Result, edits: int = 1, **how: object) -> list[str]:
    found = ApplyReport(tuple(outcome(it, 7 + place) for place, it in enumerate(results)), (), 9, edits)
    return [it.said for it in after_apply(found, Invocation(**how))]  # type: ignore[arg-type]


def test_after_an_apply_that_did_everything_there_is_nothing_to_do() -> None:
    assert after(Result.EDITED) == []


def test_after_any_other_apply_the_plan_says_what_is_left() -> None:
    shown = " reads RPM and shows what is still to do; nothing is sent twice"
    assert after(Result.EDITED, Result.FAILED, base="main", select=("7",)) == [
        f"fix the causes, then `reconciler plan --base main --select 7`{shown}"
    ]
    for nothing_to_fix in (Result.UNKNOWN, Result.HELD, Result.NOT_TRIED):
        assert after(Result.EDITED, nothing_to_fix) == [f"`reconciler plan`{shown}"]


def test_a_saved_plan_that_was_cut_short_is_finished_by_its_file_and_else_its_customers_are_planned() -> None:
    assert after(Result.UNKNOWN, Result.NOT_TRIED, plan_file="p.json") == [
        "`reconciler apply p.json` finishes this plan; it reads first and sends only what is still to do"
    ]
    (said,) = after(Result.EDITED, Result.HELD, plan_file="p.json")
    assert said.startswith("`reconciler plan --select 8` ")


def test_everything_done_but_a_customer_is_missing() -> None:
    missing = report().missing
    (only,) = after_apply(ApplyReport((outcome(Result.EDITED),), missing, 9, 1), Invocation())
    assert only.said == f"{FIND}, then `reconciler plan`"
