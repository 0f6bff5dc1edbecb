"""A few choices -> the files that a repository begins with, and their writing. Overwrites nothing, edits nothing.

The files are templates of this package, as they are; only `reconciler.yaml` and the version that CI installs take
values. What is there already is left alone and said to be, so running it again adds what is missing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from reconciler.core.version import __version__
from reconciler.customers.new_file import SCHEMA
from reconciler.customers.schema import customer_schema
from reconciler.repo import atomic
from reconciler.repo.state_dir import NAME
from reconciler.rpm.endpoint import SANDBOX, settle

if TYPE_CHECKING:
    from pathlib import Path

URL: Final = "https://secure.rpmtelco.com/rpm/"
CI: Final = ("github", "gitlab", "both", "none")

_KEEP: Final = ".gitkeep"
"""Holds an empty folder in git, and so has no place in one with anything in it."""

_ALWAYS: Final = {
    ".gitignore": "gitignore",
    ".vscode/settings.json": "vscode/settings.json",
}
_SHARED: Final = {f"ci/{name}": f"ci/{name}" for name in ("forge.py", "install.sh", "requirements.txt")}
_FORGES: Final = {
    "github": (".github/workflows/reconciler.yml", "github.yml"),
    "gitlab": (".gitlab-ci.yml", "gitlab.yml"),
}


@dataclass(frozen=True, slots=True)
class Choices:
    """What whoever starts has to say; without a subscriber, the line that pins it stays a comment."""

    url: str = URL
    subscriber: int | None = None
    ci: str = "github"


@dataclass(frozen=True, slots=True)
class Begun:
    """What became of one file: its path below the folder, and whether it was made or stood there already."""

    path: str
    made: bool


def first_files(choices: Choices) -> dict[str, str]:
    """The text of each file by its path; raises `InputError` for a url that reconciler.yaml may not name."""
    if choices.url != SANDBOX:
        settle(choices.url, from_file=True)
    chosen = [forge for forge in _FORGES if choices.ci in {forge, "both"}]
    templates = {**_ALWAYS, **(_SHARED if chosen else {}), **dict(_FORGES[forge] for forge in chosen)}
    return {
        "reconciler.yaml": _settings(choices),
        f"customers/{_KEEP}": "",
        SCHEMA: json.dumps(customer_schema({}), indent=2) + "\n",
        **{path: _template(name) for path, name in templates.items()},
    }


def begin(folder: Path, texts: dict[str, str]) -> list[Begun]:
    """Write those files that are not there yet."""
    return [Begun(path, _made(folder / path, text, folder / NAME)) for path, text in texts.items()]


def _made(path: Path, text: str, local: Path) -> bool:
    if path.is_symlink() or path.exists() or (path.name == _KEEP and _filled(path.parent)):
        return False
    with atomic.named("writing", path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    atomic.create({path: text.encode()}, local=local)
    return True


def _filled(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _template(name: str) -> str:
    text = files("reconciler.ci").joinpath("templates", name).read_text(encoding="utf-8")
    return text.replace("@VERSION@", __version__)


def _settings(choices: Choices) -> str:
    """reconciler.yaml; strict YAML wants quotes around a text that ends with a colon."""
    pinned = f"subscriber: {choices.subscriber}"
    why = "refuse any key but this subscription's"
    line = (
        f"{pinned:<24}# {why}"
        if choices.subscriber
        else f"# subscriber: 1207      # {why}; `reconciler check` says the number"
    )
    url = f'"{SANDBOX}"' if choices.url == SANDBOX else choices.url
    return _template("reconciler.yaml").replace("@URL@", url).replace("@SUBSCRIBER@", line)
