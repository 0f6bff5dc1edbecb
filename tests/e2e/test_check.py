"""`check`: what works and what does not, in one screen and three calls."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.kit.server import Customer, Server

if TYPE_CHECKING:
    from tests.kit.workplace import Ran, Workplace


GIT = shutil.which("git") or "git"


@pytest.fixture
def shop(server: Server, place: Workplace) -> Workplace:
    """A committed repository with one customer that RPM has too."""
    server.seed(Customer(7, "Acme", fields={"Tier": "Gold"}), fields=("Tier",))
    place.customer("acme", "CustomerID: 7\nName: Acme\n")
    place.settings("subscriber: 1207\n")
    place.file(".gitignore", "home/\n.reconciler/\n")
    git(place, "init", "--quiet", "--initial-branch=main")
    git(place, "add", ".")
    git(place, "commit", "--quiet", "--message=Begin")
    return place


def git(place: Workplace, *words: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
    subprocess.run([GIT, *who, *words], cwd=place.folder, check=True)


def lines(ran: Ran) -> dict[str, dict[str, Any]]:
    """The checks by subject."""
    return {it["subject"]: it for it in ran.json["checks"]}


def test_all_is_well(shop: Workplace, server: Server) -> None:
    """Nine lines, all ok, three calls, exit 0, and no key anywhere."""
    ran = shop.run("check", "--format", "json")
    assert {it["level"] for it in ran.json["checks"]} == {"ok"}
    subjects = ["url", "key", "subscriber", "rights", "clock", "customers", "git", "lock", "journal"]
    assert list(lines(ran)) == subjects
    assert (ran.code, ran.json["ok"], ran.json["calls_made"]) == (0, True, 3)
    assert server.calls() == ["Info", "Customers", "Customer"]
    assert shop.environment["RPM_API_KEY"] not in ran.out.replace("sandbox.", "") + ran.err


def test_one_screen(shop: Workplace) -> None:
    """The text fits 80 columns and 24 lines; its last line counts. A log has the same words, a line each, and colour changes none."""
    printed = shop.run("check", COLUMNS="80").out.splitlines()
    assert len(printed) <= 24
    assert max(len(line) for line in printed if str(shop.folder) not in line) <= 80  # a path is not broken
    assert printed[-1] == "9 ok"
    log, coloured = (untimed(shop.run("check", **more).out) for more in ({}, {"FORCE_COLOR": "1"}))
    assert log.split() == untimed(" ".join(printed)).split()
    assert len(log.splitlines()) == 10
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == log != coloured


def untimed(text: str) -> str:
    """A text without what the clock says at the time."""
    return re.sub(r"T[0-9:]+Z", "", text)


def test_no_key(shop: Workplace, server: Server) -> None:
    """Without a key nothing is called, and what is here is looked at all the same."""
    del shop.environment["RPM_API_KEY"]
    ran = shop.run("check", "--format", "json")
    assert ran.code == 1
    assert lines(ran)["key"]["level"] == "fail"
    assert "set RPM_API_KEY" in lines(ran)["key"]["advice"]
    assert lines(ran)["git"]["level"] == "ok"
    assert server.calls() == []


def test_a_refused_key_is_called_once(shop: Workplace, server: Server) -> None:
    """A key that RPM does not take fails, and nothing more is asked with it."""
    ran = shop.run("check", "--format", "json", RPM_API_KEY="not-the-right-one")
    assert ran.code == 1
    assert lines(ran)["subscriber"]["level"] == "fail"
    assert "not-the-right-one" not in ran.out + ran.err
    assert server.calls() == ["Info"]


def test_a_failing_server_is_asked_once(shop: Workplace, server: Server) -> None:
    """A check tells how things are; it does not try again at a price."""
    server.faults({"endpoint": "Customers", "point": "P2", "action": {"do": "reply", "status": 500}})
    ran = shop.run("check", "--format", "json")
    assert ran.code == 1
    assert lines(ran)["rights"]["level"] == "fail"
    assert server.calls() == ["Info", "Customers"]


@pytest.mark.parametrize(("listed", "says"), [(0, "RPM lists no customers"), (7, "lacks 3 of the 10")])
def test_a_list_that_every_plan_refuses_fails(
    shop: Workplace, server: Server, listed: int, says: str
) -> None:
    """Empty, or without more than a fifth of what YAML names; the code is that of any failed check."""
    server.seed(*(Customer(i, f"C{i}") for i in range(11, 11 + listed)))
    for i in range(11, 20):
        shop.customer(f"c{i}", f"CustomerID: {i}\nName: C{i}\n")
    shop.customer("acme", "CustomerID: 20\nName: Acme\n")
    ran = shop.run("check", "--format", "json")
    assert (ran.code, lines(ran)["rights"]["level"]) == (1, "fail")
    assert says in lines(ran)["rights"]["found"]
    assert shop.run("plan").code == 3


def test_another_subscriber(shop: Workplace, server: Server) -> None:
    """A key of another subscription fails, and none of its customers are read."""
    ran = shop.run("check", "--format", "json", "--subscriber", "99")
    assert ran.code == 1
    assert "the settings say 99" in lines(ran)["subscriber"]["found"]
    assert server.calls() == ["Info"]


def test_no_pin(shop: Workplace) -> None:
    """An unpinned subscriber is a warning that says the line to write, and no failure."""
    shop.settings("")
    ran = shop.run("check", "--format", "json")
    assert ran.code == 0
    assert lines(ran)["subscriber"]["advice"] == "write `subscriber: 1207` in reconciler.yaml"


def test_files_that_git_should_and_should_not_hold(shop: Workplace) -> None:
    """Uncommitted customer files are a warning, a tracked .env is a failure."""
    shop.customer("bolt", "Name: Bolt\n")
    shop.file(".env", "RPM_API_KEY=oops\n")
    git(shop, "add", "--force", ".env")
    ran = shop.run("check", "--format", "json")
    assert ran.code == 1
    assert "1 customer file not committed" in lines(ran)["git"]["found"]
    assert "git rm --cached .env" in lines(ran)["secrets"]["advice"]
    assert "oops" not in ran.out


def test_outside_of_git(server: Server, place: Workplace) -> None:
    """No repository is a warning: planning works without one."""
    server.seed(Customer(7, "Acme"))
    place.customer("acme", "CustomerID: 7\nName: Acme\n")
    ran = place.run("check", "--format", "json")
    assert ran.code == 0
    assert lines(ran)["git"]["level"] == "warn"


def test_bad_files(shop: Workplace) -> None:
    """Problems in customer files fail with the first of them and the command that lists all."""
    shop.customer("bad", "Nam: Bad\n")
    ran = shop.run("check", "--format", "json")
    assert ran.code == 1
    assert "customers/bad.yaml:1:1" in lines(ran)["customers"]["found"]
    assert lines(ran)["customers"]["advice"] == "reconciler validate"


def test_an_edit_without_a_result(shop: Workplace) -> None:
    """An intent without a result, or with an unknown one, is a warning that names the customer."""
    begun: list[dict[str, object]] = [
        {"intent": 7, "attributes": []},
        {"intent": 8},
        {"intent": 9},
        {"result": 9, "outcome": "edited"},
    ]
    entries: list[dict[str, object]] = [
        {"journal": "reconciler journal 1"},
        *begun,
        {"result": 8, "outcome": "unknown"},
    ]
    text = "".join(json.dumps({"at": "2026-04-16T00:00:00Z", **entry}) + "\n" for entry in entries)
    shop.file(".reconciler/journal/20260416T000000Z-0.jsonl", text)
    ran = shop.run("check", "--format", "json")
    assert ran.code == 0
    assert (
        lines(ran)["journal"]["found"] == "last apply 2026-04-16T00:00:00Z, 3 edits begun, no result for 7, 8"
    )


def test_a_held_lock(shop: Workplace, server: Server) -> None:
    """While an apply runs, the lock is shown with its holder."""
    shop.customer("acme", "CustomerID: 7\nName: Acme\nFields:\n  Tier: Silver\n")
    server.faults({"endpoint": "CustomerEdit", "point": "P2", "action": {"do": "delay", "seconds": 8}})
    running = shop.start("apply", "--yes")
    try:
        while "CustomerEdit" not in server.calls():
            assert running.poll() is None
        ran = shop.run("check", "--format", "json")
    finally:
        running.kill()
        running.communicate()
    assert f"process {running.pid}" in lines(ran)["lock"]["found"]
