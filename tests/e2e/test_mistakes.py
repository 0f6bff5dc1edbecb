"""Mistakes at the command line: each says what was being done, to what, what is wrong, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kit.server import Customer

if TYPE_CHECKING:
    from tests.kit.server import Server
    from tests.kit.workplace import Workplace

BEFORE_ANY_CALL = {
    "no-command-like-it": ("plna", "No such command 'plna'; did you mean \"plan\"?\n  → reconciler --help"),
    "no-flag-like-it": ("plan --api-key x", "No such option '--api-key'. Did you mean '--api-key-file'?\n  → reconciler plan --help"),
    "format": ("plan --format yaml", "Invalid value for '--format': 'yaml' is not one of 'text', 'json', 'markdown', 'html'.\n  → reconciler plan --help"),
    "number": ("plan --parallel many", "Invalid value for '--parallel': 'many' is not a whole number from 1 to 100\n  → reconciler plan --help"),
    "path-that-is-not-there": ("plan acme.yaml", "selecting customers: there is no acme.yaml\n  → name a customer file or a folder of them, as in customers/acme.yaml"),
    "path-of-validate": ("validate acme.yaml", "selecting customers: there is no acme.yaml\n  → name a customer file or a folder of them, as in customers/acme.yaml"),
    "one-path-of-validate": ("validate customers/acme.yaml acme.yaml", "selecting customers: there is no acme.yaml\n  → name a customer file or a folder of them, as in customers/acme.yaml"),
    "path-elsewhere": ("plan notes.txt", "selecting customers: notes.txt contains no file of customers/\n  → name a customer file or a folder of them, as in customers/acme.yaml"),
    "selection": ("plan --select Nobody*", "selecting customers: \"Nobody*\" matches no customer\n  → give a CustomerID, a name, a value as in Fields.Tier=Gold, or a pattern of names as in 'Acme*'"),
    "changed-since-what": ("apply --changed", "--changed needs --base REF, to know what changed\n  → as in --base origin/main --changed"),
    "no-folder": ("plan --customers clients", "reading the customers: there is no folder clients\n  → name it with --customers or `customers:`; `reconciler init` begins a repository"),
    "no-folder-but-a-file": ("plan --customers notes.txt", "reading the customers: notes.txt is not a folder\n  → name it with --customers or `customers:`; `reconciler init` begins a repository"),
    "out": ("plan --out nowhere/plan.json", "saving the plan: cannot write nowhere/plan.json: there is no folder {folder}/nowhere\n  → nothing was asked of RPM"),
    "out-is-a-folder": ("plan --out customers", "saving the plan: cannot write customers: it is a folder\n  → nothing was asked of RPM"),
    "record": ("drift --record nowhere/audits.jsonl", "recording the audit: cannot write nowhere/audits.jsonl: there is no folder {folder}/nowhere\n  → nothing was asked of RPM"),
    "key-file": ("plan --api-key-file keys", "reading the API key: keys: No such file or directory\n  → --api-key-file names a file that contains the key and nothing else"),
    "http": ("plan --url http://rpm.example/", "reading the url 'http://rpm.example/': plain http would show the key to everybody on the way\n  → write https"),
    "plan-that-is-not-there": ("apply plan.json", "reading the plan plan.json: there is no such file\n  → `reconciler plan --out FILE` saves one"),
    "plan-is-a-folder": ("show customers", "reading the plan customers: it is not a file\n  → `reconciler plan --out FILE` saves one"),
    "identity": ("apply --confirm-identity Acme", "reading --confirm-identity: CustomerIDs are needed, with commas between them\n  → as in --confirm-identity 10023,10044"),
    "no-value": ("plan --select", "Option '--select' requires an argument.\n  → reconciler plan --help"),
    "ignore": ("plan --ignore Tier", 'reading --ignore: "Tier" is no attribute: Name, Website, Address, or a custom field as in Fields.Tier'),
    "import-nothing": ("import", "give CustomerIDs, or --all for every customer that has no file\n  → reconciler import --help"),
    "import-both": ("import 7 --all", "give CustomerIDs, or --all for every customer that has no file, not both\n  → reconciler import --help"),
    "adopt-a-name": ("adopt Acme", "Invalid value for '[IDS]...': 'Acme' is not a whole number from 1 to 9223372036854775807\n  → reconciler adopt --help"),
    "adopt-without-file": ("adopt 9", "adopting: no file has CustomerID 9\n  → nothing was written; `reconciler drift` lists what has drifted"),
    "fmt": ("fmt acme.yaml", "formatting: acme.yaml does not exist\n  → name files or folders of customers, or none for all"),
    "fmt-elsewhere": ("fmt notes.txt", "formatting: notes.txt contains no customer file\n  → name files or folders of customers, or none for all"),
    "forge": ("init --ci jenkins", "Invalid value for '--ci': 'jenkins' is not one of 'github', 'gitlab', 'both', 'none'.\n  → reconciler init --help"),
}  # fmt: skip


@pytest.fixture
def shop(place: Workplace, server: Server) -> Workplace:
    """Acme, whose Tier git wants to be Silver; beside it a file that is no customer's."""
    server.seed(Customer(7, "Acme", fields={"Tier": "Gold"}), fields=("Tier",))
    place.customer("acme", "CustomerID: 7\nName: Acme\nFields:\n  Tier: Silver\n")
    place.file("notes.txt", "notes\n")
    return place


