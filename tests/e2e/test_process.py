"""Signals, kills, full disks and odd surroundings: the report is always printed and always true."""

from __future__ import annotations

import fcntl
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.apply.executor import GRACE
from tests.kit.server import Customer
from tests.kit.workplace import COMMAND, Ran, Workplace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.server import Server

COUNT = 12
BASH = shutil.which("bash") or "bash"
KILLS = int(os.environ.get("RECONCILER_KILLS", "12"))


@pytest.fixture
def shop(server: Server, place: Workplace) -> Workplace:
    """Twelve customers to be edited, two of them by changing names."""
    server.seed(
        *(Customer(i, f"Customer {i}", fields={"Tier": "Silver", "Zip": "1"}) for i in ids()),
        fields=("Tier", "Zip"),
    )
    for i in ids():
        other = {101: 102, 102: 101}.get(i, i)
        place.customer(str(i), f"CustomerID: {i}\nName: Customer {other}\nFields:\n  Tier: Gold\n")
    return place


def ids() -> range:
    """The customers of the shop."""
    return range(101, 101 + COUNT)


ALL = ("--confirm-edits", str(COUNT))


def outcomes(text: str) -> dict[int, str]:
    """The closing report's outcomes by customer."""
    return {it["customer_id"]: it["outcome"] for it in json.loads(text)["customers"]}


def assert_true(reported: dict[int, str], server: Server) -> None:
    """Edited is so in RPM, and what is neither edited nor unknown was not committed by us."""
    values = server.values()
    for i, outcome in reported.items():
        gold = values[i]["Fields.Tier"] == "Gold"
        if outcome == "edited":
            assert gold, i
        elif outcome != "unknown":
            assert not gold, (i, outcome)


def assert_only_named(server: Server) -> None:
    """Nothing but names and Tier was ever committed by the API."""
    for commit in server.commits():
        if commit["author"] == "api":
            assert commit["attribute"] in {"Name", "Fields.Tier"}, commit


def finish(shop: Workplace, server: Server) -> None:
    """At most one more apply, and then an empty plan."""
    server.faults()
    ran = shop.run("apply", "--yes")
    assert ran.code in {0, 3}
    if ran.code == 3:
        assert (
            shop.run(
                "apply",
                "--yes",
                "--max-percent",
                "100",
                "--confirm-edits",
                ran.err.split("--confirm-edits ")[1].split()[0],
            ).code
            == 0
        )
    assert shop.run("plan", "--detailed-exitcode").code == 0


def wait_for(server: Server, endpoint: str, count: int) -> None:
    """Until the server saw so many calls."""
    while server.count(endpoint) < count:
        time.sleep(0.01)


@pytest.mark.parametrize(("number", "code"), [
    pytest.param(signal.SIGINT, 130, id="F105"), pytest.param(signal.SIGTERM, 143, id="F107"),
])  # fmt: skip
def test_a_signal_lets_calls_in_flight_end(number: int, code: int, shop: Workplace, server: Server) -> None:
    """No new edit starts, the one in flight is finished and reported, and the next run does the rest."""
    slow = {
        "do": "delay",
        "seconds": 2.5,
    }  # each of them: where this test is kept waiting, another is in flight
    late = [
        {"endpoint": "CustomerEdit", "nth": nth, "point": "P2", "action": slow} for nth in range(3, COUNT + 1)
    ]
    server.faults(*late)
    child = shop.start("apply", "--yes", "--format", "json", "--parallel", "1", *ALL)
    wait_for(server, "Customer", COUNT)
    while len(server.commits()) < 4:
        time.sleep(0.01)
    child.send_signal(number)
    out, _ = child.communicate(timeout=60)
    assert child.returncode == code
    reported = outcomes(out)
    assert len(reported) == COUNT
    assert set(reported.values()) == {"edited", "not_tried"}
    assert_true(reported, server)
    server.faults()
    finish(shop, server)
    assert_only_named(server)


@pytest.mark.parametrize("signals", [pytest.param(1, id="F107-hang"), pytest.param(2, id="F106")])
def test_a_call_that_does_not_end_is_unknown(signals: int, shop: Workplace, server: Server) -> None:
    """After the grace, or a second signal, what is in flight is reported as unknown."""
    server.faults({"endpoint": "CustomerEdit", "nth": 3, "point": "P3", "action": {"do": "hang"}})
    child = shop.start("apply", "--yes", "--format", "json", "--parallel", "1", *ALL)
    while len(server.commits()) < 5:
        time.sleep(0.01)
    begun = time.monotonic()
    for _ in range(signals):
        child.send_signal(signal.SIGINT)
        time.sleep(0.3)
    out, _ = child.communicate(timeout=60)
    assert child.returncode == 130
    if signals == 2:
        assert time.monotonic() - begun < GRACE
    reported = outcomes(out)
    assert sorted(set(reported.values())) == ["edited", "not_tried", "unknown"]
    assert list(reported.values()).count("unknown") == 1
    assert_true(reported, server)
    finish(shop, server)


