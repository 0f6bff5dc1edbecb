"""Screens for the pages of the docs, of commands that really ran: `python -m tests.docs.captures` says which are out of date.

Each scene is a repository with the example customers and an RPM that somebody else edits too. `--write` keeps what was
seen under `docs/captures`. What no two runs share (a day, a digest, an address, the name of a commit) is replaced by a mark.
"""

from __future__ import annotations

import io
import re
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

from tests.kit.git import Git
from tests.kit.server import Customer, running_server
from tests.kit.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.kit.server import Server

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "docs/captures"
WIDTH: Final = 80
_MORE: Final = "\nlimits: {percent: 50}\nparallel: 1\n"
_MARKS: Final = (
    (re.compile(r"sha256:[0-9a-f]{64}"), "sha256:…"),
    (re.compile(r"(?<=[t,] )[0-9a-f]{8}\b"), "5d3c0a71"),
    (re.compile(r"http://127\.0\.0\.1:[0-9]+/rpm/api2\.svc/"), "https://rpm.example/"),
    (re.compile(r"(?<=Made )\S+"), "2026-06-01T02:00:00Z"),
)
_SVG: Final = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font: {char_height}px ui-monospace, "SF Mono", Menlo, Consolas, monospace; line-height: {line_height}px; }}
{styles}
</style>
<rect width="{width}" height="{height}" rx="8" fill="#12171f"/>
<g class="{unique_id}-matrix" transform="translate(8, 12)">
{backgrounds}
{matrix}
</g>
</svg>
"""


class Stage:
    """The example repository as somebody has it on the first of May, its RPM, and what was typed and seen."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.server = server
        self.place = Workplace(folder, server.url)
        shutil.copytree(ROOT / "customers", folder / "customers", dirs_exist_ok=True)
        self.place.settings((ROOT / "reconciler.yaml").read_text() + _MORE)
        self.place.run("apply", "--yes")
        self.git = Git.init(folder)
        self.seen = ""
        self.commit("As RPM has it", "2026-05-01")

    def commit(self, message: str, day: str) -> None:
        """Commit every customer, on a day."""
        self.git("add", "customers", "reconciler.yaml")
        moment = f"{day}T09:00:00Z"
        self.git(
            "commit", "--quiet", f"--message={message}", GIT_AUTHOR_DATE=moment, GIT_COMMITTER_DATE=moment
        )

    def write(self, name: str, before: str, after: str) -> None:
        """Change a customer's file."""
        path = self.place.folder / f"customers/{name}.yaml"
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))

    def type(self, *words: str, after: str = "") -> None:
        """Run a command, and see it and what it prints: all, or from the line with these words on."""
        ran = self.place.run(*words, COLUMNS=str(WIDTH), FORCE_COLOR="1")
        said = ran.err + ran.out
        if after:
            said = "…\n" + said[said.rindex("\n", 0, said.index(after)) + 1 :]
        self.seen += f"\x1b[1m$ reconciler {' '.join(words)}\x1b[0m\n{said}"


def plan(stage: Stage) -> str:
    """A branch: a conflict, drift, a rename, a clear, and what many customers share."""
    stage.git("switch", "--quiet", "--create", "june")
    stage.place.run(
        "set", "Fields.Account manager=Priya Raman", "--select", "Fields.Account manager=Dana Whitfield"
    )
    stage.write("acme-inc", "Tier: Gold", "Tier: Silver")
    stage.write("summit-orthopedics", "Name: Summit Orthopedics", "Name: Summit Orthopaedics")
    stage.server.by_hand(10023, {"Fields.Tier": "Bronze"})
    stage.server.by_hand(10169, {"Website": "http://blueheron.example"})
    stage.type("plan", "--base", "main")
    return stage.seen


def apply(stage: Stage) -> str:
    """What RPM ignores, refuses and does not have; the plan above it is left out."""
    stage.place.run(
        "set", "Fields.Account manager=Priya Raman", "--select", "Fields.Account manager=Dana Whitfield"
    )
    stage.write("acme-inc", "Tier: Gold", "Tier: Silver")
    stage.write("summit-orthopedics", "Name: Summit Orthopedics", "Name: Summit Orthopaedics")
    refusal = '{"Result":{"Error":{"Message":"A customer with this name already exists"}}}'
    stage.place.customer("gone", "CustomerID: 10444\nName: Gone Fishing Tours\n")
    stage.server.faults(
        {
            "endpoint": "CustomerEdit",
            "customer": 10239,
            "point": "P2",
            "action": {"do": "reply", "body": refusal},
        },
        *(
            {"endpoint": "CustomerEdit", "customer": it, "point": "P2", "action": {"do": "retain"}}
            for it in (10028, 10036)
        ),
    )
    stage.type("apply", "--yes", after="customers edited")
    return stage.seen


