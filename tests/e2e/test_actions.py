"""What GitHub Actions gets beside the ordinary output, through the installed command."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kit.programs import GIT
from tests.kit.runner import Command, commands
from tests.kit.server import Customer

if TYPE_CHECKING:
    from tests.kit.server import Server
    from tests.kit.workplace import Ran, Workplace

ACME = "CustomerID: 7\nName: Acme\nWebsite: https://acme.example\nFields:\n  Tier: Gold\n"
WORDS = {"plan": ("plan",), "apply": ("apply", "--yes"), "drift": ("drift",)}


@pytest.fixture
def shop(server: Server, place: Workplace) -> Workplace:
    """One customer that differs, in the folder `crm` of a workspace on GitHub."""
    server.seed(Customer(7, "Acme", fields={"Tier": "Silver"}), fields=("Tier", "Tax id"))
    place.customer("acme", ACME)
    place.environment |= {
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(place.folder.parent),
        "GITHUB_STEP_SUMMARY": str(place.folder / "summary.md"),
    }
    return place


def outside(place: Workplace, *words: str) -> Ran:
    """The same command where no runner reads along."""
    return place.run(*words, GITHUB_ACTIONS="")


def commit(folder: Path) -> None:
    """Put everything into a new repository."""
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message=All")):
        subprocess.run([GIT, *who, *words], cwd=folder, check=True)


def summary(place: Workplace) -> str:
    """What the step's summary holds."""
    path = place.folder / "summary.md"
    return path.read_text() if path.exists() else ""


def test_validate_shows_problems_at_their_lines(shop: Workplace) -> None:
    """Errors and warnings come with the path that the forge knows, on stderr; stdout is as anywhere else."""
    shop.customer("acme", ACME + "Nmae: x\n")
    shop.customer("bolt", "CustomerID: 8\nName: Bolt\nWebsite: a #b\n")
    ran = shop.run("validate")
    error, warning = commands(ran.err)
    assert error.properties == {
        "file": "repo/customers/acme.yaml",
        "line": "6",
        "col": "1",
        "title": "reconciler",
    }
    assert (error.name, error.text) == ("error", 'unknown key "Nmae"; did you mean "Name"?')
    assert (warning.name, warning.properties["file"]) == ("warning", "repo/customers/bolt.yaml")
    assert (ran.code, commands(ran.out)) == (1, [])
    plain = outside(shop, "validate")
    assert (plain.code, plain.out, plain.err) == (1, ran.out, "")


@pytest.mark.parametrize("command", WORDS)
def test_a_bad_file_is_shown_by_each_command_that_reads_it(command: str, shop: Workplace) -> None:
    """plan, apply and drift stop at it, and GitHub shows it."""
    shop.customer("acme", ACME + "Nmae: x\n")
    ran = shop.run(*WORDS[command], "--format", "json")
    assert [(it.name, it.properties["line"]) for it in commands(ran.err)] == [("error", "6")]
    assert (ran.code, ran.out) == (1, "")


@pytest.mark.parametrize("output", ["text", "json", "markdown", "html"])
@pytest.mark.parametrize("command", WORDS)
def test_a_field_that_rpm_lacks_is_shown(command: str, output: str, shop: Workplace) -> None:
    """A problem that only RPM could tell is at its line too, and stdout stays what it is outside of Actions."""
    shop.customer("acme", ACME + "  Teir: Gold\n")
    ran = shop.run(*WORDS[command], "--format", output)
    (found,) = commands(ran.err)
    assert (found.name, found.properties["file"], found.properties["line"]) == (
        "error",
        "repo/customers/acme.yaml",
        "6",
    )
    assert "Teir" in found.text
    assert commands(ran.out) == []
    if output == "json":
        assert isinstance(ran.json, dict)


