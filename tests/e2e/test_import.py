"""`import`: files for customers that have none, with the fewest reads; what cannot be written; runs cut short."""

from __future__ import annotations

import re
import signal
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.core.yaml.encoding import refused_character
from tests.e2e.test_calls import in_place
from tests.kit.server import Customer
from tests.kit.yamlfiles import TEXTS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.server import Server
    from tests.kit.workplace import Workplace

NAMES = st.sampled_from(
    ["../../x", "CON", "nul.yaml", "..", ".hidden", "a/b", "a\\b", "Acme", "acme!", "Äcme", "ACME.", "客户", "- dash",
     "x: y", "#1", "null", "~", "*", "é" * 60, "name\twith tab", "NO", "'", '"', "a  b", "%41", "COM1", "lpt9", "x" * 64]
)  # fmt: skip
VALUES = TEXTS | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def files(place: Workplace) -> dict[str, str]:
    return {path.name: path.read_bytes().decode() for path in (place.folder / "customers").iterdir()}


def test_a_file_says_all_but_what_is_blank_or_ignored(server: Server, place: Workplace) -> None:
    """Ids first, built-in attributes, then fields by name; lines of text as a block; one list and one read each."""
    server.seed(
        Customer(
            7, "Acme: Inc", "https://a.example", "1 Main\nFloor 2", {"Zip": "01234", "B": "", "A": "#1"}
        ),
        Customer(8, "Bolt", fields={"Gone": "x"}),
        fields=("Zip", "B", "A", "Gone"),
    )
    place.settings("ignore:\n  - Fields.Gone\n")
    ran = place.run("import", "--all")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "2 customers imported (3 calls).",
        "customers/acme-inc.yaml: customer 7 (Acme: Inc)",
        "customers/bolt.yaml: customer 8 (Bolt)",
    ]
    assert files(place) == {
        "acme-inc.yaml": (
            "CustomerID: 7\nName: 'Acme: Inc'\nWebsite: https://a.example\nAddress: |\n  1 Main\n  Floor 2\n"
            "Fields:\n  A: '#1'\n  Zip: 01234\n"
        ),
        "bolt.yaml": "CustomerID: 8\nName: Bolt\n",
    }
    assert server.calls() == ["Customers", "Customer", "Customer"]
    assert place.run("plan", "--detailed-exitcode").code == 0
    assert place.run("fmt", "--check").code == 0


def test_only_what_has_no_file_is_read(server: Server, place: Workplace) -> None:
    """By id or by name; nothing left costs one call and is no error."""
    server.seed(Customer(7, "Acme"), Customer(8, "Bolt"), Customer(9, "Cog"))
    place.customer("mine", "CustomerID: 7\nName: Else\n")
    place.customer("sub/nameless", "Name: Bolt\n")
    ran = place.run("import", "--all", "--format", "json")
    assert ran.json["imported"] == [
        {"customer_id": 9, "name": "Cog", "file": "customers/cog.yaml", "notes": []}
    ]
    assert ran.json["calls"] == {"read": 2}
    assert server.calls() == ["Customers", "Customer"]
    again = place.run("import", "--all")
    assert (again.code, again.out) == (0, "0 customers imported (1 call).\n")
    assert server.calls()[2:] == ["Customers"]


def test_ids_choose(server: Server, place: Workplace) -> None:
    """One with a file is said to have it; one that RPM does not list is an error, and nothing is written."""
    server.seed(Customer(7, "Acme"), Customer(8, "Bolt"))
    place.customer("mine", "CustomerID: 7\nName: Acme\n")
    ran = place.run("import", "8", "99")
    assert (ran.code, "RPM lists no customer 99" in ran.err, list(files(place))) == (1, True, ["mine.yaml"])
    ran = place.run("import", "7", "8")
    assert ran.code == 0
    assert "customer 7 already has a file: customers/mine.yaml:1:1" in ran.out
    assert sorted(files(place)) == ["bolt.yaml", "mine.yaml"]


