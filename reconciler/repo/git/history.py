"""What happened to the files of a folder, over three processes however long it took.

`rev-list` says which commits, `diff-tree` what each changed. Both are plumbing, so nothing in a person's configuration
changes what they print. Names and subjects may contain anything but NUL, which parts the fields here; no line is parsed.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from reconciler.repo.git.model import NO_BLOB, Commit, CommitDiff, FolderHistory
from reconciler.repo.git.process import pathspec, run_git

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_FORMAT: Final = "--format=%H%x00%an%x00%at%x00%ct"
_FILES: Final = frozenset({"100644", "100755", "100664"})
_SUFFIX: Final = ".yaml"

_Pair = tuple[str, str]
"""A commit and the parent that it is compared with, or nothing for a first commit."""


def find_history(root: Path, tip: str, folder: str, edges: frozenset[str]) -> FolderHistory:
    """The commits that changed a folder, from one back, and what they changed in YAML files anywhere.

    `edges` are the commits at the edge of a shallow clone.
    """
    main = _pairs(root, folder, tip, first_parents=True)
    every = _pairs(root, folder, tip, first_parents=False)
    told = _compared(root, list(dict.fromkeys((*main, *every))), edges)
    return FolderHistory(tuple(told[pair] for pair in main), tuple(told[pair] for pair in every))


def _pairs(root: Path, folder: str, tip: str, *, first_parents: bool) -> list[_Pair]:
    """Each commit that changed the folder with its parents, or its first; parents are those of the history that is left."""
    order = "--first-parent" if first_parents else "--topo-order"
    listed = run_git(root, "rev-list", "--parents", order, tip, "--", pathspec(folder)).decode("ascii")
    found = []
    for line in listed.splitlines():
        commit, *parents = line.split(" ")
        found += [(commit, parent) for parent in (parents[:1] if first_parents else parents) or [""]]
    return found


def _compared(root: Path, pairs: Sequence[_Pair], edges: frozenset[str]) -> dict[_Pair, CommitDiff]:
    """What each commit changed, told by one process in the order asked."""
    if not pairs:
        return {}
    # A commit at the edge is compared with itself: its parents are not here, and that it added everything is not true.
    given = "".join(f"{one} {one if one in edges else other}".rstrip() + "\n" for one, other in pairs)
    words = (
        "--stdin",
        "-z",
        "-r",
        "--raw",
        "--root",
        "-m",
        "--no-renames",
        "--no-abbrev",
        "--always",
        _FORMAT,
    )
    steps = _steps(run_git(root, "diff-tree", *words, "--", f"*{_SUFFIX}", given=given.encode()))
    found: dict[_Pair, CommitDiff] = {}
    told = next(steps)
    for name, parent in pairs:
        # A commit that has parents, none of which had the folder, is told once for each of them.
        while told[0].name != name:
            told = next(steps)
        commit, committed, changes = told
        found[name, parent] = CommitDiff(commit, committed, parent, changes, edge=name in edges)
        told = next(steps, (_NOBODY, None, {}))
    return found


_NOBODY: Final = Commit("", "", "")


def _steps(output: bytes) -> Iterator[tuple[Commit, int | None, Mapping[str, tuple[str, str]]]]:
    """Commits with their changes: four fields, then pairs of what changed and the path that it changed at."""
    tokens = iter(output.split(b"\0"))
    token = next(tokens, b"")
    while name := token.strip(b"\n"):
        author, authored, committed = next(tokens), next(tokens), next(tokens)
        changes: dict[str, tuple[str, str]] = {}
        while (token := next(tokens, b"").lstrip(b"\n")).startswith(b":"):
            path = next(tokens)
            if path.endswith(_SUFFIX.encode()):
                changes[path.decode("utf-8", "surrogateescape")] = _sides(token)
        commit = Commit(name.decode("ascii"), author.decode("utf-8", "replace"), _iso(authored))
        yield commit, _seconds(committed), changes


def _sides(raw: bytes) -> tuple[str, str]:
    """The blob before and after; nothing for what is no regular file."""
    mode_before, mode_after, before, after, _ = raw[1:].decode("ascii").split(" ")
    return (
        before if mode_before in _FILES else NO_BLOB,
        after if mode_after in _FILES else NO_BLOB,
    )


def _seconds(text: bytes) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _iso(seconds: bytes) -> str:
    """A moment in UTC, or nothing where a commit tells none that a calendar has."""
    try:
        moment = dt.datetime.fromtimestamp(int(seconds), dt.UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return moment.isoformat().replace("+00:00", "Z")