def test_settings_are_shown_at_their_lines(shop: Workplace) -> None:
    """A problem of reconciler.yaml is one too; started in a folder below, the path is still the forge's."""
    shop.settings("url: sandbox:\nparalel: 3\n")
    (shop.folder / "deeper").mkdir()
    shop.folder /= "deeper"
    (found,) = commands(shop.run("validate").err)
    assert (found.properties["file"], found.properties["line"]) == ("repo/reconciler.yaml", "2")


def test_a_place_that_the_checkout_lacks_is_said_in_words(shop: Workplace) -> None:
    """A file at another commit, or outside the workspace: GitHub is not told to look for what it cannot find."""
    shop.customer("acme", ACME + "Nmae: x\n")
    ran = shop.run("validate", GITHUB_WORKSPACE=str(shop.folder / "elsewhere"))
    (found,) = commands(ran.err)
    assert found.properties == {"title": "reconciler"}
    assert found.text.startswith("customers/acme.yaml:6:1: unknown key")
    commit(shop.folder)
    shop.customer("acme", ACME)
    (found,) = commands(shop.run("plan", "--base", "HEAD").err)
    assert found.properties == {"title": "reconciler"}
    assert found.text.startswith("HEAD:customers/acme.yaml:6:1: unknown key")


def test_what_github_would_drop_is_counted(shop: Workplace) -> None:
    """It shows ten errors a step; all are in the log, and a notice says how many more."""
    shop.customer("acme", ACME + "".join(f"Key{number}: x\n" for number in range(12)))
    ran = shop.run("validate")
    assert [it.name for it in commands(ran.err)] == ["error"] * 10 + ["notice"]
    assert commands(ran.err)[-1].text == "2 more errors in this step's log; GitHub shows 10 a step"
    assert ran.out.count("unknown key") == 12


HOSTILE = (
    "::add-mask::x",
    "##[add-mask]x",
    "##vso[task.setvariable]x",
    "%0A::stop-commands::x",
    "a\\n::error::x",
)


@pytest.mark.parametrize("folder", HOSTILE[:3])
@pytest.mark.parametrize("words", [("validate",), ("fmt",), *WORDS.values(), ("adopt",), ("import", "--all")])
def test_no_command_comes_out_of_data(
    words: tuple[str, ...], folder: str, shop: Workplace, server: Server
) -> None:
    """Names, values, keys, files and folders of hostile spelling: all commands are annotations, and ours."""
    shop.settings(f'customers: "{folder}"\n')
    for number, text in enumerate(HOSTILE, 1):
        quoted = f"CustomerID: {number}\nName: '{text}'\nWebsite: \"{text}\"\n"
        shop.file(f"{folder}/::error::{text}.yaml", quoted)
    server.seed(
        *(Customer(number, text, website=text[1:]) for number, text in enumerate(HOSTILE, 1)),
        *(Customer(number, f"{text} {number}") for number, text in enumerate(HOSTILE, 11)),
    )
    for more in ("", "".join(f"'{text}': x\n" for text in HOSTILE)):
        shop.file(f"{folder}/b.yaml", f"CustomerID: 9\nName: '{HOSTILE[0].upper()}'\n{more}")
        ran = shop.run(*words)
        assert commands(ran.out) == []
        assert {(it.name, it.properties.get("title")) for it in commands(ran.err)} <= {
            ("error", "reconciler")
        }
        words_for_people = [line for line in ran.err.splitlines() if not line.startswith("::")]
        assert "##vso[" not in "\n".join([ran.out, *words_for_people])


@pytest.mark.parametrize("output", ["text", "json", "markdown", "html"])
@pytest.mark.parametrize("command", ["plan", "drift"])
def test_the_summary_is_the_markdown_report(command: str, output: str, shop: Workplace) -> None:
    """Whatever stdout is asked to be, the step's page gets the report that a pull request would."""
    ran = shop.run(command, "--format", output)
    wanted = outside(shop, command, "--format", "markdown").out
    assert summary(shop) == wanted
    assert commands(ran.err) == []
    again = shop.run(command)
    assert (again.code, summary(shop)) == (ran.code, f"{wanted}\n{wanted}")


