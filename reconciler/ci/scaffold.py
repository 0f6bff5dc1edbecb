"""A few choices and what is in a repository -> the files that it begins with, and their writing. Overwrites nothing by itself.

What belongs to the folder (settings, editor, a place for customers) is written there, what belongs to the forge at git's root,
where alone a forge reads it. A pipeline's file bears a checksum of itself in its first line, so that a later version knows
whether anybody changed it; pinned commits of actions do not count, because Dependabot changes those.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.ci import URL
from reconciler.ci.folders import matrix, settings_path, suffix
from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.customers.schema import customer_schema
from reconciler.repo import atomic
from reconciler.repo.state_dir import NAME
from reconciler.rpm.endpoint import SANDBOX, settle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciler.ci.source import Source

GITHUB: Final = ".github/workflows/reconciler.yml"
GITLAB: Final = ".gitlab-ci.yml"

CHECKOUT: Final = "actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8 # v6.0.1"
UPLOAD: Final = "actions/upload-artifact@330a01c490aca151604b8cf639adc76d48f6c5d4 # v5.0.0"
CACHE: Final = "actions/cache@9255dc7a253b0ccc959486e2bca901246202afeb # v5.0.1"

_KEEP: Final = ".gitkeep"
"""Holds an empty folder in git, and so has no place in one with anything in it."""

_WILD: Final = re.compile(r"([*?+!\[\]])")
"""What GitHub's filters of branches take for more than itself."""

_TELLABLE: Final = re.compile(r"(?!-)[\w ./@+,=~!#%()-]+")
"""The names of folders and branches that no shell, expression or YAML of a pipeline takes for anything else."""

_STAMP: Final = re.compile(r"^# reconciler init (\w+)(?:: .*)?\n")
_ABOUT: Final = (
    "plan on requests, apply what was merged, audit RPM every night; `reconciler init --update-ci` renews this file as long as "
    "nobody changes it; what to set up once: docs/ci.md of reconciler"
)
_PIN: Final = re.compile(r"\b([\w.-]+/[\w./-]+)@([0-9a-f]{40})\b( # v[\w.]+)?")


@dataclass(frozen=True, slots=True)
class Choices:
    """What whoever starts has to say; without a subscriber, the line that pins it stays a comment."""

    url: str = URL
    subscriber: int | None = None
    ci: str = "github"


@dataclass(frozen=True, slots=True)
class Place:
    """Where `init` runs: git's root, the folder's path from there (`.` for the root), the default branch, the origin's host and owner.

    `others` are the folders with a reconciler.yaml that the repository has already.
    """

    root: Path
    folder: str
    branch: str = "main"
    host: str = ""
    owner: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """What became of one file: its path from git's root; `made`, `renewed`, `same`, `differs` or `changed` (by somebody)."""

    path: str
    state: str


def first_files(choices: Choices, place: Place, source: Source | None) -> dict[str, str]:
    """The text of each file by its path from git's root; raises `InputError` for a url that reconciler.yaml may not name."""
    if choices.url != SANDBOX:
        settle(choices.url, from_file=True)
    texts: dict[str, str] = {}
    if place.folder != "." or not place.others:
        texts |= {
            _below(place.folder, "reconciler.yaml"): _settings(choices),
            _below(place.folder, f"customers/{_KEEP}"): "",
            _below(place.folder, ".gitignore"): _template("gitignore"),
            _below(place.folder, ".vscode/settings.json"): _template("vscode/settings.json"),
            _below(place.folder, ".vscode/customer.schema.json"): json.dumps(customer_schema({}), indent=2)
            + "\n",
        }
    if source is None or choices.ci == "none":
        return texts
    folders = pipeline_folders(place)
    _check_names(place, folders)
    if choices.ci in {"github", "both"}:
        texts[GITHUB] = _stamped(_github(place, folders, source))
        texts[".github/CODEOWNERS"] = _codeowners(place, folders, ("/.github/",))
        texts[".github/dependabot.yml"] = _template("dependabot.yml")
    if choices.ci in {"gitlab", "both"}:
        texts[GITLAB] = _stamped(_gitlab(folders, source))
        texts.setdefault("CODEOWNERS", _codeowners(place, folders, (f"/{GITLAB}", "/CODEOWNERS")))
        if choices.ci == "both":
            del texts["CODEOWNERS"]  # GitLab would take it before GitHub's
    return texts


def pipeline_folders(place: Place) -> tuple[str, ...]:
    """The folders that the pipeline is for: those that are there, and this one unless it only contains them."""
    here = () if place.folder == "." and place.others else (place.folder,)
    return tuple(sorted({*place.others, *here}))


def _check_names(place: Place, folders: Sequence[str]) -> None:
    """Raise `InputError` for a folder or branch that a pipeline could not name, and for two folders of one name there."""
    for name in (*folders, place.branch):
        if not _TELLABLE.fullmatch(name):
            raise InputError(
                f"writing a pipeline for {printable(name)!r}: it contains a character that has a special meaning there",
                advice="rename the folder or branch, or leave the pipeline out: --ci none",
            )
    matrix(folders, folders)


def begin(place: Place, texts: Mapping[str, str], *, update: bool) -> list[Begun]:
    """Write those files that are not there yet; with `update`, also pipelines that still are what an earlier version wrote.

    Raises `InputError`, with nothing written, where a link leads one of them out of the place.
    """
    for path in texts:
        folder = os.path.realpath((place.root / path).parent)
        if not Path(folder).is_relative_to(place.root):
            raise InputError(
                f"writing {path}: its folder leads out of the repository, to {printable(folder)}",
                advice="remove the link; nothing was written",
            )
    return [
        Begun(path, _begun(place.root / path, text, place.root / place.folder / NAME, update=update))
        for path, text in texts.items()
    ]


