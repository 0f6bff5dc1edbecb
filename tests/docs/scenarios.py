"""Situations that produce the JSON documents, each through the installed command; this module holds no test itself.

A scenario yields the name of a schema and the text that a command wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.e2e.test_three_sides import commit, git
from tests.kit.git import Git
from tests.kit.server import Customer, read_slowly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.kit.server import Server
    from tests.kit.workplace import Workplace

    Documents = Iterator[tuple[str, str]]

FIELDS: Final = ("Tier", "Zip", "Tax id", "Services")


def shop(place: Workplace, server: Server) -> None:
    """Four customers as RPM has them, in git."""
    server.seed(
        Customer(7, "Acme", "https://acme.example", "1 Main", {"Tier": "A", "Zip": "1", "Tax id": "T"}),
        *(Customer(number, name, fields={"Tier": "A"}) for number, name in ((8, "Bolt"), (9, "Cog"))),
        Customer(10, "Dyn", aliases=("Dynamo",)),
        Customer(11, "Nobody's"),
        fields=FIELDS,
    )
    git(place.folder, "init", "-q", "-b", "main")
    for number, name in ((7, "Acme"), (8, "Bolt"), (9, "Cog"), (10, "Dyn")):
        customer(place, number, name, Tier="A" if number < 10 else "")
    commit(place, "begin")


def customer(place: Workplace, number: int | None, name: str, website: str = "", **fields: str) -> None:
    """Write a customer's file; an underscore in a field's name is a space."""
    head = f"CustomerID: {number}\n" if number else ""
    lines = "".join(f'  {field.replace("_", " ")}: "{text}"\n' for field, text in fields.items())
    more = f"Website: {website}\n" if website else ""
    stem = str(number or name).lower()
    place.customer(stem, f"{head}Name: {name}\n{more}" + (f"Fields:\n{lines}" if lines else ""))


def run(place: Workplace, *words: str, code: int = 0) -> str:
    """The document that a command prints, when it ends with that code."""
    ran = place.run(*words, "--format", "json")
    assert ran.code == code, (words, ran)
    return ran.out


def clean(place: Workplace, server: Server) -> Documents:
    """Nothing differs: an empty plan, an empty audit, a report of nothing."""
    yield "plan", run(place, "plan", "--detailed-exitcode")
    yield "apply", run(place, "apply")
    yield "drift", run(place, "drift")
    yield "adopt", run(place, "adopt")
    yield "list", run(place, "list")


def changes(place: Workplace, server: Server) -> Documents:
    """Every kind of attribute; saved, shown, applied, and applied again."""
    text = "CustomerID: 7\nName: ACME\nWebsite: ''\nAddress: |\n  1 Main\n  Sofia\nFields:\n  Tier: B\n"
    place.customer("7", text + "  Services: 'é 😀 \uffee ##[x]'\n")
    yield "plan", run(place, "plan", "--out", "plan.json")
    yield "plan", (place.folder / "plan.json").read_text()
    yield "plan", run(place, "show", "plan.json")
    yield "apply", run(place, "apply", "plan.json", "--yes")
    yield "apply", run(place, "apply", "plan.json", "--yes")


def renames(place: Workplace, server: Server) -> Documents:
    """A swap through a temporary name, and a chain behind it."""
    customer(place, 7, "Bolt", Tier="B")
    customer(place, 8, "Acme", Tier="B")
    customer(place, 9, "Cogs")
    customer(place, 10, "Cog")
    yield "plan", run(place, "plan")
    yield "drift", run(place, "drift", code=2)
    yield "apply", run(place, "apply", "--yes")


def four_classes(place: Workplace, server: Server) -> Documents:
    """Change, drift, conflict and converged beside what YAML let go; the conflict is refused."""
    server.by_hand(7, {"Fields.Tier": "C"})
    server.by_hand(8, {"Fields.Tier": "C"})
    server.by_hand(9, {"Fields.Tier": "B"})
    customer(place, 7, "Acme", Tier="B", Zip="2")
    customer(place, 9, "Cog", Tier="B")
    customer(place, 10, "Dyn", "https://dyn.example")
    yield "plan", run(place, "plan", "--base", "HEAD")
    yield "apply", run(place, "apply", "--yes", "--base", "HEAD", code=3)
    yield "adopt", run(place, "adopt", "--base", "HEAD", code=4)


def third_side(place: Workplace, server: Server) -> Documents:
    """A base that is the first, that is not said, that changed its rules, and that was left behind."""
    place.settings("limits: {percent: 100}\n")
    git(place.folder, "add", "reconciler.yaml")
    yield "plan", run(place, "plan", "--base", "HEAD")
    place.customer("8", "Name: [\n")
    commit(place, "settings, and a file that cannot be read")
    customer(place, 8, "Bolt", Tier="B")
    yield "plan", run(place, "plan", "--base", "HEAD")
    git(place.folder, "branch", "theirs")
    commit(place, "repaired")
    git(place.folder, "switch", "-q", "theirs")
    customer(place, 8, "Bolt", Tier="C")
    commit(place, "repaired otherwise")
    git(place.folder, "config", "remote.origin.url", "https://git.example/")
    git(place.folder, "config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
    git(place.folder, "config", "branch.theirs.remote", "origin")
    git(place.folder, "config", "branch.theirs.merge", "refs/heads/theirs")
    git(place.folder, "update-ref", "refs/remotes/origin/theirs", "main")
    git(place.folder, "switch", "-q", "main")
    yield "plan", run(place, "plan", "--base", "theirs")
    place.settings("limits: 3\n")
    git(place.folder, "add", "reconciler.yaml")
    commit(place, "settings that cannot be read")
    place.settings("limits: {edits: 3}\n")
    yield "plan", run(place, "plan", "--base", "HEAD")
    yield "apply", run(place, "apply", "--yes", "--base", "HEAD", code=3)


def missing(place: Workplace, server: Server) -> Documents:
    """Merged, gone, and never there; without an id too."""
    server.merge(9, into=8)
    customer(place, None, "Elsewhere")
    customer(place, 99, "Nowhere")
    yield "plan", run(place, "plan", "--detailed-exitcode", code=2)
    yield "apply", run(place, "apply", "--yes", code=4)
    yield "drift", run(place, "drift", "--record", "audits.jsonl", code=2)
    yield "adopt", run(place, "adopt", code=4)
    yield from records(place)


def masked(place: Workplace, server: Server) -> Documents:
    """Masked values stand nowhere, ignored ones are counted."""
    server.by_hand(8, {"Fields.Tax id": "other"})
    place.settings("mask: [Fields.Tax id]\nignore: [Fields.Tier]\n")
    customer(place, 7, "Acme", Tier="B", Tax_id="U")
    customer(place, 8, "Bolt", Tier="A", Tax_id="V")
    yield "plan", run(place, "plan", "--base", "HEAD")
    yield "drift", run(place, "drift", "--record", "audits.jsonl", code=2)
    yield "adopt", run(place, "adopt", "7", "8")
    yield from records(place)


def refused(place: Workplace, server: Server) -> Documents:
    """Every guard says no once, and nothing is tried."""
    customer(place, 7, "Else", "https://else.example", Tier="B", Zip="2", Tax_id="U")
    yield "plan", run(place, "plan", "--max-edits", "0")
    yield "apply", run(place, "apply", "--yes", "--max-edits", "0", code=3)
    yield "plan", run(place, "plan", "--max-calls", "5")
    crowd = range(100, 110)
    server.seed(*(Customer(number, f"C{number}") for number in crowd), fields=FIELDS)
    for path in (place.folder / "customers").iterdir():
        path.unlink()
    for number in crowd:
        customer(place, number, f"D{number}")
    yield "plan", run(place, "plan")
    yield "apply", run(place, "apply", "--yes", code=3)


def problems(place: Workplace, server: Server) -> Documents:
    """A field that RPM does not have."""
    customer(place, 7, "Acme", Teir="A")
    for command in ("plan", "drift", "apply"):
        yield command, run(place, command, code=1)
    yield "adopt", run(place, "adopt", code=4)


def unpinned(place: Workplace, server: Server) -> Documents:
    """A file without an id, and a list that names a customer otherwise than its record."""
    (place.folder / "customers/8.yaml").unlink()
    customer(place, None, "Bolt", Tier="A")
    row = ["Result", "Customers", 0, "Customer"]
    action = {"do": "rewrite", "set": [[row, "Else"]]}
    server.faults({"endpoint": "Customers", "point": "P5", "action": action})
    yield "plan", run(place, "plan")
    yield "drift", run(place, "drift")


def outcomes(place: Workplace, server: Server) -> Documents:
    """Edited, not taken, failed, held, not tried and unknown."""
    customer(place, 7, "Acme", Tier="B")
    customer(place, 8, "Bolt", Tier="B")
    one = ("--parallel", "1")
    refusal = '{"Result":{"Error":{"Message":"A customer name is required"}}}'
    for action in ({"do": "retain"}, {"do": "reply", "body": refusal}):
        server.faults({"endpoint": "CustomerEdit", "customer": 7, "point": "P2", "action": action})
        yield "apply", run(place, "apply", "--yes", *one, code=4)
        server.faults()
        server.by_hand(8, {"Fields.Tier": "A"})
    hand = {"do": "hand", "customer": 7, "values": {"Fields.Tier": "Z"}}
    faster = {"endpoint": "Customer", "customer": 7, "nth": 2, "point": "P2", "action": hand}
    server.faults(read_slowly(7), faster)
    yield "apply", run(place, "apply", "--yes", "--read-age", "1", *one, code=4)
    server.by_hand(7, {"Fields.Tier": "B"})
    server.by_hand(8, {"Fields.Tier": "A"})
    server.faults({"endpoint": "CustomerEdit", "nth": 1, "point": "P2", "action": {"do": "close"}})
    yield "apply", run(place, "apply", "--yes", "--max-calls", "6", *one, code=4)


def audited(place: Workplace, server: Server) -> Documents:
    """Who set it, and an old value that came back; outside of git nobody is named."""
    customer(place, 7, "Acme", Tier="B")
    commit(place, "better")
    server.by_hand(8, {"Name": "Bolts", "Fields.Tier": "Y"})
    server.knobs(modified="missing")
    record = ("--record", "audits.jsonl")
    yield "drift", run(place, "drift", *record, code=2)
    yield "drift", run(place, "drift", "--base", "HEAD~1", *record, code=2)
    (place.folder / ".git").rename(place.folder / "no-git")
    place.environment["GIT_CEILING_DIRECTORIES"] = str(place.folder.parent)
    place.settings("subscriber: 1207\n")
    yield "drift", run(place, "drift", *record, code=2)
    yield from records(place)


def causes(place: Workplace, server: Server) -> Documents:
    """Merged and not applied yet; changed in RPM; and where nothing can tell."""
    repository = Git(place.folder)
    customer(place, 8, "Bolt", Tier="B")
    customer(place, 9, "Cog", Tier="B")
    repository.commit("wanted", date="2090-01-01T00:00:00Z")
    yield "drift", run(place, "drift", code=2)
    repository(
        "commit",
        "--quiet",
        "--amend",
        "--no-edit",
        "--date=2001-01-01T00:00:00Z",
        GIT_COMMITTER_DATE="2001-01-01T00:00:00Z",
    )
    server.by_hand(9, {"Fields.Tier": "by hand"})
    yield "drift", run(place, "drift", code=2)


def taken_in(place: Workplace, server: Server) -> Documents:
    """Adopted and left; imported with remarks and not at all."""
    server.by_hand(8, {"Fields.Tier": "bad \x07"})
    server.by_hand(9, {"Fields.Tier": "B"})
    yield "adopt", run(place, "adopt", code=4)
    server.seed(
        Customer(7, "Acme\x07"), Customer(8, "Bolt", fields={"Tier": "A", "Zip": "1"}), fields=FIELDS[:2]
    )
    server.knobs(duplicate_field="Tier")
    for path in (place.folder / "customers").iterdir():
        path.unlink()
    yield "import", run(place, "import", "--all", code=4)
    yield "import", run(place, "import", "--all", code=4)


def checked(place: Workplace, server: Server) -> Documents:
    """All well, a wrong key, and a surrounding where little works."""
    yield "check", run(place, "check")
    place.environment["RPM_API_KEY"] = "another"
    yield "check", run(place, "check", code=1)
    place.environment["RPM_API_URL"] = "sandbox:"
    place.file(".reconciler/sandbox.sqlite", "no database\n")
    place.file("production.key", "?\n")
    git(place.folder, "add", "production.key")
    place.customer("bad", "Nam: x\n")
    yield "check", run(place, "check", code=1)


def records(place: Workplace) -> Documents:
    """The lines of the record."""
    for line in (place.folder / "audits.jsonl").read_text().splitlines():
        yield "record", line


SCENARIOS: Final[Mapping[str, Callable[[Any, Any], Documents]]] = {
    it.__name__: it
    for it in (
        clean, changes, renames, four_classes, third_side, missing, masked, refused, problems, unpinned, outcomes, audited, causes,
        taken_in, checked,
    )
}  # fmt: skip
