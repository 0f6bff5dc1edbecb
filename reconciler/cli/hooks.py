"""`reconciler-hook validate|fmt [--check] FILES`: what pre-commit calls, in every folder whose reconciler.yaml governs a file.

A file is governed by the nearest reconciler.yaml above it, if it is that file or is in its customers folder; any other is left
alone. All files of a folder are validated, because ids and names are unique across them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final, NoReturn

from reconciler.cli import code_of, prepare, run
from reconciler.core.errors import InputError, InvalidFiles
from reconciler.repo.settings import find_settings, read_settings

_USAGE: Final = "usage: reconciler-hook validate|fmt [--check] FILES"


def run_hook() -> NoReturn:
    """The highest exit code of the commands that were run; 1 for a usage error."""
    prepare()
    words = sys.argv[1:]
    if not words or words[0] not in {"validate", "fmt"}:
        sys.exit(_USAGE)
    sys.exit(code_of(lambda: _called(words)))


def _called(words: list[str]) -> int:
    """Run the hook in every folder whose settings govern a file."""
    flags = [word for word in words[1:] if word == "--check"]
    files = [Path(os.path.abspath(word)) for word in words[1:] if word != "--check"]  # noqa: PTH100 - links stay
    codes = [0]
    for root, governed in by_settings(files).items():
        os.chdir(root)
        paths = [str(path) for path in governed] if words[0] == "fmt" else []
        if words[0] == "validate" or paths:
            codes.append(run([words[0], *flags, *paths]))
    return max(codes)


def by_settings(files: list[Path]) -> dict[Path, list[Path]]:
    """The folders with settings that govern any of these files, and the customer files among them.

    Settings that cannot be read may govern any file below them: their folder is among those, and `validate` tells why.
    """
    found: dict[Path, list[Path]] = {}
    for file in files:
        settings = find_settings(file.parent)
        if settings is None:
            continue
        root = settings.parent
        customers = _customers(settings)
        if file == settings or customers is None:
            found.setdefault(root, [])
        elif file.suffix == ".yaml" and file.is_relative_to(customers):
            found.setdefault(root, []).append(file)
    return found


def _customers(settings: Path) -> Path | None:
    """The customers folder; None where the settings cannot be read."""
    try:
        name = read_settings(settings).customers
    except (InputError, InvalidFiles):
        return None
    return Path(os.path.normpath(settings.parent / name))
