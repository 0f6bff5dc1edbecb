"""`refresh: modified`: a quiet night costs one call, and a plan is never another than a full one."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.repo.cache import _checksum
from tests.e2e.test_three_sides import git
from tests.kit.server import Customer

if TYPE_CHECKING:
    from tests.kit.server import Server
    from tests.kit.workplace import Workplace

COUNT = 30


@pytest.fixture
def shop(server: Server, place: Workplace) -> Workplace:
    """Thirty customers, one of which differs from its file."""
    server.seed(
        *(Customer(i, f"Customer {i}", website="w") for i in range(100, 100 + COUNT)), fields=("Tier",)
    )
    for i in range(100, 100 + COUNT):
        place.customer(str(i), f"CustomerID: {i}\nName: Customer {i}\nWebsite: {'x' if i == 100 else 'w'}\n")
    place.settings("refresh: modified\n")
    return place


def plan(shop: Workplace, *words: str) -> dict[str, Any]:
    """The plan document without what may differ between runs."""
    document = json.loads(shop.run("plan", "--format", "json", *words).out)
    return {key: value for key, value in document.items() if key != "meta"}


def test_a_quiet_night_costs_one_call(shop: Workplace, server: Server) -> None:
    """The second plan makes one call, and says the same as a full one, costs of a full one included."""
    first = plan(shop)
    assert len(server.calls()) == 1 + COUNT
    second = plan(shop)
    assert len(server.calls()) == 1 + COUNT + 1
    assert first == second == plan(shop, "--refresh", "full")


def test_what_moved_is_read_again(shop: Workplace, server: Server) -> None:
    """An edit by hand moves Modified: that customer is read, and read again while it may have moved unseen."""
    plan(shop)
    server.by_hand(105, {"Website": "moved"})
    before = len(server.calls())
    document = plan(shop)
    assert len(server.calls()) - before == 2
    assert [edit["customer_id"] for edit in document["edits"]] == [100, 105]
    server.by_hand(105, {"Website": "moved again"})
    assert plan(shop)["edits"][1]["changes"][0]["before"] == "moved again"


@pytest.mark.row("F127")
def test_reads_to_be_sure_are_counted(shop: Workplace, server: Server) -> None:
    """What changed on the day of its last read is read again, and so is every read without a Date; the plan says how many."""
    plan(shop)
    server.by_hand(105, {"Website": "moved"})
    assert "to be sure" not in shop.run("plan").out, "the list told of that one"
    for output in ("text", "markdown", "html"):
        ran = shop.run("plan", "--out", "plan.json", "--format", output)
        assert "1 read made to be sure" in ran.out
        assert "1 read made to be sure" in shop.run("show", "plan.json", "--format", output).out
    told = [shop.run(it, "--format", "json").json["meta"]["reads_in_doubt"] for it in ("plan", "drift")]
    assert told == [1, 1]
    assert "1 read made to be sure" in shop.run("drift").out
    server.knobs(date="no")
    before = len(server.calls())
    assert plan(shop, "--refresh", "full") == plan(shop)
    assert len(server.calls()) - before == 1 + COUNT + 2, "kept reads that had a Date are as good as before"
    (shop.folder / ".reconciler" / "snapshot.sqlite").unlink()
    plan(shop)
    before = len(server.calls())
    ran = shop.run("plan")
    assert len(server.calls()) - before == 1 + COUNT
    assert f"{COUNT} reads made to be sure" in ran.out


@pytest.mark.row("F127")
def test_rpms_date_says_when_a_read_was_made(shop: Workplace, server: Server) -> None:
    """A kept read is trusted two days after its Modified by RPM's clock, not by this machine's, and not once RPM's went back."""
    server.by_hand(105, {"Website": "moved"})
    server.knobs(date_shift=3 * 86_400)
    plan(shop)
    before = len(server.calls())
    plan(shop)
    assert len(server.calls()) - before == 1, "three days after Modified, by RPM's own clock"
    server.knobs(date_shift=0)
    plan(shop)
    assert len(server.calls()) - before == 2 + COUNT, "RPM's clock went back: nothing of before is believed"


@pytest.mark.parametrize(
    "more",
    ['Address: ""\n', "Address: 1 High Street\n", "Fields:\n  Tier: Gold\n", "Fields:\n  Teir: Gold\n"],
)
def test_a_file_that_manages_more_costs_no_call(more: str, shop: Workplace, server: Server) -> None:
    """Of a kept customer all is kept, whatever its file managed then: a new line is compared, or is not in RPM."""
    plan(shop)
    shop.customer("105", f"CustomerID: 105\nName: Customer 105\nWebsite: w\n{more}")
    before = len(server.calls())
    documents = [plan(shop), plan(shop)]
    assert len(server.calls()) - before == 2
    assert documents == 2 * [plan(shop, "--refresh", "full")]
    if "Teir" in more:
        assert 'did you mean "Tier"?' in documents[0]["problems"][0]["message"]


