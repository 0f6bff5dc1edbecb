"""A week of a repository: import, branch, plan, somebody edits RPM, merge, apply, nightly drift, adopt, commit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.test_three_sides import git
from tests.kit.server import Customer

if TYPE_CHECKING:
    from tests.kit.server import Server
    from tests.kit.workplace import Workplace

HOSTILE = {
    11: ("../../etc/passwd", "NO"),
    12: ("CON", "01234"),
    13: ("Müller & Söhne: #1", "a: b"),
    14: ("- dash", "two\nlines"),
    15: ("'quoted' \"twice\"", "null"),
    16: ("x" * 64, " spaced "),
    17: ("MÜLLER & SÖHNE; #1", "~"),
}


@pytest.mark.row("B141")
def test_a_week(server: Server, place: Workplace) -> None:
    """Each step by the installed command, and at the end git and RPM say the same."""
    server.seed(
        *(Customer(i, name, fields={"Tier": tier, "Zip": ""}) for i, (name, tier) in HOSTILE.items()),
        Customer(7, "Acme", fields={"Tier": "A", "Zip": "1"}),
        fields=("Tier", "Zip"),
    )
    git(place.folder, "init", "-q", "-b", "main")
    imported = place.run("import", "--all")
    assert imported.code == 0, imported.err
    assert len(server.calls()) == 1 + len(HOSTILE) + 1
    names = sorted(path.name for path in (place.folder / "customers").iterdir())
    assert len({name.casefold() for name in names}) == len(HOSTILE) + 1
    assert all(name.endswith(".yaml") and name.isprintable() and "/" not in name for name in names)
    assert [path.name for path in place.folder.parent.iterdir() if path.suffix == ".yaml"] == []
    assert place.run("plan", "--detailed-exitcode").code == 0
    assert place.run("import", "--all").code == 0
    assert place.run("validate").code == 0
    git(place.folder, "add", "customers")
    git(place.folder, "commit", "-q", "-m", "import")

    acme = next(
        path for path in (place.folder / "customers").iterdir() if "CustomerID: 7\n" in path.read_text()
    )
    git(place.folder, "checkout", "-q", "-b", "gold")
    acme.write_text("# ours\n" + acme.read_text().replace("Tier: A", "Tier: Gold   # agreed in March"))
    server.by_hand(7, {"Fields.Zip": "2"})
    before = len(server.calls())
    plan = json.loads(place.run("plan", "--base", "main", "--changed", "--format", "json").out)
    assert len(server.calls()) - before == 2
    assert {it["attribute"]: it["class"] for it in plan["edits"][0]["changes"]} == {
        "Fields.Tier": "change", "Fields.Zip": "drift",
    }  # fmt: skip
    git(place.folder, "add", "customers")
    git(place.folder, "commit", "-q", "-m", "gold")

    server.by_hand(7, {"Fields.Zip": "1"})
    plan = json.loads(place.run("plan", "--base", "main", "--format", "json").out)
    ran = place.run("apply", "--yes", "--base", "main", "--expect", plan["digest"])
    assert ran.code == 0, ran.err
    assert server.edits() == [{"CustomerID": 7, "Fields": [{"Field": "Tier", "Value": "Gold"}]}]
    assert place.run("drift").code == 0

    server.by_hand(7, {"Fields.Tier": "yes: no"})
    assert place.run("drift").code == 2
    adopted = place.run("adopt")
    assert adopted.code == 0, adopted.err
    text = acme.read_text()
    assert text.startswith("# ours\n")
    assert "# agreed in March" in text
    assert "yes: no" in text
    assert place.run("drift").code == 0
    assert len(server.edits()) == 1, "adopting edits nothing"
    git(place.folder, "commit", "-q", "-am", "adopt")


def test_adopt_leaves_uncommitted_files_alone(server: Server, place: Workplace) -> None:
    """Unless their ids are given."""
    server.seed(Customer(7, "Acme", fields={"Tier": "A"}), fields=("Tier",))
    git(place.folder, "init", "-q", "-b", "main")
    path = place.customer("acme", "CustomerID: 7\nName: Acme\nFields:\n  Tier: A\n")
    git(place.folder, "add", "customers")
    git(place.folder, "commit", "-q", "-m", "begin")
    path.write_text(path.read_text().replace("Tier: A", "Tier: B"))
    before = path.read_text()
    ran = place.run("adopt")
    assert path.read_text() == before
    assert "customers/acme.yaml" in ran.out + ran.err
    assert place.run("adopt", "7").code == 0
    assert "Tier: A" in path.read_text()


def test_adopt_with_a_base_takes_only_drift(server: Server, place: Workplace) -> None:
    """What this branch changed stays; what RPM changed is taken; a conflict is neither."""
    server.seed(
        Customer(7, "Acme", fields={"Tier": "A", "Zip": "1", "Area": "x"}), fields=("Tier", "Zip", "Area")
    )
    git(place.folder, "init", "-q", "-b", "main")
    path = place.customer("acme", "CustomerID: 7\nName: Acme\nFields:\n  Tier: A\n  Zip: 1\n  Area: x\n")
    git(place.folder, "add", "customers")
    git(place.folder, "commit", "-q", "-m", "begin")
    path.write_text(path.read_text().replace("Tier: A", "Tier: B").replace("Area: x", "Area: y"))
    git(place.folder, "commit", "-q", "-am", "ours")
    server.by_hand(7, {"Fields.Zip": "2", "Fields.Area": "z"})
    assert place.run("adopt", "--base", "HEAD~1").code in {0, 4}
    assert path.read_text() == "CustomerID: 7\nName: Acme\nFields:\n  Tier: B\n  Zip: 2\n  Area: y\n"


def test_an_unknown_id_is_an_error(server: Server, place: Workplace) -> None:
    """For adopt and for import."""
    server.seed(Customer(7, "Acme"))
    place.customer("acme", "CustomerID: 7\nName: Acme\n")
    assert place.run("adopt", "99").code == 1
    assert place.run("import", "99").code == 1


def test_what_yaml_cannot_hold_is_skipped_with_the_reason(server: Server, place: Workplace) -> None:
    """Control characters: the others are imported, exit 4."""
    server.seed(Customer(7, "Acme", fields={"Tier": "a\x1b[31mb"}), Customer(8, "Bolt"), fields=("Tier",))
    ran = place.run("import", "--all")
    assert ran.code == 4
    assert "7" in ran.out + ran.err
    assert "\x1b" not in ran.out + ran.err
    assert len(list((place.folder / "customers").iterdir())) == 1
