"""What could not be told is told: each command, with each of its two streams closed, full, or without a reader."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kit.server import Customer, running_server
from tests.kit.workplace import COMMAND, Ran, Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.server import Server

BASH = shutil.which("bash") or "bash"
FULL = "No space left on device"

READING = [
    "--help", "--version", "plan --help", "validate", "schema", "schema --live", "plan", "plan --format json",
    "plan --format markdown", "plan --format html", "drift", "drift --format json", "check", "check --format json", "adopt",
    "adopt --format json", "import --all", "import --all --format json", "show plan.json", "init --ci none",
    "sandbox reset", "sandbox edit 10023 Tier=Gold", "list", "list --format csv", "list --format json", "set Fields.Tier=Brass --select 7 --dry-run",
]  # fmt: skip
"""Every command that prints and edits nothing in RPM, in every one of its ways."""


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """A repository for the commands that leave RPM as it is."""
    folder = tmp_path_factory.mktemp("reading")
    with running_server(folder / "rpm") as server:
        yield filled(Workplace(folder / "repo", server.url), server)


@pytest.fixture
def shop(server: Server, place: Workplace) -> Workplace:
    """The same, for a test of its own."""
    return filled(place, server)


def filled(place: Workplace, server: Server) -> Workplace:
    """One customer that differs, and a saved plan."""
    server.seed(Customer(7, "Acme", fields={"Tier": "Silver"}), fields=("Tier",))
    place.customer("acme", "CustomerID: 7\nName: Acme\nFields:\n  Tier: Gold\n")
    assert place.run("plan", "--out", "plan.json").code == 0
    return place


def redirected(shop: Workplace, words: str, how: str) -> Ran:
    """Run a command line with the shell's redirections, its output caught where they leave it."""
    done = subprocess.run(
        [BASH, "-c", f'"{COMMAND}" {words} {how}'],
        cwd=shop.folder,
        env=shop.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("words", ["--help", "plan", "apply --yes", "sandbox serve"])
@pytest.mark.parametrize(
    ("how", "named"),
    [
        (">&-", "standard output"),
        ("2>&-", "standard error"),
        ("1</dev/null", "standard output"),
        ("2</dev/null", "standard error"),
        (">&- 2>&-", ""),
    ],
)
def test_a_stream_that_is_closed_at_the_start(words: str, how: str, named: str, tmp_path: Path) -> None:
    """Exit 1 before anything else, told on the stream that works; one that is open for reading alone is closed too."""
    ran = redirected(Workplace(tmp_path, "https://nx.invalid/"), words, how)
    assert ran.code == 1
    told = ran.out + ran.err
    assert told.startswith(f"Error: writing to {named}: it is closed" if named else "")
    assert len(told.splitlines()) == (2 if named else 0)


@pytest.mark.parametrize("words", READING)
def test_a_result_that_nobody_takes(words: str, reading: Workplace) -> None:
    """On a full disk, exit 1 and the reason; a reader that went away changes nothing, not the exit code either."""
    expected = redirected(reading, words, "").code
    ran = redirected(reading, words, ">/dev/full")
    assert ran.code == 1, ran.err
    assert f"Error: writing to standard output: {FULL}" in ran.err
    assert "Traceback" not in ran.err
    ran = redirected(reading, words, '| true; exit "${PIPESTATUS[0]}"')
    assert ran.code == expected
    assert "rror" not in ran.err


def test_a_plan_that_cannot_be_shown_is_not_applied(shop: Workplace, server: Server) -> None:
    """In text the plan is printed first: nobody saw it, so nothing is sent."""
    ran = redirected(shop, "apply --yes", ">/dev/full")
    assert ran.code == 1
    assert FULL in ran.err
    assert server.edits() == []


@pytest.mark.parametrize("output", ["json", "markdown", "html"])
def test_a_report_that_cannot_be_written_after_edits(output: str, shop: Workplace, server: Server) -> None:
    """Exit 4, and the journal's place, which holds what became of the edit."""
    ran = redirected(shop, f"apply --yes --format {output}", ">/dev/full")
    assert ran.code == 4
    assert len(server.edits()) == 1
    assert f"edits were sent, then: writing to standard output: {FULL}" in ran.err
    assert_journal_named(ran.err)


def test_words_that_cannot_be_written_after_edits(shop: Workplace, server: Server) -> None:
    """The log of calls is output too: exit 4, told on standard output, which still works."""
    ran = redirected(shop, "apply --yes -v", "2>/dev/full")
    assert ran.code == 4
    assert len(server.edits()) == 1
    assert f"edits were sent, then: writing to standard error: {FULL}" in ran.out
    assert_journal_named(ran.out)


def test_words_that_cannot_be_written(shop: Workplace) -> None:
    """A warning that nobody sees makes the run an error; the result is whole all the same."""
    shop.customer("acme", "CustomerID: 7\nName: Acme\nWebsite: NULL\n")
    plain = redirected(shop, "plan", "")
    assert "warning: " in plain.err
    ran = redirected(shop, "plan", "2>/dev/full")
    assert ran.code == 1
    assert "1 edit" in ran.out
    assert f"Error: writing to standard error: {FULL}" in ran.out


def test_an_error_that_cannot_be_written(shop: Workplace) -> None:
    """It is told on the other stream, with the code that it has."""
    ran = redirected(shop, "plan --max-calls 1", "2>/dev/full")
    assert ran.code == 1
    assert "--max-calls" in ran.out
    ran = redirected(shop, "apply --yes --expect sha256:0", "2>/dev/full")
    assert ran.code == 3
    assert "nothing was edited" in ran.out


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
def test_a_plan_on_standard_output_is_all_of_it(name: str, shop: Workplace) -> None:
    """JSON and nothing else, and the link `/dev/stdout` is what it was."""
    ran = redirected(shop, f"plan --detailed-exitcode --out {name}", "")
    assert ran.code == 2
    assert ran.json["summary"]["edit"] == 1
    assert redirected(shop, f"plan --out {name}", "| true; exit ${PIPESTATUS[0]}").code == 0
    ran = redirected(shop, f"plan --out {name}", ">/dev/full")
    assert ran.code == 1
    assert f"Error: saving the plan: cannot write {'stdout' if name == '-' else name}: {FULL}" in ran.err
    assert Path("/dev/stdout").is_symlink()


def test_a_device_and_a_pipe_are_written_to(shop: Workplace) -> None:
    """Neither is replaced; what cannot be brought there is an error, and the reader of a pipe gets it whole."""
    assert redirected(shop, "plan --out /dev/null", "").code == 0
    for words in ("plan --out /dev/full", "drift --record /dev/full"):
        ran = redirected(shop, words, "")
        assert ran.code == 1
        assert f"cannot write /dev/full: {FULL}" in ran.err
    os.mkfifo(shop.folder / "pipe")
    redirected(shop, "plan --out pipe", "& cat pipe >read.json; wait")
    assert json.loads((shop.folder / "read.json").read_text())["summary"]["edit"] == 1
    assert (shop.folder / "pipe").is_fifo()


def test_a_pipe_that_nobody_reads(shop: Workplace, server: Server) -> None:
    """It is an error after the timeout, before the first call."""
    os.mkfifo(shop.folder / "pipe")
    before = server.calls()
    ran = redirected(shop, "plan --timeout 1 --out pipe", "")
    assert ran.code == 1
    assert "cannot write pipe: nobody read it for 1 s" in ran.err
    assert server.calls() == before


def test_a_limit_of_file_sizes(shop: Workplace) -> None:
    """A file that may not grow is told like a full disk."""
    ran = redirected(shop, "schema", ">schema.json; code=$?; exit $code")
    assert ran.code == 0
    line = f'ulimit -f 1; exec "{COMMAND}" schema >schema.json'
    done = subprocess.run(
        [BASH, "-c", line], cwd=shop.folder, env=shop.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Error: writing to standard output: File too large" in done.stderr


def test_a_pipe_that_does_not_block(shop: Workplace) -> None:
    """Where a parent made the pipe non-blocking, a result that is larger than it arrives whole."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with shop.start("schema", stdout=writer) as process:
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            received = pipe.read()
    assert process.returncode == 0
    assert received.decode() == shop.run("schema").out


def test_standard_input_is_no_file_of_ours(shop: Workplace, server: Server) -> None:
    """With a closed standard input nobody can be asked, and no file takes its number."""
    ran = redirected(shop, "apply", "<&-")
    assert ran.code == 3
    assert "cannot ask for confirmation: standard input is closed" in ran.err
    assert redirected(shop, "apply --yes", "<&-").code == 0
    assert len(server.edits()) == 1


def assert_journal_named(text: str) -> None:
    """The journal that the text names is there, and has the edit's result."""
    found = re.search(r"the journal (\S+\.jsonl) says what became of each edit", text)
    assert found, text
    assert '"outcome": "edited"' in Path(found[1]).read_text()
