"""The drawing of `docs/architecture.md`, made from the imports: `python -m tests.docs.architecture` prints it.

An arrow goes from a room to each room that it imports; one that other arrows lead to anyway is left out. `--write` puts
the drawing into the page.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/architecture.md"
BEGIN, END = "<!-- drawn by nox -s architecture -->\n", "<!-- end -->\n"


def rooms() -> dict[str, set[str]]:
    """Each room, and the rooms that a module of it imports."""
    graph = grimp.build_graph("reconciler", cache_dir=None)
    names = [module for module in graph.find_children("reconciler") if graph.find_children(module)]
    found: dict[str, set[str]] = {}
    for one in sorted(names):
        found[one] = {
            other
            for other in names
            if other != one and graph.direct_import_exists(importer=one, imported=other, as_packages=True)
        }
    return {one.rpartition(".")[2]: {it.rpartition(".")[2] for it in others} for one, others in found.items()}


def arrows(imports: dict[str, set[str]]) -> list[tuple[str, str]]:
    """The imports that no way over a third room stands for."""
    return [
        (one, other)
        for one in in_order(imports)
        for other in in_order(imports)
        if other in imports[one] and not any(other in reached(imports, third) for third in imports[one])
    ]


def reached(imports: dict[str, set[str]], room: str) -> set[str]:
    """The rooms that a room leads to, by one import or several."""
    found = set(imports[room])
    for other in imports[room]:
        found |= reached(imports, other)
    return found


def in_order(imports: dict[str, set[str]]) -> list[str]:
    """The rooms, those that lead to most first."""
    return sorted(imports, key=lambda room: (-len(reached(imports, room)), room))


def purpose(room: str) -> str:
    """The first sentence of a room's docstring."""
    text = ast.get_docstring(ast.parse((ROOT / "reconciler" / room / "__init__.py").read_text())) or ""
    return " ".join(text.split("\n\n")[0].split()).replace("->", "→")


def drawing() -> str:
    """The arrows for a forge to draw, and what each room is for."""
    imports = rooms()
    lines = ["```mermaid", "graph TD"]
    lines += [f"    {one} --> {other}" for one, other in arrows(imports)]
    lines += [
        f"    {room}" for room in imports if not imports[room] and room not in set().union(*imports.values())
    ]
    lines += ["```", "", "| room | what it does |", "|---|---|"]
    lines += [f"| `{room}` | {purpose(room)} |" for room in in_order(imports)]
    return "\n".join(lines) + "\n"


def page_with(drawn: str) -> str:
    """The page with that drawing in it."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    return before + BEGIN + drawn + END + rest.partition(END)[2]


def main(words: list[str]) -> None:
    """Print the drawing, or write it."""
    if words == ["--write"]:
        PAGE.write_text(page_with(drawing()))
    else:
        sys.stdout.write(drawing())


if __name__ == "__main__":
    main(sys.argv[1:])
