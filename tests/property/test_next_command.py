"""Each command that a result prints, pasted into a shell: it does exactly what was shown, or refuses."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit.profile import tries
from tests.kit.server import Customer, running_server
from tests.kit.workplace import COMMAND, Ran, Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.server import Server

GIT: Final = shutil.which("git") or "git"
BASH: Final = shutil.which("bash") or "bash"
PASTED: Final = re.compile(r"^(?:Next:| {5}) [^`\n]*`([^`\n]+)`", re.MULTILINE)
NAMES: Final = {7: "O'Brien & Sons", 8: 'The "Best" $HOME *', 9: "  Café; rm -rf /  ".strip(), 10: "Plain"}
FILES: Final = {
    7: "customers/o'brien.yaml",
    8: "customers/a b/$x.yaml",
    9: "customers/9.yaml",
    10: "customers/10.yaml",
}
OBSERVED: Final = tuple(
    Customer(i, name, fields={"Tier": "Silver", "Note": "n"}) for i, name in NAMES.items()
)


class Shop:
    """Four customers with names and files that a shell reads in its own way; a branch wants other tiers than main."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.server = server
        self.place = Workplace(folder, server.url)
        self.place.environment["PATH"] = f"{Path(COMMAND).parent}{os.pathsep}{os.environ['PATH']}"
        self.place.settings("limits: {edits: 200, percent: 100}\n")
        self._write("Silver")
        self._git("init", "--quiet", "--initial-branch=main")
        self._git("add", ".")
        self._git("commit", "--quiet", "--message=As RPM has it")
        self._write("Gold", but=10)

    def begin(self) -> None:
        """RPM as it was, but for what somebody changed there: a conflict and a value that nobody planned."""
        self.server.seed(*OBSERVED, fields=("Tier", "Note"))
        self.server.by_hand(8, {"Fields.Tier": "Bronze"})

    def pasted(self, command: str) -> Ran:
        """What becomes of the line in a shell: bash takes it apart, and what it would call is run with its words."""
        told = f"reconciler() {{ printf '%s\\0' \"$@\"; }}; {command}"
        taken_apart = subprocess.run(
            [BASH, "-c", told], cwd=self.place.folder, capture_output=True, text=True, check=True
        )
        assert taken_apart.stderr == ""
        return self.place.run(*taken_apart.stdout.split("\0")[:-1])

    def started(self, command: str) -> Ran:
        """The same with a shell that starts the command itself."""
        done = subprocess.run(
            [BASH, "-c", command], cwd=self.place.folder, env=self.place.environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    def _write(self, tier: str, but: int = 0) -> None:
        for i, name in NAMES.items():
            quoted = "'" + name.replace("'", "''") + "'"
            said = "Silver" if i == but else tier
            text = f"CustomerID: {i}\nName: {quoted}\nFields:\n  Tier: {said}\n  Note: n\n"
            self.place.file(FILES[i], text)

    def _git(self, *words: str) -> None:
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
        subprocess.run([GIT, *who, *words], cwd=self.place.folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    with running_server(folder) as server:
        yield Shop(folder / "repo", server)


WORDS: Final = st.lists(
    st.sampled_from([*map(str, NAMES), *NAMES.values(), "*Sons", "Fields.Tier=Gold", "*$HOME*", "[OP]*"]),
    unique=True,
    max_size=3,
)
PATHS: Final = st.lists(
    st.sampled_from([*FILES.values(), "customers", "customers/a b"]), unique=True, max_size=2
)
OUTPUTS: Final = st.sampled_from(["text", "markdown"])
BASES: Final = st.sampled_from([(), ("--base", "main"), ("--base", "main^{commit}", "--changed")])
SETTINGS: Final = st.sampled_from(
    [(), ("--mask", "Fields.Tier"), ("--ignore", "Fields.Note", "--max-edits", "1")]
)


GROUNDS: Final = st.fixed_dictionaries(
    {
        "base": BASES,
        "settings": SETTINGS,
        "words": WORDS,
        "paths": PATHS,
        "output": OUTPUTS,
        "moved": st.booleans(),
    }
)


@settings(max_examples=tries(short=15, long=300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(GROUNDS)
def test_a_pasted_apply_sends_what_the_plan_showed_or_nothing(shop: Shop, ground: dict[str, Any]) -> None:
    """Whatever narrowed the plan; with a name that a shell would take apart; and never where RPM moved meanwhile.

    A masked value may move unseen where there is no base; the plan says so.
    """
    shop.begin()
    words, paths = ground["words"], ground["paths"]
    flags = [*ground["settings"], *ground["base"], *(it for word in words for it in ("--select", word))]
    planned = shop.place.run("plan", *flags, "--format", "json", *paths)
    if planned.code == 1:
        assert "matches no" in planned.err or "no customer" in planned.err, planned.err
        return
    shown = shop.place.run("plan", *flags, "--format", ground["output"], *paths)
    commands = PASTED.findall(shown.out)
    if not planned.json["edits"]:
        assert commands == []
        return
    (command,) = commands
    assert "--confirm" not in command
    assert f"Digest {planned.json['digest']}" in shown.out
    if ground["moved"]:
        shop.server.by_hand(planned.json["edits"][0]["customer_id"], {"Fields.Tier": "Lead"})
    ran = shop.pasted(f"{command} --yes")
    sent = sorted(map(str, shop.server.edits()))
    unseen = "--mask" in ground["settings"] and not ground["base"]
    assert "would not be noticed" in shown.out or not unseen
    if (ground["moved"] and not unseen) or planned.json["refusals"]:
        assert (ran.code, sent) == (3, []), ran.err
    else:
        assert ran.code == 0, ran.err
        assert sent == sorted(str(_unmasked(edit)) for edit in planned.json["edits"])


def test_a_shell_starts_the_pasted_apply(shop: Shop) -> None:
    """The whole way once, with every name and file that a shell would take apart."""
    shop.begin()
    named = [it for name in (NAMES[7], NAMES[9]) for it in ("--select", name)]
    shown = shop.place.run("plan", "--base", "main", *named, FILES[7], FILES[9])
    (command,) = PASTED.findall(shown.out)
    ran = shop.started(f"{command} --yes")
    assert ran.code == 0, ran.err
    assert sorted(edit["CustomerID"] for edit in shop.server.edits()) == [7, 9]


def _unmasked(edit: dict[str, Any]) -> dict[str, Any]:
    """What an edit sends; masked or not, it is Gold."""
    customer: dict[str, Any] = edit["request"]["Customer"]
    fields = [{**it, "Value": "Gold"} if it["Field"] == "Tier" else it for it in customer["Fields"]]
    return {**customer, "Fields": fields}


def test_a_pasted_answer_to_drift_edits_nothing_in_rpm_and_only_the_customers_that_it_names(
    shop: Shop,
) -> None:
    """adopt writes the files of its customers; plan reads."""
    shop.begin()
    before = {i: (shop.place.folder / file).read_bytes() for i, file in FILES.items()}
    shown = shop.place.run("drift", "--base", "main")
    assert shown.code == 2
    commands = PASTED.findall(shown.out)
    assert commands
    assert not [it for it in commands if it.startswith("reconciler apply")]
    for command in commands:
        ran = shop.started(command)
        assert ran.code == 0, ran.err
        named = set(map(int, re.findall(r"\b\d+\b", command)))
        changed = {i for i, file in FILES.items() if (shop.place.folder / file).read_bytes() != before[i]}
        assert changed <= named
    assert shop.server.edits() == []
    for i, file in FILES.items():
        (shop.place.folder / file).write_bytes(before[i])
