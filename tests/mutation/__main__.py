"""Make small changes to the code that decides, and see whether its tests fail: `nox -s mutation`, or `-- compare order`.

mutmut makes the mutants of the modules that `tool.mutmut` in pyproject.toml names, and runs those tests of its selection that
reach the changed function. A mutant that no test sees is missing an assertion, unless nothing can see it: then it is in
`equivalent.toml`, with the reason. The run fails where a survivor is not there, and where something there did not survive.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

WORK: Final = Path("mutants")
"""Where mutmut works; git ignores it, and `mutmut show NAME` reads it afterwards."""

EQUIVALENT: Final = Path(__file__).with_name("equivalent.toml")
SURVIVED: Final = frozenset({0, 5, 33, None})
"""How mutmut's run of the tests ends where each of them passes (0), none reaches the mutant, or it was not tried (None)."""


@dataclass(frozen=True)
class Mutant:
    """One change: the function by its path (`plan.compare._said`), the lines that were, and those in their place."""

    function: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.function}\n    - {self.before}\n    + {self.after}"


def main(words: list[str]) -> int:
    """Try the mutants of these modules, of all where none is named; the exit code."""
    settings = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["mutmut"]
    paths = [path for it in settings["only_mutate"] if (path := Path(it)).stem in words or not words]
    shutil.rmtree(WORK, ignore_errors=True)
    mutmut("run", *(f"reconciler.*.{it}.*" for it in words))  # of named ones, mutmut lists each mutant
    rows, complaints = judged(paths)
    sys.stdout.write("\n".join([*rows, "", *complaints, ""]))
    return 1 if complaints else 0


def mutmut(*words: str, output: int | None = None) -> str:
    """Run a command of mutmut; what it wrote, where that is asked for."""
    program = Path(sys.executable).with_name("mutmut")
    environment = {**os.environ, "RECONCILER_TESTS": "mutants"}
    done = subprocess.run([program, *words], env=environment, stdout=output, text=True, check=True)
    return done.stdout or ""


def judged(paths: list[Path]) -> tuple[list[str], list[str]]:
    """A table with a row for each module; and what is wrong: survivors without a reason, reasons without a survivor."""
    rows = ["| module | mutants | killed | equivalent | score |", "|---|---|---|---|---|"]
    complaints = []
    for path in paths:
        module = ".".join(path.with_suffix("").parts[1:])
        codes: dict[str, int | None] = json.loads((WORK / f"{path}.meta").read_text())["exit_code_by_key"]
        survivors = [mutant(name) for name, code in codes.items() if code in SURVIVED]
        reasons = {it for it in explained() if it.function.startswith(f"{module}.")}
        missing = [it for it in survivors if it not in reasons]
        killed, same = len(codes) - len(survivors), len(survivors) - len(missing)
        score = f"{100 * killed / (len(codes) - same):.1f} %"
        rows.append(f"| `{module}` | {len(codes)} | {killed} | {same} | {score} |")
        complaints += [f"survived: {it}" for it in missing]
        complaints += [
            f"called equivalent, and did not survive: {it}" for it in reasons.difference(survivors)
        ]
    return rows, complaints


def mutant(name: str) -> Mutant:
    """What a mutant changes; mutmut's name of it tells the function alone."""
    sides: dict[str, list[str]] = {"-": [], "+": []}
    for line in mutmut("show", name, output=subprocess.PIPE).splitlines():
        if line[:1] in sides and line[:3] not in {"---", "+++"}:
            sides[line[0]].append(line[1:].strip())
    module, _, mangled = name.rpartition("__mutmut_")[0].rpartition(".")
    function = mangled.removeprefix("x_").removeprefix("x\u01c1").replace("\u01c1", ".")
    return Mutant(f"{module.partition('.')[2]}.{function}", " ".join(sides["-"]), " ".join(sides["+"]))


def explained() -> dict[Mutant, str]:
    """The mutants that no test can tell from the code, each with the reason."""
    entries = tomllib.loads(EQUIVALENT.read_text())["equivalent"]
    return {Mutant(it["in"], it["of"], to): it["why"] for it in entries for to in it["to"]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
