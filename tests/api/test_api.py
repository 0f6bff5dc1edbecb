"""The Python API: what it names, what it does, and what it never does."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import reconciler
from tests.kit.server import KEY, Customer

if TYPE_CHECKING:
    from tests.kit.server import Server
    from tests.kit.workplace import Workplace

ROOT = Path(__file__).parents[2]
SETTINGS = (
    "url", "subscriber", "customers", "parallel", "timeout", "read_age", "refresh",
    "max_edits", "max_percent", "max_calls", "ignore", "mask",
)  # fmt: skip
PROGRAM = """
import reconciler

with reconciler.open(".", url={url!r}, api_key={key!r}) as project:
    plan = project.plan()
    edited = [
        (edit.customer_id, change.attribute, change.before, change.after)
        for edit in plan.edits
        for change in edit.changes
    ]
    assert edited == [(7, "Fields.Tier", "A", "B")], edited
    assert not plan.refusals and plan.digest.startswith("sha256:")
    seen = []
    report = project.apply(plan, progress=lambda done, total: seen.append((done, total)))
    assert [(it.customer_id, it.outcome) for it in report.outcomes] == [(7, reconciler.Result.EDITED)]
    assert report.outcomes[0].outcome == "edited" and seen == [(1, 1)]
    again = project.plan(select=["7"])
    assert again.edits == () and again.calls_made == plan.calls_made == 2
    assert not project.drift(blame=False).drift.found
"""


class Odd:
    """No text, number, list, function or anything else that is asked for."""


@pytest.fixture
def shop(place: Workplace, server: Server) -> Workplace:
    """One customer whose tier is to change."""
    server.seed(Customer(7, "Acme", fields={"Tier": "A"}), fields=("Tier",))
    place.customer("acme", "CustomerID: 7\nName: Acme\nFields:\n  Tier: B\n")
    return place


def test_a_program_plans_and_applies_and_prints_nothing(shop: Workplace, server: Server) -> None:
    """Under `-W error`, with nothing but the calls that the commands would make."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM.format(url=server.url, key=KEY)],
        cwd=shop.folder,
        env={name: shop.environment[name] for name in ("PATH", "HOME", "LC_ALL")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert server.values()[7]["Fields.Tier"] == "B"
    assert server.calls() == ["Customers", "Customer", "CustomerEdit"] + 2 * ["Customers", "Customer"]


def test_a_refusal_is_the_command_s(shop: Workplace, server: Server) -> None:
    """`apply` raises what the command refuses, and a confirmation of the right number lifts it."""
    shop.file("reconciler.yaml", "limits:\n  edits: 0\n")
    with reconciler.open(shop.folder, url=server.url, api_key=KEY) as project:
        plan = project.plan()
        assert [it.flag for it in plan.refusals] == ["--confirm-edits 1"]
        with pytest.raises(reconciler.Refused, match=r"limits\.edits allows 0") as caught:
            project.apply(plan)
        assert caught.value.exit_code == 3
        with pytest.raises(reconciler.Refused, match="--confirm-edits 2 was given"):
            project.apply(plan, confirm=reconciler.Confirmed(edits=2))
        assert server.values()[7]["Fields.Tier"] == "A"
        assert project.apply(plan, confirm=reconciler.Confirmed(edits=1)).done
    assert server.values()[7]["Fields.Tier"] == "B"


def test_wrong_files_cost_no_call(shop: Workplace, server: Server) -> None:
    """The session opens when the files were found sound."""
    shop.customer("bolt", "CustomerID: 7\nName: Bolt\n")
    with (
        reconciler.open(shop.folder, url=server.url, api_key=KEY) as project,
        pytest.raises(reconciler.InvalidFiles) as caught,
    ):
        project.plan()
    assert caught.value.problems
    assert server.calls() == []


def test_a_changed_plan_without_base_is_an_input_error(shop: Workplace, server: Server) -> None:
    """No library raises click's errors."""
    with (
        reconciler.open(shop.folder, url=server.url, api_key=KEY) as project,
        pytest.raises(reconciler.InputError, match="--base"),
    ):
        project.plan(changed=True)


def test_unknown_settings_are_a_type_error(tmp_path: Path) -> None:
    """As of any function."""
    with pytest.raises(TypeError, match="colour"):
        reconciler.open(tmp_path, colour="red")


@pytest.mark.parametrize(
    "wrong",
    [
        {"parallel": 0},
        {"parallel": 101},
        {"parallel": True},
        {"read_age": 301},
        {"timeout": "60"},
        {"max_percent": -1},
        {"url": ""},
        {"refresh": "half"},
        {"customers": 7},
    ],
    ids=str,
)
def test_settings_have_the_bounds_of_the_file(tmp_path: Path, wrong: dict[str, Any]) -> None:
    """An edit rests on no older a read because a program asks for it."""
    (name,) = wrong
    with pytest.raises(reconciler.InputError, match=f"^reading {name}: "):
        reconciler.open(tmp_path, **wrong)


def _parameters() -> list[tuple[str, str]]:
    """Every parameter of every public function, and every setting that `open` takes, by the function's name."""
    functions: dict[str, Any] = {"open": reconciler.open, "render": reconciler.render}
    functions |= {name: it for name, it in vars(reconciler.Project).items() if not name.startswith("_")}
    found = [
        (name, it) for name, function in functions.items() for it in inspect.signature(function).parameters
    ]
    return [it for it in found if it[1] not in {"self", "settings", "how"}] + [
        ("open", it) for it in SETTINGS
    ]


@pytest.mark.parametrize(("function", "parameter"), _parameters())
def test_a_value_of_another_type_is_an_error_that_names_its_argument(
    shop: Workplace, server: Server, function: str, parameter: str
) -> None:
    """Whatever function it is given to, and not a TypeError of some inner line."""
    with reconciler.open(shop.folder, url=server.url, api_key=KEY) as project:
        called: Any = {"open": reconciler.open, "render": reconciler.render}.get(function)
        called = called or getattr(project, function)
        needed: dict[str, Any] = {}
        if function in {"apply", "render"}:
            needed["plan" if function == "apply" else "result"] = project.plan()
        if function == "render":
            needed["output"] = "text"
        with pytest.raises(reconciler.InputError, match=f"^reading {parameter}: .*, not "):
            called(**{**needed, parameter: Odd()})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"api_key": b"secret"}, "reading api_key: a text is needed, not bytes"),
        ({"mask": [1]}, "reading mask: a text is needed, not int"),
        ({"customers": "a\0b"}, "reading customers: it contains NUL, which no word of a command line can"),
        ({"path": "\ud800"}, "reading path: it contains a lone surrogate, which is no character"),
        ({"api_key_file": ""}, "reading api_key_file: it is empty"),
    ],
    ids=str,
)
def test_what_no_command_line_could_give_is_refused_and_not_shown(wrong: dict[str, Any], said: str) -> None:
    """The value may be a key."""
    with pytest.raises(reconciler.InputError, match=f"^{re.escape(said)}$"):
        reconciler.open(**wrong)


