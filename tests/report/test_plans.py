"""Plans made up for the tests of the reports; this module holds no test itself."""

from __future__ import annotations

from typing import Any, Final

from reconciler.apply.result import ApplyReport, Outcome, Result
from reconciler.core.field_types import CompareRules
from reconciler.core.values import Problem, SourceMark, Target
from reconciler.plan.guards import Refusal
from reconciler.plan.model import Aside, Change, Class, Edit, Missing, Plan, Suspicious, Unpinned
from reconciler.plan.run import PlanRequest, PlanResult

CANARY: Final = "31-CANARY-4159"
HOSTILE: Final = (
    "\x1b]52;c;aGk=\x07",
    "\r\x1b[2K0 customers to edit",
    "gnp\u202eexe",
    "::add-mask::e",
    "  ::stop-commands::x",
    "##[add-mask]e",
    "##vso[task.setvariable]x",
    "```\n# big\n```",
    "~~~",
    "`code` ``two``",
    "a | b | c",
    "<!-- -->",
    "</code></details><script>alert(1)</script>",
    "<img src=https://evil.example/x.png>",
    "![](https://evil.example/x.png)",
    "[x](javascript:alert(1))",
    "[x]: https://evil.example",
    "@org/team",
    "closes #1 GH-1 org/repo#2",
    "0123456789abcdef0123456789abcdef01234567",
    ":tada:",
    "www.evil.example",
    "https://evil.example/path",
    "mailto:a@evil.example a@evil.example",
    "    indented",
    "&amp; &lt;b&gt; &#60;b&#62;",
    "\\",
    "| \\",
    "{{ 7 * 7 }}{% raw %}",
    "\u2028::notice::x",
    "",
)


def sheet(*edits: Edit, refusals: tuple[Refusal, ...] = (), **parts: Any) -> PlanResult:
    """A plan of these edits among 34 customers in YAML and 42 in RPM."""
    sizes = {"managed": 34, "compared": 34, "listed": 42, "unmanaged": 8, "reads": 35}
    plan = Plan(target=Target("sandbox:", 1207), edits=edits, **{**sizes, **parts})
    return PlanResult(plan, refusals, {}, "2026-11-24T08:00:00Z", 41, PlanRequest(), CompareRules())


def edit(customer_id: int, *changes: Change, name: str = "", needs: tuple[int, ...] = ()) -> Edit:
    """One edit of a customer called after its id."""
    name = name or f"Customer {customer_id}"
    return Edit(customer_id, name, f"customers/{customer_id}.yaml", 1, changes, needs)


def change(attribute: str, before: str, after: str, kind: Class = Class.CHANGE, **parts: Any) -> Change:
    """One change."""
    return Change(attribute, before, after, kind, **parts)


def masked(kind: Class = Class.CHANGE, after: str = CANARY) -> Change:
    """A change whose three values nobody may see."""
    return change("Fields.Tax id", f"1{CANARY}", after, kind, base=f"2{CANARY}", masked=True)


def cycle() -> tuple[Edit, Edit, Edit]:
    """Two customers that swap their names: the first through a temporary one."""
    temporary = Edit(
        10023,
        "Acme, Inc.",
        "customers/acme.yaml",
        1,
        (change("Name", "Acme, Inc.", "Acme, Inc. (renaming 10023)"),),
        temporary=True,
    )
    other = edit(10042, change("Name", "Beta Ltd", "Acme, Inc."), name="Beta Ltd", needs=(10023,))
    final = Edit(
        10023,
        "Acme, Inc.",
        "customers/acme.yaml",
        1,
        (change("Name", "Acme, Inc. (renaming 10023)", "Beta Ltd"),),
        (10042,),
    )
    return temporary, other, final


def six() -> tuple[Edit, ...]:
    """Six customers with one of everything, in seven edits."""
    return (
        *cycle(),
        edit(10098, change("Fields.Legacy code", "X-17", ""), masked(), name="Bäckerei Kühn"),
        edit(10169, change("Fields.Tier", "Gold", "Silver", Class.CONFLICT, base="Bronze")),
        edit(10200, change("Website", "http://x.example", "https://x.example", Class.DRIFT)),
        edit(10300, change("Address", "742 Green Terrace", "1 Harbour Road")),
    )


def full() -> PlanResult:
    """The six, and one of everything that a plan says beside its edits."""
    return sheet(
        *six(),
        refusals=(Refusal("limit_edits", "the plan edits 6 customers; 5 are allowed", "--confirm-edits 6"),),
        missing=(Missing(99, "Gone Ltd", "customers/gone.yaml", 3, "now an alias of customer 10023"),),
        problems=(Problem(SourceMark("customers/x.yaml", 4, 3), 'no field "Teir"; did you mean Tier?'),),
        suspicious=(Suspicious(10044, "Bluestem", "customers/b.yaml", 1, "3 of 4 attributes differ"),),
        unpinned=(Unpinned(10301, "Loose", "customers/loose.yaml", 1),),
        converged=(Aside(1, "A", "Website"),),
        released=(Aside(2, "B", "Address"),),
        ignored=(Aside(3, "C", "Fields.Last contacted"),),
        notes=("read in full",),
    )


def hostile(text: str) -> PlanResult:
    """A plan in which every text that can come from YAML, git or RPM is this one."""
    return sheet(
        Edit(1, text, text, 1, (change(f"Fields.{text}", text, f"{text}!", Class.CONFLICT, base=text),)),
        Edit(2, text, text, 1, (change("Name", text, f"x{text}"), change("Website", "x", text))),
        refusals=(Refusal("suspicious", text, "--confirm-identity 1"),),
        missing=(Missing(3, text, text, 1, text),),
        problems=(Problem(SourceMark(text, 1, 1), text),),
        suspicious=(Suspicious(1, text, text, 1, text),),
        unpinned=(Unpinned(4, text, text, 1),),
        released=(Aside(5, text, f"Fields.{text}"),),
        notes=(text,),
    )


def report(detail: str = "connection lost") -> ApplyReport:
    """An apply that ended in every way there is."""
    outcomes = [
        Outcome(10000 + number, f"Customer {number}", "customers/c.yaml", 1, result, detail)
        for number, result in enumerate(Result)
    ]
    missing = (Missing(99, "Gone Ltd", "customers/gone.yaml", 3, detail),)
    return ApplyReport(tuple(outcomes), missing, reads=12, edits=5, stopped=detail)