@pytest.mark.parametrize("seed", range(KILLS), ids=lambda seed: f"F108-{seed}")
def test_a_kill_at_any_moment(seed: int, shop: Workplace, server: Server) -> None:
    """SIGKILL at a random moment: at most two runs to the empty plan, and nothing unnamed was touched."""
    child = shop.start("apply", "--yes", "--parallel", "4", *ALL)
    moment = random.Random(seed)
    wait_for(server, "Customers", 1)
    time.sleep(moment.uniform(0, 0.15))
    child.kill()
    child.communicate()
    finish(shop, server)
    assert_only_named(server)
    assert {i: it["Name"] for i, it in server.values().items()} == {
        i: f"Customer { {101: 102, 102: 101}.get(i, i) }" for i in ids()
    }


@pytest.mark.row("F109-pipe")
def test_a_reader_that_goes_away(shop: Workplace, server: Server) -> None:
    """F109: a closed pipe on stdout changes neither the work nor the exit code, and prints no traceback."""
    for words, code in ((["plan", "--detailed-exitcode"], 2), (["apply", "--yes", *ALL], 0)):
        line = f'"{COMMAND}" {" ".join(words)} | true; exit "${{PIPESTATUS[0]}}"'
        done = subprocess.run(
            [BASH, "-c", line],
            cwd=shop.folder,
            env=shop.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        assert "BrokenPipe" not in done.stderr
    assert len(server.edits()) == COUNT + 1


def limited(shop: Workplace, limit: str, *words: str) -> Ran:
    """Run under a limit of the shell's `ulimit`."""
    line = " ".join([f"ulimit {limit};", "exec", f'"{COMMAND}"', *words])
    done = subprocess.run(
        [BASH, "-c", line], cwd=shop.folder, env=shop.environment, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


class TestFullDisk:
    @pytest.mark.row("F112")
    def test_writing_a_plan(self, shop: Workplace) -> None:
        """The plan that was there stays as it was, whole."""
        assert shop.run("plan", "--out", "plan.json").code == 0
        before = (shop.folder / "plan.json").read_bytes()
        ran = limited(shop, "-f 1", "plan", "--out", "plan.json")
        assert ran.code == 1
        assert "saving the plan: cannot write plan.json" in ran.err
        assert (shop.folder / "plan.json").read_bytes() == before
        assert [path.name for path in shop.folder.iterdir() if "plan" in path.name] == ["plan.json"]

    @pytest.mark.row("F113")
    def test_before_the_first_edit(self, shop: Workplace, server: Server) -> None:
        """No edit is sent without its journal line."""
        ran = limited(shop, "-f 0", "apply", "--yes", *ALL)
        assert ran.code == 1
        assert "writing the journal" in ran.err
        assert server.calls() == []

    def test_before_the_reads_of_an_import(self, shop: Workplace, server: Server) -> None:
        """The list alone is read: what it costs to read each customer would be lost."""
        for path in (shop.folder / "customers").iterdir():
            path.unlink()
        ran = limited(shop, "-f 0", "import", "--all")
        assert (ran.code, ran.err.splitlines()[0]) == (1, "Error: writing into customers: File too large")
        assert server.calls() == ["Customers"]

    @pytest.mark.row("F114")
    def test_in_the_middle(self, shop: Workplace, server: Server) -> None:
        """The run stops, and the report tells what was done; an unwritten result goes to stderr."""
        ran = limited(shop, "-f 1", "apply", "--yes", "--format", "json", "--parallel", "1", *ALL)
        assert ran.code == 4
        reported = outcomes(ran.out)
        assert set(reported.values()) >= {"edited", "not_tried"}
        assert "writing the journal" in ran.json["stopped"]
        assert_true(reported, server)
        finish(shop, server)


@pytest.mark.row("F88")
def test_two_machines_at_once(shop: Workplace, server: Server) -> None:
    """F88: without a common lock, both tell the truth, and together they do what the plan says."""
    children = [
        subprocess.Popen(
            [COMMAND, "apply", "--yes", "--format", "json", *ALL],
            cwd=shop.folder,
            stdin=subprocess.DEVNULL,
            env={**shop.environment, "HOME": str(shop.folder / f"home{number}")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    for child in children:
        out, err = child.communicate(timeout=60)
        assert child.returncode in {0, 3, 4}, err
        if child.returncode != 3:
            for i, outcome in outcomes(out).items():
                assert outcome != "edited" or server.values()[i]["Fields.Tier"] == "Gold"
    finish(shop, server)
    assert_only_named(server)


@pytest.mark.row("F88")
def test_pinned_subscriptions_run_side_by_side(shop: Workplace, server: Server) -> None:
    """F88: from two clones of one machine; the same subscription meets itself, under another name of the same service too."""
    server.faults({"endpoint": "CustomerEdit", "nth": 1, "point": "P2", "action": {"do": "hang"}})
    first = shop.start("apply", "--yes", "--subscriber", "1207", *ALL)
    wait_for(server, "CustomerEdit", 1)
    other_name = server.url.replace("127.0.0.1", "localhost")
    for words in (["--subscriber", "1207"], ["--subscriber", "1207", "--url", other_name], []):
        refused = shop.run("apply", "--yes", *words, *ALL)
        assert refused.code == 3, refused.err
        assert f"another apply is running (process {first.pid}, since" in refused.err
    server.knobs(subscriber_id=1300)
    beside = shop.run("apply", "--yes", "--subscriber", "1300", "--select", "110")
    assert beside.code in {0, 4}, beside.err
    assert first.poll() is None, "it was at work all the while"
    first.kill()
    first.communicate()
    server.knobs(subscriber_id=1207)
    finish(shop, server)


@pytest.mark.row("F125")
def test_a_dead_holder_locks_nobody_out(shop: Workplace, server: Server) -> None:
    """F125: the kernel takes the lock back when its holder is killed."""
    server.faults({"endpoint": "CustomerEdit", "nth": 1, "point": "P2", "action": {"do": "hang"}})
    child = shop.start("apply", "--yes", *ALL)
    wait_for(server, "Customer", COUNT)
    time.sleep(0.2)
    child.kill()
    child.communicate()
    finish(shop, server)


ODD: list[Any] = [
    pytest.param({"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, id="F128"),
    pytest.param({"COLUMNS": "0"}, id="F129-0"),
    pytest.param({"COLUMNS": "20"}, id="F129-20"),
    pytest.param({"TERM": "dumb"}, id="F129-dumb"),
    pytest.param({"NO_COLOR": "1", "FORCE_COLOR": "1"}, id="F129-none"),
    pytest.param({"FORCE_COLOR": "1"}, id="F129-forced"),
]


@pytest.mark.parametrize("surroundings", ODD)
def test_odd_surroundings(surroundings: dict[str, str], shop: Workplace) -> None:
    """A plan is readable, and no traceback, whatever the locale and the terminal."""
    shop.customer("101", "CustomerID: 101\nName: Zoë Größe 顧客\n")
    ran = shop.run("plan", "--detailed-exitcode", **surroundings)
    assert ran.code == 2
    assert "Traceback" not in ran.err
    assert ("\x1b[" in ran.out) == ("FORCE_COLOR" in surroundings and "NO_COLOR" not in surroundings)


@pytest.mark.row("F133")
def test_a_plan_is_not_written_through_a_link(shop: Workplace, server: Server, tmp_path: Path) -> None:
    """A link in the place of the plan file is refused before the first call, neither followed nor replaced."""
    precious = tmp_path / "precious"
    precious.write_text("precious")
    (shop.folder / "plan.json").symlink_to(precious)
    ran = shop.run("plan", "--out", "plan.json")
    assert ran.code == 1
    assert "cannot write plan.json: it is a symbolic link, which is neither followed nor replaced" in ran.err
    assert server.calls() == []
    assert precious.read_text() == "precious"
    assert (shop.folder / "plan.json").is_symlink()


def test_a_signal_while_the_report_is_printed_does_not_deny_the_edits(
    server: Server, place: Workplace
) -> None:
    """A reader that stands still holds the report up; who ends that is told where the truth is, never "nothing was edited"."""
    many = range(1_000, 1_150)
    server.seed(*(Customer(i, f"Customer {i}") for i in many))
    for i in many:
        place.customer(str(i), f"CustomerID: {i}\nName: {'Customer number' + ' of many' * 5} {i}\n")
    with place.start("apply", "--yes", "--format", "json", "--confirm-edits", str(len(many))) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
        deadline = time.monotonic() + 100
        while len(server.edits()) < len(many) and time.monotonic() < deadline:
            time.sleep(0.2)
        time.sleep(1)  # the pipe is full now
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read()
    assert process.returncode == 143
    assert re.search(r"interrupted after the edits; the journal .*\.jsonl says what became of each", said)
    assert "nothing was edited" not in said


BROKEN = """
import importlib, sys
from reconciler.cli import main
module, name = sys.argv.pop(1).split(":")
def broken(*words, **named): raise RuntimeError("planted")
importlib.import_module("reconciler.apply.run")
setattr(importlib.import_module(module), name, broken)
main()
"""
"""A program with a bug planted into one of its functions."""


@pytest.mark.parametrize(
    ("where", "code", "said"),
    [
        ("reconciler.report.render:_apply_view", 4, "edits were sent, then: an internal error"),
        ("reconciler.apply.executor:outcomes", 4, "running apply again finishes the work"),
        ("reconciler.apply.run:apply_plan", 1, "nothing was edited"),
    ],
)
def test_a_bug_of_ours_behind_an_edit_is_told_as_one(
    where: str, code: int, said: str, shop: Workplace, server: Server
) -> None:
    """From the first edit sent the code is never 1, and nothing says that nothing was edited."""
    ran = subprocess.run(
        [sys.executable, "-c", BROKEN, where, "apply", "--yes", *ALL],
        cwd=shop.folder,
        env={**shop.environment, "RECONCILER_DEBUG": "1" if code == 4 else ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == code, ran.stderr
    assert ("Traceback" in ran.stderr) is (code == 4), "where it broke, for whoever asks"
    assert said in ran.stderr
    assert "planted" in ran.stderr
    assert bool(server.edits()) is (code == 4)
    assert ("nothing was edited" in ran.stderr) is (code == 1)
