"""Where `init` runs: asked of git once, and of the disk for folders with a reconciler.yaml."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from reconciler.ci.scaffold import Place
from reconciler.repo.git.process import run_git
from reconciler.repo.git.repository import Repository
from reconciler.repo.settings import FILE

_SHORT: Final = re.compile(r"(?:[\w.-]+@)?([\w.-]+):(?!//)(.+)")
"""An address as ssh writes it: `git@github.com:acme/customers.git`."""


def find_place(here: Path) -> Place:
    """The place of a folder; outside of git it is a root of its own."""
    repo = Repository.find(here)
    if repo is None:
        return Place(Path(os.path.realpath(here)), ".")
    folder = repo.path(here)
    host, path = _origin(repo)
    others = tuple(it for it in _settings_folders(repo) if it != folder)
    return Place(repo.root, folder, _default_branch(repo), host, path.partition("/")[0], others)


def forge_of(place: Place) -> str:
    """The forge of `origin`; GitHub where that does not say."""
    return "gitlab" if "gitlab" in place.host else "github"


def _origin(repo: Repository) -> tuple[str, str]:
    """Host and path of `origin`; empty ones without it, or where it is a folder."""
    address = _asked(repo, "config", "--get", "remote.origin.url")
    if found := _SHORT.fullmatch(address):
        return found[1].lower(), found[2].strip("/")
    parts = urlsplit(address)
    return parts.netloc.rpartition("@")[2].lower(), parts.path.strip("/") if parts.netloc else ""


def _default_branch(repo: Repository) -> str:
    """What origin's HEAD names, else the branch that is checked out."""
    named = _asked(repo, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")
    return named.removeprefix("refs/remotes/origin/") or repo.branch() or "main"


def _asked(repo: Repository, *words: str) -> str:
    """One line of git's; nothing where it has none, which is how it ends with 1."""
    return os.fsdecode(run_git(repo.root, *words, accepted=(0, 1))).strip()


def _settings_folders(repo: Repository) -> list[str]:
    """The folders with a reconciler.yaml that git has or could add, none that begins with a dot."""
    listing = run_git(
        repo.root, "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--full-name"
    )
    paths = {PurePosixPath(os.fsdecode(it)) for it in listing.split(b"\0") if it}
    return sorted(
        path.parent.as_posix()
        for path in paths
        if path.name == FILE
        and not any(part.startswith(".") for part in path.parts)
        and (repo.root / path).is_file()
    )