def test_the_summary_of_an_apply(shop: Workplace, server: Server) -> None:
    """What became of each customer, also where a guard let none be tried."""
    assert shop.run("apply", "--yes", "--confirm-edits", "5").code == 3
    assert "1 not tried" in summary(shop)
    (shop.folder / "summary.md").unlink()
    assert shop.run("apply", "--yes").code == 0
    assert summary(shop).startswith("**1 of 1 customer edited")
    assert server.values()[7]["Fields.Tier"] == "Gold"


def test_masked_values_are_in_neither(shop: Workplace, server: Server) -> None:
    """A masked value reaches no summary and no annotation."""
    server.by_hand(7, {"Fields.Tax id": "CANARY-1"})
    shop.settings("mask: [Fields.Tax id]\nfields:\n  Tax id: {type: date}\n")
    shop.customer("acme", ACME + "  Tax id: CANARY-2\n")
    for command, words in WORDS.items():
        ran = shop.run(*words)
        assert "CANARY" not in ran.out + ran.err + summary(shop), command


@pytest.mark.parametrize(
    "trouble", ["folder", "no such folder", "not writable", "pipe", "full disk", "too large"]
)
@pytest.mark.parametrize("command", WORDS)
def test_a_summary_that_cannot_be_written_changes_nothing_else(
    command: str, trouble: str, shop: Workplace, server: Server
) -> None:
    """The exit code and stdout are what they would be, and stderr says why there is no summary."""
    path = shop.folder / "summary.md"
    if trouble == "folder":
        path.mkdir()
    elif trouble == "no such folder":
        path = path / "in it"
    elif trouble == "not writable":
        path = Path("/proc/version")
    elif trouble == "pipe":
        os.mkfifo(path)
    elif trouble == "full disk":
        path = Path("/dev/full")
    else:
        path.write_text("x" * (1024 * 1024 - 100))
    ran = shop.run(*WORDS[command], "--format", "json", GITHUB_STEP_SUMMARY=str(path))
    assert ran.code == {"plan": 0, "apply": 0, "drift": 2}[command]
    assert isinstance(ran.json, dict)
    assert ran.err.startswith("the step's summary could not be written: ")
    assert ran.err.count("\n") == 1
    if trouble == "too large":
        assert path.stat().st_size == 1024 * 1024 - 100
        assert "1,048,576 bytes" in ran.err
    assert server.values()[7]["Fields.Tier"] == ("Gold" if command == "apply" else "Silver")


def test_a_step_that_writes_the_summary_itself_gets_it_once(shop: Workplace) -> None:
    """Stdout sent to the summary is the summary; nothing is doubled."""
    path = shop.folder / "summary.md"
    with path.open("ab") as stream:
        child = shop.start("plan", "--format", "markdown", stdout=stream)
        assert (child.communicate(timeout=60)[1], child.returncode) == ("", 0)
    assert summary(shop) == outside(shop, "plan", "--format", "markdown").out


def test_outside_of_actions_nothing_is_added(shop: Workplace) -> None:
    """No annotation and no summary, though the variables of a runner are left over."""
    shop.customer("acme", ACME + "  Teir: Gold\n")
    for words in WORDS.values():
        ran = outside(shop, *words)
        assert commands(ran.out + ran.err) == []
    assert summary(shop) == ""


def test_the_runner_of_these_tests_reads_commands() -> None:
    """The model of the runner obeys what the runner would: both spellings, in and out of place."""
    assert commands("x\n  ::error file=a%2Cb,line=3::c%0Ad%2C\ny ##[add-mask]z ::no::") == [
        Command("error", {"file": "a,b", "line": "3"}, "c\nd%2C"),
        Command("add-mask", {}, ""),
    ]