@pytest.mark.parametrize("name", BEFORE_ANY_CALL)
def test_told_before_any_call(shop: Workplace, server: Server, name: str) -> None:
    """Exit code 1, these words on stderr and nothing else, and RPM is not asked: calls are billed."""
    words, said = BEFORE_ANY_CALL[name]
    ran = shop.run(*words.split())
    assert (ran.code, ran.out, ran.err) == (1, "", f"Error: {said.replace('{folder}', str(shop.folder))}\n")
    assert server.calls() == []


def test_no_command_at_all(shop: Workplace) -> None:
    """The help is shown as it is, without the word Error before it."""
    ran = shop.run()
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == shop.run("--help").out


def test_no_git(shop: Workplace, server: Server) -> None:
    """`--base` outside of a repository says why git is needed."""
    ran = shop.run("plan", "--base", "main", GIT_CEILING_DIRECTORIES=str(shop.folder.parent))
    advice = "--base needs the history of git: run this in a clone, or leave --base out"
    said = f"reading base main: {shop.folder} is in no git repository"
    assert (ran.code, ran.err) == (1, f"Error: {said}\n  → {advice}\n")
    assert server.calls() == []


def test_another_subscription(shop: Workplace) -> None:
    """The pin and the key's subscription are both named, wherever the pin was said."""
    ran = shop.run("plan", "--subscriber", "99")
    assert ran.code == 3
    assert "checking the subscriber: 99 is pinned, but the key belongs to 1207 (" in ran.err
    assert "→ use a key of that subscription, or correct `subscriber:` (--subscriber); nothing was" in ran.err


def test_nobody_there_to_ask(shop: Workplace, server: Server) -> None:
    """Without a terminal the flag is named that applies without asking, and the one that makes it safe."""
    ran = shop.run("apply")
    said = "cannot ask for confirmation: there is no terminal; nothing was edited"
    digest = shop.run("plan", "--format", "json").json["digest"]
    advice = f"to apply this plan without being asked, add --yes: `reconciler apply --expect {digest}`"
    assert (ran.code, ran.err) == (3, f"Error: {said}\n  → {advice}\n")
    assert ran.out.endswith(f"Next: `reconciler apply --expect {digest}`\n"), "nobody is asked"
    assert server.edits() == []


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        ("--confirm-edits=3", "--confirm-edits 3 was given, but the plan edits 1 customer\n  → --confirm-edits 1"),
        ("--max-edits=0", "the plan edits 1 customer; limits.edits allows 0\n  → --confirm-edits 1"),
        (
            "--confirm-conflicts=1",
            "--confirm-conflicts 1 was given, but the plan has 0 conflicts\n  → --confirm-conflicts 0",
        ),
        ("--max-calls=2", "2 calls were made and 1 edit is to come; limits.calls allows 2\n  → --max-calls 3"),
    ],
)  # fmt: skip
def test_refused_by_number(shop: Workplace, server: Server, flag: str, said: str) -> None:
    """One is not spoken of as many, and the flag that lifts the refusal is named with its number."""
    ran = shop.run("apply", "--yes", flag)
    assert (ran.code, ran.err) == (3, f"Error: refused: {said}\nnothing was edited\n")
    assert ran.out.splitlines()[-1].startswith("Next: `reconciler apply ")
    assert ran.out.endswith(f"`; apply refuses this without {said.rpartition('→ ')[2]}\n")
    assert server.edits() == []


def test_a_stale_plan_names_a_customer_once(shop: Workplace, server: Server) -> None:
    """An edit that became another one is one reason, not two."""
    shop.run("plan", "--out", "plan.json")
    shop.customer("acme", "CustomerID: 7\nName: Acme\nFields:\n  Tier: Bronze\n")
    ran = shop.run("apply", "plan.json", "--yes")
    reason = 'the plan plan.json is stale; nothing was edited:\n  customer 7 (Acme): Fields.Tier in YAML went from "Silver" to "Bronze"'
    assert (ran.code, ran.err) == (
        3,
        f"Error: {reason}\n  → look at a new plan, and have that one approved\n",
    )
    assert server.edits() == []


def test_another_path(shop: Workplace, server: Server) -> None:
    """A server that has no such page is asked once, and the address is shown for somebody to look at."""
    ran = shop.run("plan", "--url", f"{server.url}/other/")
    advice = f"check the url: is {server.url}/other/api2.svc/ where RPM is?"
    assert (ran.code, ran.err) == (1, f"Error: Customers: HTTP status 404: Not Found\n  → {advice}\n")


def test_nobody_answers(shop: Workplace) -> None:
    """A refused connection is told in words; numbers of the operating system help nobody."""
    ran = shop.run("plan", "--url", "http://127.0.0.1:9/")
    said = "cannot reach 127.0.0.1 (Connection refused)"
    assert (ran.code, ran.err) == (
        1,
        f"Error: Customers: {said}\n  → check the url and the network; nothing was sent\n",
    )