@pytest.mark.parametrize("sign", ["\0", "\x01", "\x02"])
def test_what_cannot_be_kept_is_read_each_time(sign: str, shop: Workplace, server: Server) -> None:
    """A text that RPM holds may have any sign in it; such a customer costs its call each time, and the others none."""
    server.seed(*(Customer(i, f"Customer {i}", address=f"a{sign * (i == 102)}b") for i in range(100, 105)))
    for i in range(100, 100 + COUNT):
        (shop.folder / f"customers/{i}.yaml").unlink()
    for i in range(100, 105):
        shop.customer(str(i), f"CustomerID: {i}\nName: Customer {i}\nAddress: ab\n")
    plan(shop)
    before = len(server.calls())
    document = plan(shop)
    assert server.calls()[before:] == ["Customers", "Customer"]
    assert document == plan(shop, "--refresh", "full")
    assert [edit["customer_id"] for edit in document["edits"]] == [102]


def test_a_saved_plan_reads_its_customers(shop: Workplace, server: Server) -> None:
    """Promise 3 for a plan file, whatever is kept: the list, each of its customers, its edit."""
    shop.run("plan", "--out", "plan.json")
    before = len(server.calls())
    assert shop.run("apply", "plan.json", "--yes").code == 0
    assert server.calls()[before:] == ["Customers", "Customer", "CustomerEdit"]
    assert shop.run("apply", "plan.json", "--yes").code == 0
    assert server.calls()[before + 3 :] == ["Customers", "Customer"]


def test_an_edit_never_rests_on_the_snapshot(shop: Workplace, server: Server) -> None:
    """Apply says that it will read what it edits, whatever the snapshot knows, and holds what moved without a sign."""
    plan(shop)
    before = len(server.calls())
    ran = shop.run("apply", "--yes")
    assert ran.code == 0
    assert "1 call made, 1 edit and 1 more read to come\n" in ran.out
    assert server.calls()[before:] == ["Customers", "Customer", "CustomerEdit"]
    shop.customer("101", "CustomerID: 101\nName: Customer 101\nWebsite: x\n")
    server.knobs(modified_moves="never")
    server.by_another_program(101, Website="silently moved")
    ran = shop.run("apply", "--yes", "--format", "json")
    assert ran.code == 3
    assert ran.json["customers"][0]["outcome"] == "held"
    assert server.values()[101]["Website"] == "silently moved"


@pytest.mark.parametrize("knobs", [{"modified": "missing"}, {"list_dates": "no"}])
def test_without_modified_everything_is_read(knobs: dict[str, str], shop: Workplace, server: Server) -> None:
    """No sign of change means no trust."""
    server.knobs(**knobs)
    plan(shop)
    plan(shop)
    assert len(server.calls()) == 2 * (1 + COUNT)


def test_a_large_folder_is_parsed_once_and_read_each_time(place: Workplace) -> None:
    """Beyond a thousand files what they were read into is kept: an edit is seen, and a warning is said every time."""
    for number in range(1, 1_002):
        place.customer(f"{number}", f"CustomerID: {number}\nName: Customer {number}\n")
    place.customer("7", "CustomerID: 7\nName: Customer 7\nWebsite: x #y\n")
    first, second = place.run("validate"), place.run("validate")
    assert (first.code, first.out, first.err) == (second.code, second.out, second.err)
    assert "7.yaml:3:10: warning:" in first.out + first.err
    assert (place.folder / ".reconciler" / "parsed.sqlite").exists()
    place.customer("8", "CustomerID: 8\nName: Customer 9\n")
    third = place.run("validate")
    assert third.code == 1
    assert "customers/9.yaml:2:7" in third.out
    assert "customers/8.yaml:2:7" in third.out


LIMITED = """
import resource, signal, sys
from reconciler.cli import main
way, limit = sys.argv.pop(1), int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
if way == "dies":
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
main()
"""
"""A program that is killed, or told that the disk is full, by the first write beyond so many bytes of any file."""