def _begun(path: Path, text: str, local: Path, *, update: bool) -> str:
    if not (path.is_symlink() or path.exists() or (path.name == _KEEP and _filled(path.parent))):
        with atomic.named("writing", path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        atomic.create({path: text.encode()}, local=local)
        return "made"
    if path.name == _KEEP or path.is_symlink() or not path.is_file():
        return "same"
    content = path.read_bytes()
    there = content.decode("utf-8", errors="replace")
    if not _STAMP.match(text):
        return "same" if there == text else "differs"
    renewed = _stamped(_with_pins_of(there, _STAMP.sub("", text)))
    if there == renewed:
        return "same"
    if not is_ours(there):
        return "changed"
    if not update:
        return "differs"
    left = atomic.replace([atomic.Replacement(path, content, renewed.encode())], local=local)
    if left:
        raise InputError(f"renewing {path}: {left[path]}")
    return "renewed"


def is_ours(text: str) -> bool:
    """Whether a pipeline's file is what some version of this tool wrote, pinned commits aside."""
    found = _STAMP.match(text)
    return found is not None and found[1] == _checksum(text[found.end() :])


def _stamped(text: str) -> str:
    return f"# reconciler init {_checksum(text)}: {_ABOUT}\n{text}"


def _checksum(text: str) -> str:
    return hashlib.sha256(_PIN.sub(r"\1", text).encode()).hexdigest()[:16]


def _with_pins_of(there: str, text: str) -> str:
    """The new text with the commits of actions as the file there pins them, which may be newer; reconciler's own is the new one."""
    pins = {found[1]: found[0] for found in _PIN.finditer(there) if found[1].startswith("actions/")}
    return _PIN.sub(lambda found: pins.get(found[1], found[0]), text)


def _filled(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def with_example(texts: Mapping[str, str], example: Mapping[str, str], place: Place) -> dict[str, str]:
    """The files with those of the example, whose paths are from the place's folder, in the place of theirs."""
    empty = _below(place.folder, f"customers/{_KEEP}")
    kept = {path: text for path, text in texts.items() if path != empty}
    return {**kept, **{_below(place.folder, path): text for path, text in example.items()}}


def _below(folder: str, path: str) -> str:
    return path if folder == "." else f"{folder}/{path}"


def _template(name: str) -> str:
    return files("reconciler.ci").joinpath("templates", name).read_text(encoding="utf-8")


def _github(place: Place, folders: Sequence[str], source: Source) -> str:
    """The workflow: the action by commit where the forge knows its address, else the same commit by git."""
    if source.host == (place.host or "github.com"):
        install = f"      - uses: {source.path}@{source.commit}"
    else:
        fetch = (
            'git -C "$RUNNER_TEMP" init --quiet reconciler-source && cd "$RUNNER_TEMP/reconciler-source" '
            f"&& git fetch --quiet --depth=1 {source.url} {source.commit} && git checkout --quiet FETCH_HEAD "
            "&& python3 -I install.py"
        )
        install = f"      - {{name: Install, run: '{fetch}'}}"
    values = {
        "@BRANCHES@": json.dumps(_WILD.sub(r"\\\1", place.branch), ensure_ascii=False),
        "@BRANCH@": place.branch,
        "@FOLDERS@": json.dumps(folders),
        "@INSTALL@": install,
        "@QUEUE@": ", queue: max" if knows_queues(place.host) else "",
        "@CHECKOUT@": CHECKOUT,
        "@UPLOAD@": UPLOAD,
        "@CACHE@": CACHE,
    }
    lines = _filled_in("github.yml", values).split("\n")
    return "\n".join(map(_comment_last, lines))


def knows_queues(host: str) -> bool:
    """Whether a forge is GitHub in the cloud, which keeps up to 100 jobs of a concurrency group waiting; a server may not know the word."""
    return host == "github.com" or host.endswith(".ghe.com")


def _comment_last(line: str) -> str:
    """The line with a pin's comment after the closing brackets, where YAML wants it."""
    found = re.search(r"@[0-9a-f]{40}( # v[\w.]+)(.+)$", line)
    return line if found is None else f"{line[: found.start(1)]}{found[2]}{found[1]}"


def _gitlab(folders: Sequence[str], source: Source) -> str:
    rows = [
        f"{{FOLDER: {json.dumps(it, ensure_ascii=False)}, SUFFIX: {json.dumps(suffix(it, folders))}}}"
        for it in folders
    ]
    values = {
        "@FOLDERS@": json.dumps(folders),
        "@URL@": source.url,
        "@COMMIT@": f'"{source.commit}"',
        "@MATRIX@": f"[{', '.join(rows)}]",
    }
    return _filled_in("gitlab.yml", values)


def _filled_in(name: str, values: Mapping[str, str]) -> str:
    text = _template(name)
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text


def _codeowners(place: Place, folders: Sequence[str], own: Sequence[str]) -> str:
    owner = f"@{place.owner}" if place.owner else "@OWNER"
    paths = [*own, *(f"/{settings_path(it)}".replace(" ", "\\ ") for it in folders)]
    return _template("codeowners").replace("@@FILES@@", "\n".join(f"{path} {owner}" for path in paths))


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
