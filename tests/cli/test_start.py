"""How the command starts: by its name or as a module, on which systems, and what a shell or an index is told of it."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from reconciler.cli import COMMANDS, run
from reconciler.report.render import render
from tests.kit.server import Customer, Server
from tests.kit.workplace import COMMAND, Workplace
from tests.report.test_plans import full

ROOT = Path(__file__).parents[2]


def test_the_module_is_the_command() -> None:
    """`python -m reconciler` says what `reconciler` says."""
    said = [
        subprocess.run([*words, "--help"], check=True, capture_output=True, text=True).stdout
        for words in ([COMMAND], [sys.executable, "-m", "reconciler"])
    ]
    assert said[0] == said[1]


@pytest.mark.parametrize("words", [("plan",), ("apply", "--yes"), ("plan", "--select", "no"), ("nonsense",)])
def test_a_fork_does_what_the_process_does(words: tuple[str, ...], place: Workplace, server: Server) -> None:
    """Most tests fork the command (`tests.kit.forks`): the same calls, words and exit code as of a process of its own."""
    server.seed(Customer(7, "Acme"))
    place.customer("acme", "CustomerID: 7\nName: Acme, Inc.\n")
    forked = place.run(*words)
    calls = server.calls()
    server.seed(Customer(7, "Acme"))
    assert place.run(*words, PYTHONNOUSERSITE="1") == forked
    assert server.calls() == calls


def test_windows_is_told_where_it_runs() -> None:
    """One sentence and exit 1, before anything is imported that Windows does not have."""
    program = """
import sys
sys.platform = "win32"
for name in ("fcntl", "select"):
    sys.modules[name] = None
from reconciler.__main__ import main
main()
"""
    ran = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert ran.returncode == 1
    assert ran.stderr.splitlines() == [
        "reconciler runs on Linux, on macOS and, on Windows, under WSL (wsl --install); not on Windows itself"
    ]


def test_an_interrupt_while_it_is_imported_is_an_interrupt() -> None:
    """That is a tenth of a second, in which somebody who typed a wrong word presses Ctrl-C."""
    program = """
import sys

class Interrupted:
    def find_spec(self, name, path, target=None):
        if name == "click":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupted())
from reconciler.__main__ import main
main()
"""
    ran = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (130, "interrupted; nothing was edited\n")


@pytest.mark.parametrize(
    ("shell", "environment", "says"),
    [
        ("bash", {"COMP_WORDS": "reconciler pl", "COMP_CWORD": "1"}, "plain,plan"),
        ("bash", {"COMP_WORDS": "reconciler plan --ba", "COMP_CWORD": "2"}, "plain,--base"),
        ("zsh", {"COMP_WORDS": "reconciler pl", "COMP_CWORD": "1"}, "plain\nplan\nShow the differences"),
        ("fish", {"COMP_WORDS": "reconciler", "COMP_CWORD": "pl"}, "plain,plan\tShow the differences"),
    ],
)
def test_a_shell_completes(shell: str, environment: dict[str, str], says: str) -> None:
    """The script of each shell is to be had, and its question is answered."""
    ask = {"_RECONCILER_COMPLETE": f"{shell}_source"}
    script = subprocess.run([COMMAND], env=ask, check=True, capture_output=True, text=True).stdout
    assert f"_RECONCILER_COMPLETE={shell}_complete" in script
    question = {**environment, "_RECONCILER_COMPLETE": f"{shell}_complete"}
    answer = subprocess.run([COMMAND], env=question, check=True, capture_output=True, text=True).stdout
    assert answer.startswith(says)


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"_RECONCILER_COMPLETE": "bash"}, '_RECONCILER_COMPLETE="bash" is unknown'),
        ({"_RECONCILER_COMPLETE": "tcsh_source"}, "bash_source, zsh_source and fish_source print"),
        ({"_RECONCILER_COMPLETE": "zsh_complete"}, "COMP_WORDS and COMP_CWORD do not say what was typed"),
        (
            {"_RECONCILER_COMPLETE": "bash_complete", "COMP_WORDS": "a", "COMP_CWORD": "x"},
            "bash_source prints",
        ),
        (
            {"_RECONCILER_COMPLETE": "fish_complete", "COMP_WORDS": "a", "COMP_CWORD": " "},
            "fish_source prints",
        ),
    ],
    ids=str,
)
def test_a_question_that_no_shell_asks_is_an_input_error(
    environment: dict[str, str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not a fault of ours, and not silence."""
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    assert run([]) == 1
    told = capsys.readouterr().err
    assert told.startswith("Error: completing a command line: ")
    assert says in told