def drift(stage: Stage) -> str:
    """Merged and not applied yet, and changed by hand in RPM."""
    stage.place.run(
        "set", "Fields.Account manager=Priya Raman", "--select", "Fields.Account manager=Dana Whitfield"
    )
    stage.write("acme-inc", "Tier: Gold", "Tier: Silver")
    stage.commit("Priya takes over from Dana", "2026-05-29")
    stage.server.by_hand(10023, {"Fields.Tier": "Bronze"})
    stage.server.by_hand(10169, {"Website": "http://blueheron.example"})
    stage.type("drift")
    return stage.seen


def set_from(stage: Stage) -> str:
    """A file as a spreadsheet saves it where a comma parts decimals: semicolons, CRLF, a byte order mark; first with mistakes."""
    head = "CustomerID;Name;Fields.Tier;Fields.Renewal date\r\n"
    rows = "10023;Acme, Inc.;Silver;\r\n10098;Bäckerei Kühn;;2027-04-16\r\n"
    spoilt = rows.replace("Silver", "Sliver").replace("10098", "1.01E+04")
    stage.place.file("changes.csv", f"\ufeff{head}{spoilt}")
    stage.type("set", "--from", "changes.csv", "--dry-run")
    stage.place.file("changes.csv", f"\ufeff{head}{rows}")
    stage.type("set", "--from", "changes.csv", "--dry-run")
    return stage.seen


def alike(stage: Stage) -> str:
    """The page of a plan that gives 300 customers the same account manager, and two of them more."""
    people = range(20_001, 20_301)
    manager = "Account manager"
    stage.server.seed(
        *(
            Customer(it, f"Springfield Dental {it}", fields={manager: "Dana Whitfield", "Tier": "Gold"})
            for it in people
        ),
        fields=(manager, "Tier"),
    )
    shutil.rmtree(stage.place.folder / "customers")
    for it in people:
        tier = "Silver" if it in {20_007, 20_042} else "Gold"
        text = f"CustomerID: {it}\nName: Springfield Dental {it}\nFields:\n  {manager}: Priya Raman\n  Tier: {tier}\n"
        stage.place.customer(f"springfield-dental-{it}", text)
    ran = stage.place.run("plan", "--format", "html")
    return ran.out


SCENES: Final[Mapping[str, Callable[[Stage], str]]] = {
    "plan.svg": plan,
    "apply.svg": apply,
    "drift.svg": drift,
    "set.svg": set_from,
    "plan-of-300.html": alike,
}


def captures() -> dict[str, str]:
    """The content of each file."""
    found = {}
    for name, scene in SCENES.items():
        with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server:
            seen = _without_marks(scene(Stage(Path(folder) / "repo", server)))
            found[name] = seen if name.endswith(".html") else _drawn(seen)
    return found


def _without_marks(seen: str) -> str:
    """What was seen, with a mark for all that the next run will see otherwise."""
    for pattern, mark in _MARKS:
        seen = pattern.sub(mark, seen)
    today = datetime.now(tz=UTC).date()
    for day in (today, today - timedelta(days=1)):
        seen = seen.replace(day.isoformat(), "2026-06-01")
    return seen


def _drawn(seen: str) -> str:
    """A terminal's screen as a drawing."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    console.print(Text.from_ansi(seen), soft_wrap=True)
    return console.export_svg(code_format=_SVG, unique_id="c")


def main(words: list[str]) -> int:
    """Write the captures, or name those that are out of date."""
    found = captures()
    stale = [
        name
        for name, text in found.items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text() != text
    ]
    if words == ["--write"]:
        FOLDER.mkdir(exist_ok=True)
        for name in stale:
            (FOLDER / name).write_text(found[name])
        stale = []
    sys.stdout.writelines(
        f"docs/captures/{name} is out of date: nox -s captures -- --write\n" for name in stale
    )
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