@pytest.mark.parametrize("words", [(), ("--all", "7")])
def test_ids_or_all_must_be_said(words: tuple[str, ...], place: Workplace) -> None:
    """Either, and not both."""
    ran = place.run("import", *words)
    assert (ran.code, "give CustomerIDs, or --all" in ran.err) == (1, True)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        pytest.param("../../x", "x.yaml", id="B141 up"),
        pytest.param("CON", "con-7.yaml", id="B141 device"),
        pytest.param("nul.yaml", "nul-yaml.yaml", id="B141 suffix"),
        pytest.param("...", "customer-7.yaml", id="B141 dots"),
        pytest.param("客户", "customer-7.yaml", id="B141 no letter"),
        pytest.param("ü" * 64, "ue" * 40 + ".yaml", id="B141 long"),
        pytest.param("Bolt", "bolt-7.yaml", id="B141 taken, whatever its case"),
    ],
)
def test_any_name_makes_a_safe_file_name(name: str, file: str, server: Server, place: Workplace) -> None:
    """Nothing is written anywhere else, and no file is replaced."""
    server.seed(Customer(7, name), Customer(8, "Cog"))
    place.customer("BOLT", "CustomerID: 8\nName: Cog\n")
    before = {
        path for path in place.folder.parent.rglob("*") if not {"customers", ".reconciler"} & {*path.parts}
    }
    assert place.run("import", "7").code == 0
    assert sorted(files(place)) == sorted(["BOLT.yaml", file])
    assert {
        path for path in place.folder.parent.rglob("*") if not {"customers", ".reconciler"} & {*path.parts}
    } == before


def test_names_that_are_alike_as_file_names_get_their_ids(server: Server, place: Workplace) -> None:
    """All of them, so that it does not matter which was imported first."""
    server.seed(Customer(7, "Acme"), Customer(8, "Acme!"), Customer(9, "ÁCME?"))
    assert place.run("import", "8").code == 0
    assert place.run("import", "--all").code == 0
    assert sorted(files(place)) == ["acme-7.yaml", "acme-8.yaml", "acme-9.yaml"]


def test_what_no_file_can_hold_is_left_with_the_reason(server: Server, place: Workplace) -> None:
    """Exit code 4; the others are imported, and every plan still works."""
    server.seed(
        Customer(7, "Acme\x07"),
        Customer(8, "Bolt", fields={"A": "x\u202ey"}),
        Customer(9, "Cog", fields={"Spend": "a lot"}),
        Customer(10, "Fine"),
        Customer(11, "Twin"),
        fields=("A", "Spend"),
    )
    place.settings("fields:\n  Spend: {type: number}\n")
    place.customer("mine", "CustomerID: 10\nName: Twin\n")
    ran = place.run("import", "--all")
    assert ran.code == 4
    assert ran.out.splitlines() == [
        "0 customers imported, 4 left (5 calls).",
        r'left: customer 7 (Acme\x07): "Name" contains U+0007 (control character), which is not allowed in a file',
        'left: customer 8 (Bolt): "Fields.A" contains U+202E (RIGHT-TO-LEFT OVERRIDE), which is not allowed in a file',
        (
            'left: customer 9 (Cog): "Fields.Spend" is not of its type (number): a number is written with digits, '
            "as in 1200 or 1200.50"
        ),
        "left: customer 11 (Twin): customers/mine.yaml:1:1 has its name already; change that one first",
    ]
    assert list(files(place)) == ["mine.yaml"]
    assert [(it["customer_id"]) for it in place.run("import", "--all", "--format", "json").json["left"]] == [
        7, 8, 9, 11,
    ]  # fmt: skip


def test_a_field_that_stands_twice_is_left_out_with_a_note(server: Server, place: Workplace) -> None:
    """Nothing tells the two apart, so no plan could use it."""
    server.seed(Customer(7, "Acme", fields={"Tier": "A", "Zip": "1"}), fields=("Tier", "Zip"))
    server.knobs(duplicate_field="Tier")
    ran = place.run("import", "--all")
    assert ran.code == 0
    assert (
        'customers/acme.yaml: note: the field "Tier" is in RPM more than once, so it is left out' in ran.out
    )
    assert files(place)["acme.yaml"] == "CustomerID: 7\nName: Acme\nFields:\n  Zip: 1\n"
    assert place.run("plan", "--detailed-exitcode").code == 0