def test_the_example_of_the_first_help_works_in_an_empty_folder(tmp_path: Path) -> None:
    """Outside of a clone, too: customers, settings and the sandbox come from the package."""
    help_text = subprocess.run([COMMAND, "--help"], check=True, capture_output=True, text=True).stdout
    example = help_text.rpartition("Example: ")[2].strip()
    folder = tmp_path / "empty"
    folder.mkdir()
    scripts = sysconfig.get_path("scripts")
    around = {"PATH": f"{scripts}:/usr/bin:/bin", "HOME": str(tmp_path)}
    ran = subprocess.run(
        ["/bin/sh", "-c", example], cwd=folder, env=around, check=True, capture_output=True, text=True
    )
    assert "Next: reconciler plan, then reconciler apply" in ran.stdout
    assert "6 customers to edit" in ran.stdout
    again = subprocess.run(
        [COMMAND, "init", "--example"], cwd=folder, check=False, capture_output=True, text=True
    )
    assert again.returncode == 1
    assert "customers/ already contains customer files" in again.stderr


def test_a_wheel_has_the_example(tmp_path: Path) -> None:
    """What `init --example` writes is packed where it is looked for."""
    tool = Path(sysconfig.get_path("scripts")) / "hatchling"
    words = [str(tool), "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    customers = {path.name for path in (ROOT / "customers").iterdir()}
    assert {f"reconciler/ci/example/customers/{name}" for name in customers} <= names
    assert "reconciler/ci/example/reconciler.yaml" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_sandbox_says_how_to_connect(place: Workplace) -> None:
    """The lines can be pasted, and what they say works; `reset` says what it did."""
    with place.start("sandbox", "serve") as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(4)]
        settings = dict(word.split("=", 1) for word in said[2].removeprefix("connect: export ").split())
        ran = place.run("check", **settings)
        process.terminate()
    assert "ok    subscriber" in ran.out or "1207" in ran.out
    assert said[0].startswith("listening on http://127.0.0.1:")
    assert said[3] == "stop: Ctrl-C"
    assert "the example subscription again, 40 customers" in place.run("sandbox", "reset").out


def test_an_index_page_has_no_link_that_leads_nowhere() -> None:
    """A package index shows the README without the repository beside it."""
    tool = Path(sysconfig.get_path("scripts")) / "hatchling"
    shown = subprocess.run([tool, "metadata"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    metadata = json.loads(shown)
    text = metadata["readme"]["text"]
    assert text.count("](") == text.count("](https://")
    assert "the tutorial: from an empty folder" in text
    assert metadata["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")


SLOW = ("asyncio", "difflib", "httpx", "jinja2", "logging", "rich", "sqlite3", "ssl", "yaml")
"""What takes long to import and no help needs."""


def imported(*words: str) -> set[str]:
    """The modules that a command line imports, without those that Python starts with."""
    started = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "reconciler", *words],
        check=True,
        capture_output=True,
        text=True,
    )
    return {
        line.rpartition("|")[2].strip()
        for line in started.stderr.splitlines()
        if line.startswith("import time:")
    }


@pytest.mark.parametrize("name", [*COMMANDS, "ci plan", "ci apply"])
def test_help_imports_little(name: str) -> None:
    """The time that a help takes is that of its imports: counted, since a clock says something else each time."""
    modules = imported(*name.split(), "--help")
    assert not modules & set(SLOW)
    assert len(modules) <= 150


def test_validate_imports_no_network(tmp_path: Path) -> None:
    """Files are checked without the modules that talk to RPM, compare or render."""
    folder = tmp_path / "customers"
    folder.mkdir()
    (folder / "acme.yaml").write_text("Name: Acme\n")
    modules = imported("validate", "--customers", str(folder))
    assert not modules & (set(SLOW) - {"yaml", "sqlite3"})
    assert not {it for it in modules if it.startswith(("reconciler.rpm", "reconciler.plan", "deepdiff"))}
    assert len(modules) <= 220


@pytest.mark.parametrize(("output", "needed", "most"), [("text", {"rich"}, 200), ("html", {"jinja2"}, 280)])
def test_show_imports_what_its_format_needs(output: str, needed: set[str], most: int, tmp_path: Path) -> None:
    """A saved plan is shown without the modules that read files, ask RPM or git, or draw the history of audits."""
    plan = tmp_path / "plan.json"
    plan.write_text(render(full(), "json"))
    modules = imported("show", str(plan), "--format", output)
    assert modules & set(SLOW) == needed
    outside = ("reconciler.rpm.reader", "reconciler.customers", "reconciler.repo.git", "deepdiff")
    assert not {it for it in modules if it.startswith(outside)}
    assert len(modules) <= most


def test_httpx_does_without_its_own_command_line() -> None:
    """It would bring rich and pygments along: two thirds of its import."""
    program = "import sys, reconciler.rpm.client; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert not {"rich", "pygments", "click"} & set(ran.stdout.split())