def test_what_can_be_read_once_only_is_read_once(shop: Workplace, server: Server) -> None:
    """A generator of masks that was used up by its check would mask nothing."""
    with reconciler.open(
        shop.folder, url=server.url, api_key=KEY, mask=(it for it in ["Fields.Tier"])
    ) as project:
        assert project.plan(select=(it for it in ["7"])).rules.mask == {"Fields.Tier"}
        result = project.adopt(it for it in [7])
    assert [it.candidate.customer_id for it in result.adopted] == [7]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(reconciler.InputError, match="there is no such folder"):
        reconciler.open(tmp_path / "gone")


@pytest.mark.parametrize("name", sorted({*reconciler.__all__, "open"} - {"UNSET", "__version__"}))
def test_public_names_are_documented(name: str) -> None:
    """Each has a docstring, and so have its methods and properties."""
    thing = getattr(reconciler, name)
    assert inspect.getdoc(thing)
    for member, value in vars(thing).items() if inspect.isclass(thing) else ():
        if not member.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
            assert inspect.getdoc(value), f"{name}.{member}"


def test_importing_it_costs_next_to_nothing() -> None:
    """No HTTP, no YAML, no click before a name is used."""
    code = "import sys, reconciler; print(*sorted(name for name in sys.modules if '.' not in name))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"httpx", "yaml", "click", "rich", "deepdiff"} & set(done.stdout.split())


def test_a_star_import_shadows_nothing() -> None:
    """`open` is left out, and every other public name is there."""
    assert "open" not in reconciler.__all__
    assert {"open", *reconciler.__all__} == set(dir(reconciler))