def test_editors_are_told_of_the_schema_where_there_is_one(server: Server, place: Workplace) -> None:
    """By a path that leads there from the file, in a folder that is made when it is missing."""
    server.seed(Customer(7, "Acme"))
    place.file(".vscode/customer.schema.json", "{}")
    assert place.run("import", "--all", "--customers", "deep/er").code == 0
    text = (place.folder / "deep/er/acme.yaml").read_text()
    assert (
        text
        == "# yaml-language-server: $schema=../../.vscode/customer.schema.json\nCustomerID: 7\nName: Acme\n"
    )


def test_a_broken_file_stops_the_import(server: Server, place: Workplace) -> None:
    """It may be of a customer that would get a second file."""
    server.seed(Customer(7, "Acme"))
    place.customer("broken", "CustomerID: x\nName: Acme\n")
    assert place.run("import", "--all").code == 1
    assert (list(files(place)), server.calls()) == (["broken.yaml"], [])


def settled(server: Server) -> int:
    """How many calls were made, once those that a dead client had in flight are counted too."""
    before = -1
    while before != (now := len(server.calls())):
        before = now
        time.sleep(0.3)
    return now


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_cut_short_is_finished_by_the_next(
    number: signal.Signals, server: Server, place: Workplace
) -> None:
    """Whole files alone, none twice, and what was written is not read again."""
    server.seed(*(Customer(i, f"Customer {i}") for i in range(1, 201)))
    server.knobs(latency=0.05)
    child = place.start("import", "--all", "--parallel", "10")
    folder: Path = place.folder / "customers"
    while len(list(folder.glob("*.yaml"))) < 60:
        assert child.poll() is None
        time.sleep(0.01)
    child.send_signal(number)
    child.communicate()
    server.knobs(latency=0)
    done = len(list(folder.glob("*.yaml")))
    assert 60 <= done < 200
    made = settled(server)
    assert made < 1 + 200, "files are written while others are still to be read"
    assert place.run("import", "--all").code == 0
    assert len(server.calls()) - made == 1 + 200 - done
    whole = re.compile(r"CustomerID: (\d+)\nName: Customer \1\n")
    found = [whole.fullmatch(path.read_text()) for path in folder.glob("[!.]*.yaml")]
    assert sorted(int(one[1]) for one in found if one) == list(range(1, 201))
    assert len(found) == 200


@settings(suppress_health_check=list(HealthCheck))  # one server for all examples: each seeds it anew
@given(
    names=st.lists(NAMES, min_size=1, max_size=5, unique_by=str.casefold),
    values=st.lists(VALUES, min_size=4, max_size=4),
)
def test_import_then_plan_is_empty(
    names: list[str], values: list[str], server: Server, place: Workplace
) -> None:
    """For hostile names and values; whoever YAML cannot hold has no file, and everybody else has one."""
    fields = ("Tier", "- odd: #1", "null", 'it\'s "x"')
    server.seed(
        *(
            Customer(i, name, fields=dict(zip(fields, values, strict=True)) if i % 2 else {})
            for i, name in enumerate(names, start=1)
        ),
        fields=fields,
    )
    folder = place.folder / "customers"
    for path in folder.iterdir():
        path.unlink()
    code = in_place(place, "import", "--all")
    bad = any(refused_character(text.replace("\r\n", "\n")) for text in values)
    written = len(list(folder.glob("*.yaml")))
    if not bad:
        assert written >= sum("\t" not in name for name in names)
    assert (code == 0) is (written == len(names))
    assert len(list(folder.iterdir())) == written
    assert code in {0, 4}
    if written:
        assert in_place(place, "plan", "--detailed-exitcode") == 0
        assert in_place(place, "fmt", "--check") == 0
