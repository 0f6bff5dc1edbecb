"""git, asked read-only: files as of a commit, who last set a line, and what a file said earlier.

Nothing is checked out and nothing is written; objects come over `git cat-file --batch`, one process however many files
there are, so a bare or a shallow clone serves as well as a full one as long as it has the commit.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError
from reconciler.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_BLOB: Final = ("100644", "100755")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as people speak of it: its full name, author, and author date in ISO form."""

    name: str
    author: str
    date: str


def git(folder: Path, *words: str, given: bytes = b"") -> bytes:
    """Run git in a folder; raises `InputError` with git's own words when it fails."""
    command = ["git", "-c", "core.quotepath=off", "-C", str(folder), "--no-optional-locks", *words]
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False)
    except OSError as error:
        raise InputError(
            f"asking git: {error.strerror}", advice="git must be installed and on the PATH"
        ) from None
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
        fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
        said = printable((fatal or lines[-1:] or [""])[0].strip())
        raise InputError(f"asking git {words[0]}: {said or f'it ended with {done.returncode}'}")
    return done.stdout


def resolve(folder: Path, ref: str) -> str:
    """The full name of the commit that a ref means; says what to do where a clone is too shallow for it."""
    try:
        git(folder, "rev-parse", "--git-dir")
    except InputError:
        advice = "--base needs the history of git: run this in a clone, or leave --base out"
        raise InputError(
            f"reading base {printable(ref)}: {folder} is in no git repository", advice=advice
        ) from None
    try:
        answer = git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    except InputError:
        shallow = git(folder, "rev-parse", "--is-shallow-repository").strip() == b"true"
        advice = (
            f"this clone is shallow; fetch it first: git fetch origin {printable(ref).removeprefix('origin/')} (in CI: fetch-depth: 0)"
            if shallow
            else "name a branch, tag or commit of this repository, as in origin/main"
        )
        raise InputError(f"reading base {printable(ref)}: git knows no such commit", advice=advice) from None
    return answer.decode("ascii").strip()


def files_at(folder: Path, commit: str, below: str) -> list[tuple[str, bytes]]:
    """The `*.yaml` files below a path (relative to the folder) as of a commit, in order of their names."""
    listing = git(folder, "ls-tree", "-r", "-z", commit, "--", below)
    found = []
    for entry in listing.split(b"\0"):
        head, _, name = entry.partition(b"\t")
        if name.endswith(b".yaml") and head.decode("ascii").split()[0] in _BLOB:
            found.append((name.decode("utf-8", errors="surrogateescape"), head.decode("ascii").split()[2]))
    files = []
    for (path, _), content in zip(found, _objects(folder, [blob for _, blob in found]), strict=True):
        if content is None:
            raise InputError(
                f"asking git for {printable(path)}: this clone lacks it", advice="fetch the whole history"
            )
        files.append((path, content))
    return sorted(files)


def _objects(folder: Path, names: Sequence[str]) -> Iterator[bytes | None]:
    """The contents of objects, over one process; None for one that is not there."""
    if not names:
        return
    given = "".join(f"{name}\n" for name in names).encode("utf-8", errors="surrogateescape")
    output = git(folder, "cat-file", "--batch", given=given)
    at = 0
    for _ in names:
        end = output.index(b"\n", at)
        head = output[at:end].split()
        if head[-1:] == [b"missing"]:
            yield None
            at = end + 1
        else:
            size = int(head[-1])
            yield output[end + 1 : end + 1 + size]
            at = end + 1 + size + 1


def blame(folder: Path, file: str, lines: Iterable[int], commit: str | None) -> dict[int, Commit]:
    """Who last set some lines of a file, in the checkout or as of a commit; uncommitted lines are not in it."""
    ranges = [word for line in sorted(set(lines)) for word in ("-L", f"{line},{line}")]
    words = ["blame", "--porcelain", *ranges, *([commit] if commit else []), "--", file]
    found: dict[int, Commit] = {}
    known: dict[str, dict[str, str]] = {}
    current, line = "", 0
    for text in git(folder, *words).decode("utf-8", errors="replace").splitlines():
        if text.startswith("\t"):
            if set(current) != {"0"}:
                found[line] = _commit(current, known[current])
        elif len(first := text.split(" ", 1)[0]) == 40 and _is_hex(first):
            current, line = first, int(text.split()[2])
            known.setdefault(current, {})
        else:
            key, _, value = text.partition(" ")
            known[current][key] = value
    return found


def _commit(name: str, parts: dict[str, str]) -> Commit:
    """A commit from blame's header lines."""
    import datetime as dt  # noqa: PLC0415 - only drift asks who set a line

    moment = dt.datetime.fromtimestamp(int(parts.get("author-time", "0")), dt.UTC)
    return Commit(name, parts.get("author", ""), moment.isoformat().replace("+00:00", "Z"))


def _is_hex(text: str) -> bool:
    return all(character in "0123456789abcdef" for character in text)


def history(folder: Path, file: str, *, most: int) -> list[tuple[Commit, bytes]]:
    """What a file said at the last commits that touched it, newest first."""
    log = git(folder, "log", f"--max-count={most}", "--format=%H%x00%an%x00%aI", "--", file)
    commits = [Commit(*line.split("\0")) for line in log.decode("utf-8", errors="replace").splitlines()]
    names = [f"{commit.name}:./{file}" for commit in commits]
    return [
        (commit, content)
        for commit, content in zip(commits, _objects(folder, names), strict=True)
        if content is not None
    ]
