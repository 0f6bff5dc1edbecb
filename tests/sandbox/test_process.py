"""The command line and the process: what it prints, when it ends, and what it leaves on disk."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.conftest import ACME, serving

if TYPE_CHECKING:
    from pathlib import Path


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "reconciler.sandbox", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_it_ends_with_the_program_that_started_it(tmp_path: Path) -> None:
    """Stdin closed: the process goes, quietly; SIGINT alone does not end it."""
    with serving(tmp_path / "rpm.sqlite") as (rpm, process):
        process.send_signal(signal.SIGINT)
        rpm.edit(Website="https://last.example")
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        assert (process.wait(timeout=60), process.stdout.read()) == (0, "")
    with serving(tmp_path / "rpm.sqlite") as (rpm, _):
        assert rpm.customer()["Website"] == "https://last.example"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_by_signal(tmp_path: Path, number: signal.Signals) -> None:
    """Without a parent to watch, SIGINT and SIGTERM end it with 0."""
    words = [sys.executable, "-m", "reconciler.sandbox", "serve", "--db", str(tmp_path / "rpm.sqlite")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(number)
        assert process.wait(timeout=60) == 0


def test_a_killed_process_loses_no_answered_edit(tmp_path: Path) -> None:
    """SIGKILL right after an answer: the edit and its log line are there."""
    with serving(tmp_path / "rpm.sqlite") as (rpm, process):
        rpm.edit(Website="https://last.example")
        process.kill()
        process.wait()
    with serving(tmp_path / "rpm.sqlite") as (rpm, _):
        assert (rpm.outcomes(), rpm.commits()) == (
            ["ok"],
            [("Website", "https://acme.example", "https://last.example")],
        )


def test_calls_on_one_connection_do_not_wait_for_each_other(tmp_path: Path) -> None:
    """An answer is sent as soon as it is there; 50 of them do not each wait for the client's acknowledgement."""
    with serving(tmp_path / "rpm.sqlite") as (rpm, _):
        took = []
        for _ in range(50):
            start = time.monotonic()
            rpm.http.post("/rpm/api2.svc/Info", json={}, headers={"RpmApiKey": "sandbox"})
            took.append(time.monotonic() - start)
        assert sorted(took)[20] < 0.03, "the kernel holds an acknowledgement back for 40 ms"


def test_the_database_is_its_owners_alone(tmp_path: Path) -> None:
    """The file is 0600, in a folder of 0700, also beside a loose umask."""
    before = os.umask(0)
    try:
        with serving(tmp_path / "made" / "rpm.sqlite") as (rpm, _):
            rpm.edit(Website="x")
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "made").iterdir()}
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o700
    assert {"rpm.sqlite", "rpm.sqlite-wal"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_two_processes_share_a_file(tmp_path: Path) -> None:
    """What one commits, the other answers: edits by the command line reach a running server."""
    with serving(tmp_path / "rpm.sqlite") as (rpm, _):
        rpm.customer()
        done = command("edit", "--db", str(tmp_path / "rpm.sqlite"), str(ACME), "Website=x=y", "Fields.Tier=")
        assert done.returncode == 0
        assert done.stdout.splitlines() == [
            f"{ACME} Website: 'https://acme.example' -> 'x=y'",
            f"{ACME} Fields.Tier: 'Gold' -> ''",
        ]
        assert rpm.customer()["Website"] == "x=y"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["1", "Website=x"], "there is no customer 1"),
        ([str(ACME), "Teir=x"], 'customers have no "Teir"; did you mean "Tier"?'),
        ([str(ACME), "Website"], '"Website" is not NAME=VALUE'),
        (
            [str(ACME), "Name=harborview dental group"],
            'the name "harborview dental group" is taken by customer 10028',
        ),
    ],
)
def test_an_edit_that_cannot_be_made_says_why(tmp_path: Path, words: list[str], reason: str) -> None:
    """Exit 1, the reason on stderr."""
    done = command("edit", "--db", str(tmp_path / "rpm.sqlite"), *words)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"sandbox: {reason}\n")


def test_an_edit_that_changes_nothing_says_so(tmp_path: Path) -> None:
    """Setting what is there already is no change."""
    done = command("edit", "--db", str(tmp_path / "rpm.sqlite"), str(ACME), "Website=https://acme.example")
    assert (done.returncode, done.stdout) == (0, f"{ACME}: nothing to change\n")


def test_a_reset_database_is_the_example_again(tmp_path: Path) -> None:
    """Customers and knobs both."""
    database = tmp_path / "rpm.sqlite"
    with serving(database, "--knob", "ids=string") as (rpm, _):
        rpm.edit(Website="x")
    assert command("reset", "--db", str(database)).returncode == 0
    with serving(database) as (rpm, _):
        customer = rpm.customer()
        assert (customer["Website"], customer["CustomerID"]) == ("https://acme.example", ACME)


def test_key_and_faults_come_from_the_command_line(tmp_path: Path) -> None:
    """A script is a JSON list in a file."""
    script = tmp_path / "faults.json"
    script.write_text(json.dumps([{"point": "P2", "nth": 1, "action": {"do": "reply", "status": 503}}]))
    with serving(tmp_path / "rpm.sqlite", "--key", "other", "--faults", str(script)) as (rpm, _):
        headers = {"RpmApiKey": "other"}
        assert [rpm.post("Info", headers=headers).status_code for _ in range(2)] == [503, 200]
        assert rpm.refusal("Info") == "Valid key required"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--knob", "trimm=yes"], 'no knob is called "trimm"'),
        (["--knob", "trim"], '"trim" is not NAME=VALUE'),
    ],
)
def test_a_server_that_cannot_start_says_why(tmp_path: Path, words: list[str], reason: str) -> None:
    """Exit 1 before anything listens."""
    done = command("serve", "--db", str(tmp_path / "rpm.sqlite"), *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """With one that is free, and without the words of Python."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = command("serve", "--db", str(tmp_path / "rpm.sqlite"), "--port", str(port))
    said = f"sandbox: port {port} of 127.0.0.1: Address already in use; port 0 is any free one\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_a_file_that_is_no_database_is_an_error_in_words(tmp_path: Path) -> None:
    """No traceback."""
    (tmp_path / "rpm.sqlite").write_text("not a database, but long enough to be looked at by SQLite\n" * 50)
    done = command("reset", "--db", str(tmp_path / "rpm.sqlite"))
    assert (done.returncode, done.stderr) == (1, "sandbox: file is not a database\n")