@pytest.mark.parametrize("limit", [0, 512, 4096, 12288])
@pytest.mark.parametrize("way", ["dies", "full"])
def test_no_write_of_the_snapshot_can_make_a_plan_wrong(
    way: str, limit: int, shop: Workplace, server: Server
) -> None:
    """Killed or refused in the middle of it, the run ends as it must, and the next plan is that of a full one."""
    plan(shop)
    for i in range(101, 115):
        server.by_hand(i, {"Website": "moved " + "far " * 60})
    ran = subprocess.run(
        [sys.executable, "-B", "-c", LIMITED, way, str(limit), "plan", "--detailed-exitcode"],
        cwd=shop.folder,
        env=shop.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if way == "dies":
        assert ran.returncode == -signal.SIGXFSZ
    else:
        assert ran.returncode == 2, ran.stderr
        assert "the snapshot" in ran.stderr
    assert plan(shop) == plan(shop, "--refresh", "full")


def test_local_state_that_cannot_be_costs_calls_and_no_more(shop: Workplace, server: Server) -> None:
    """A file in the place of `.reconciler/` is named, and everybody is read."""
    (shop.folder / ".reconciler").write_text("")
    ran = shop.run("plan", "--detailed-exitcode")
    assert ran.code == 2
    assert "no snapshot can be kept (File exists); every customer is read" in ran.err
    assert len(server.calls()) == 1 + COUNT
    ran = shop.run("plan", "--url", "sandbox:")
    assert ran.code == 1
    assert "File exists\n  → the folder must be writable, and the disk not full" in ran.err


def test_what_a_branch_brings_along_is_not_believed(shop: Workplace, server: Server) -> None:
    """Also where a strict umask gives files of git the mode of our own: what git has in `.reconciler/` is nobody's word."""
    plan(shop)
    git(shop.folder, "init", "--quiet")
    before = len(server.calls())
    plan(shop)
    assert len(server.calls()) - before == 1
    git(shop.folder, "add", "--force", ".reconciler/snapshot.sqlite")
    before = len(server.calls())
    ran = shop.run("plan")
    assert len(server.calls()) - before == 1 + COUNT
    assert "git has files of" in ran.err
    assert "`git rm -r --cached .reconciler` takes it out" in ran.err
    git(shop.folder, "rm", "--quiet", "--cached", ".reconciler/snapshot.sqlite")
    (shop.folder / ".git/config").write_text("[broken\n")
    ran = shop.run("plan")
    assert "bad config line 1" in ran.err
    assert "every customer is read" in ran.err


def test_parsed_files_of_a_branch_are_not_believed(place: Workplace) -> None:
    """A record of what a file says could be forged with a right checksum; git must not bring it."""
    for number in range(1, 1_001):
        place.customer(f"{number}", f"CustomerID: {number}\nName: Customer {number}\n")
    git(place.folder, "init", "--quiet")
    assert place.run("validate").out.startswith("1,000 customers")
    path = place.folder / ".reconciler" / "parsed.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        key, _, *texts = connection.execute("SELECT * FROM groups").fetchone()
        forged = [it.replace("Customer 7\1", "Customer 8\1") if isinstance(it, str) else it for it in texts]
        marks = ", ".join("?" * (2 + len(forged)))
        row = (key, _checksum(key, forged), *forged)
        connection.execute(f"INSERT OR REPLACE INTO groups VALUES ({marks})", row)  # noqa: S608 - question marks
    assert "is also at" in place.run("validate").out, "outside of git it is ours, and believed"
    git(place.folder, "add", "--force", ".reconciler/parsed.sqlite")
    forged_file = path.read_bytes()
    assert place.run("validate").out.startswith("1,000 customers")
    git(place.folder, "rm", "--quiet", "--cached", ".reconciler/parsed.sqlite")
    path.write_bytes(forged_file)
    (place.folder / ".git/config").write_text("[broken\n")
    ran = place.run("validate")
    assert ran.out.startswith("1,000 customers"), "git cannot say"


@pytest.fixture
def masked(server: Server, place: Workplace) -> Workplace:
    """One customer with a masked field, read long after it was modified and kept."""
    server.seed(Customer(7, "Acme", fields={"Tax id": "CANARY-1", "Tier": "Gold"}), fields=("Tax id", "Tier"))
    place.settings("refresh: modified\nmask: [Fields.Tax id]\n")
    place.customer("acme", "CustomerID: 7\nName: Acme\nFields:\n  Tax id: CANARY-1\n")
    server.by_hand(7, {})
    return place


def test_a_masked_value_is_not_kept(masked: Workplace) -> None:
    """Nor one that no file manages; the reads are kept all the same."""
    assert masked.run("plan").code == 0
    kept = (masked.folder / ".reconciler/snapshot.sqlite").read_bytes()
    assert b"Gold" in kept
    assert b"CANARY" not in kept
    masked.customer("acme", "CustomerID: 7\nName: Acme\nFields:\n  Tier: Gold\n")
    (masked.folder / ".reconciler/snapshot.sqlite").unlink()
    assert masked.run("plan").code == 0
    assert b"CANARY" not in (masked.folder / ".reconciler/snapshot.sqlite").read_bytes()


def test_what_base_masks_is_not_kept_either(masked: Workplace) -> None:
    """A branch cannot unmask, on the disk no more than in a plan."""
    git(masked.folder, "init", "--quiet", "--initial-branch=main")
    git(masked.folder, "add", "customers", "reconciler.yaml")
    git(masked.folder, "commit", "--quiet", "--message=Begin")
    masked.settings("refresh: modified\n")
    assert masked.run("plan", "--base", "main").code == 0
    assert b"CANARY" not in (masked.folder / ".reconciler/snapshot.sqlite").read_bytes()
