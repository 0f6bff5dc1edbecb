"""A sparse checkout: customer files that git's index has and the disk has not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError
from reconciler.core.text import counted, printable
from reconciler.customers.customer_file import is_customer_file
from reconciler.repo.git.repository import Repository

if TYPE_CHECKING:
    from reconciler.repo.settings import Settings

_FOLDERS: Final = 5


def check_complete(settings: Settings) -> None:
    """Raise `InputError` where git has customer files that the checkout leaves out: they would count as gone."""
    repository = Repository.find(settings.root)
    folder = Path(os.path.realpath(settings.root / settings.customers))
    if repository is None or not folder.is_relative_to(repository.root):
        return
    top = repository.path(folder)
    absent = [
        it.path
        for it in (repository.index() if top == "." else repository.index(top))
        if it.absent_by_choice
        and is_customer_file(it.path if top == "." else it.path.removeprefix(f"{top}/"))
        and not os.path.lexists(repository.root / it.path)
    ]
    if not absent:
        return
    folders = sorted({printable(path.rpartition("/")[0]) or "." for path in absent})
    several = ", ".join(folders[:_FOLDERS]) + (", …" if len(folders) > _FOLDERS else "")
    raise InputError(
        f"reading {printable(settings.customers)}: this sparse checkout lacks {counted(len(absent), 'customer file')} that git has, in {several}",
        advice=f"git sparse-checkout add {printable(top)}, or narrow with PATHS or --select to what is there",
    )
