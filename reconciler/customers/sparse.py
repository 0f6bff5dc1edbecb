"""A sparse checkout, or one without its submodules: what git's index has and the disk has not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError
from reconciler.core.text import counted, printable
from reconciler.customers.customer_file import is_customer_file
from reconciler.repo.git.model import EntryKind
from reconciler.repo.git.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.repo.git.model import IndexEntry
    from reconciler.repo.settings import Settings

_FOLDERS: Final = 5


def check_complete(settings: Settings) -> None:
    """Raise `InputError` where git has customer files that the checkout leaves out: they would count as gone."""
    root, top, entries = _tracked(settings)
    absent = [
        it.path
        for below, it in entries
        if it.absent_by_choice and is_customer_file(below) and not os.path.lexists(root / it.path)
    ]
    if not absent:
        return
    folders = sorted({printable(path.rpartition("/")[0]) or "." for path in absent})
    several = ", ".join(folders[:_FOLDERS]) + (", …" if len(folders) > _FOLDERS else "")
    raise InputError(
        f"reading {printable(settings.customers)}: this sparse checkout lacks {counted(len(absent), 'customer file')} that git has, in {several}",
        advice=f"git sparse-checkout add {printable(top)}, or narrow with PATHS or --select to what is there",
    )


def check_fetched(settings: Settings) -> None:
    """Raise `InputError` for a submodule that was not fetched: on disk it is an empty folder, and its customers would count as gone."""
    root, _, entries = _tracked(settings)
    for below, it in entries:
        hidden = any(part.startswith(".") for part in below.split("/"))
        if it.kind is EntryKind.SUBMODULE and not hidden and not os.path.lexists(root / it.path / ".git"):
            raise InputError(
                f"reading {printable(settings.customers)}: {printable(it.path)} is a submodule, whose files this repository does not contain",
                advice="put the files themselves there, or name another folder with `customers:`",
            )


def _tracked(settings: Settings) -> tuple[Path, str, Sequence[tuple[str, IndexEntry]]]:
    """The root of git, the customers folder from there, and what git's index has below that folder, by its path from it; nothing outside of git."""
    repository = Repository.find(settings.root)
    folder = Path(os.path.realpath(settings.root / settings.customers))
    if repository is None or not folder.is_relative_to(repository.root):
        return folder, ".", ()
    top = repository.path(folder)
    if top == ".":
        return repository.root, top, [(it.path, it) for it in repository.index()]
    return repository.root, top, [(it.path.removeprefix(f"{top}/"), it) for it in repository.index(top)]