def test_the_page_runs_as_written(tmp_path: Path) -> None:
    """Each block of docs/python-api.md, in a fresh copy of the example."""
    blocks = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "docs/python-api.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert len(blocks) == 3
    for number, block in enumerate(blocks):
        folder = tmp_path / str(number)
        (folder / "customers").mkdir(parents=True)
        for path in (ROOT / "customers").iterdir():
            (folder / "customers" / path.name).write_bytes(path.read_bytes())
        (folder / "reconciler.yaml").write_bytes((ROOT / "reconciler.yaml").read_bytes())
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", block],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_a_plan_that_was_applied_sends_nothing_again(shop: Workplace, server: Server) -> None:
    """Its reads are from before its own edits, so each customer is read anew, which shows that nothing is left."""
    with reconciler.open(shop.folder, url=server.url, api_key=KEY) as project:
        plan = project.plan()
        reports = [project.apply(plan), project.apply(plan)]
        assert [(it.done, it.reads, it.edits) for it in reports] == [(True, 2, 1), (True, 3, 0)]
        server.by_hand(7, {"Tier": "C"})
        (held,) = project.apply(plan).outcomes
    assert held.outcome is reconciler.Result.HELD
    assert server.calls() == ["Customers", "Customer", "CustomerEdit", "Customer", "Customer"]


def test_a_plan_for_another_target_is_refused(shop: Workplace, server: Server) -> None:
    """Its ids are other customers there; nothing is asked of RPM."""
    with reconciler.open(shop.folder, url=server.url, api_key=KEY) as project:
        plan = project.plan()
    other = server.url.replace("127.0.0.1", "127.0.0.2")
    with (
        reconciler.open(shop.folder, url=other, api_key=KEY) as project,
        pytest.raises(reconciler.Refused, match="made for another target"),
    ):
        project.apply(plan)
    assert server.calls() == ["Customers", "Customer"]


def test_one_text_is_one_word_of_a_selection(shop: Workplace, server: Server) -> None:
    """Taken letter by letter, `12` would be the customers 1 and 2."""
    server.seed(*(Customer(i, f"C{i}", fields={"Tier": "A"}) for i in (1, 2, 12)), fields=("Tier",))
    for i in (1, 2, 12):
        shop.customer("acme" if i == 1 else f"c{i}", f"CustomerID: {i}\nName: C{i}\nFields:\n  Tier: B\n")
    with reconciler.open(shop.folder, url=server.url, api_key=KEY) as project:
        assert [it.customer_id for it in project.plan(select="12").edits] == [12]
        file = str(shop.folder / "customers/c2.yaml")
        assert [it.customer_id for it in project.plan(paths=file).edits] == [2]
        assert project.drift(select="C12", blame=False).drift.plan.edits[0].customer_id == 12


def test_an_unknown_format_is_an_error(shop: Workplace, server: Server) -> None:
    """It is not taken for text."""
    with reconciler.open(shop.folder, url=server.url, api_key=KEY) as project:
        plan = project.plan()
    with pytest.raises(reconciler.InputError, match="'yaml' is no format"):
        reconciler.render(plan, "yaml")


INTERRUPTED = """
import os, signal
import reconciler

signal.signal(signal.SIGINT, signal.default_int_handler)
with reconciler.open(".", url={url!r}, api_key={key!r}, parallel=1, max_percent=100) as project:
    plan = project.plan()
    report = project.apply(plan, progress=lambda done, _: done == 1 and os.kill(os.getpid(), signal.SIGINT))
    print(*(it.outcome for it in report.outcomes))
"""


def test_ctrl_c_ends_an_apply_with_its_report(shop: Workplace, server: Server) -> None:
    """The edit in flight is finished, no other begins, and the program goes on with the report."""
    server.seed(*(Customer(i, f"C{i}", fields={"Tier": "A"}) for i in (7, 8, 9)), fields=("Tier",))
    for i in (7, 8, 9):
        shop.customer("acme" if i == 7 else f"c{i}", f"CustomerID: {i}\nName: C{i}\nFields:\n  Tier: B\n")
    server.faults({"endpoint": "CustomerEdit", "point": "P2", "action": {"do": "delay", "seconds": 2}})
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.format(url=server.url, key=KEY)],
        cwd=shop.folder,
        env={name: shop.environment[name] for name in ("PATH", "HOME", "LC_ALL")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, second, third = done.stdout.split()
    assert (first, third) == ("edited", "not_tried")
    assert second in {"edited", "unknown", "not_tried"}  # it may have left before the interrupt was seen
    assert server.count("CustomerEdit") == (1 if second == "not_tried" else 2)
