"""`reconciler.yaml`, flags and environment -> settings. Flags beat the file; of the environment, only the url counts.

Every problem of the file is found in one pass, with its place and the nearest valid name. Nothing here knows a key.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.field_types import CompareRules
from reconciler.core.text import printable
from reconciler.core.values import Problem, SourceMark
from reconciler.core.yaml.reader import Mapping as MappingNode
from reconciler.core.yaml.reader import Scalar, Sequence, read_documents
from reconciler.repo.bounds import BOUNDS, REFRESH
from reconciler.repo.git.root import find_root
from reconciler.repo.settings_nodes import attribute_complaint, values_of
from reconciler.repo.state_dir import NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.core.yaml.reader import Node

FILE: Final = "reconciler.yaml"
_UNQUOTED: Final = re.compile(rb"^(url:[ \t]*)sandbox:([ \t]*(?:#[^\r\n]*)?\r?)$", re.MULTILINE)
"""`url: sandbox:` as people write it; strict YAML would have quotes around a text that ends with a colon."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`limits` of reconciler.yaml: customers edited, their share of those in YAML, calls of one command."""

    edits: int = 200
    percent: int = 20
    calls: int = 10_000


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run goes by. `root` is the folder of reconciler.yaml; `customers` is relative to it.

    `file` is what reconciler.yaml alone says, without environment and flags; None where there is no such file, and in itself.
    `places` says where it does: by setting (`url`, `limits.edits`), and by entry (`mask Fields.Tax id`, `fields Tier`).
    `customers_from_flag` is true where `--customers` names the folder.
    """

    root: Path
    url: str = ""
    url_from_file: bool = False
    subscriber: int | None = None
    customers: str = "customers"
    parallel: int = 20
    timeout: float = 60.0
    read_age: float = 10.0
    refresh: str = "full"
    limits: Limits = field(default_factory=Limits)
    rules: CompareRules = field(default_factory=CompareRules)
    customers_from_flag: bool = False
    file: Settings | None = None
    places: Mapping[str, SourceMark] = field(default_factory=dict)

    @property
    def local(self) -> Path:
        """The folder of local state that git ignores."""
        return self.root / NAME


def find_settings(start: Path) -> Path | None:
    """reconciler.yaml in this folder or the nearest one above, not above git's root; None where there is none.

    Raises `InputError` for one that is no regular file, or that leads out of the repository.
    """
    top = find_root(start)
    start = Path(os.path.realpath(start))
    for folder in (start, *start.parents):
        if os.path.lexists(folder / FILE):
            return _checked(folder / FILE, top)
        if folder == top:
            break
    return None


def _checked(path: Path, top: Path | None) -> Path:
    """The path, if settings may be read there."""
    shown = printable(str(path))
    if not path.is_file():
        raise InputError(
            f"reading {shown}: it is not a regular file", advice="remove it, or put the file itself there"
        )
    if top is not None and not Path(os.path.realpath(path)).is_relative_to(top):
        raise InputError(
            f"reading {shown}: it is a symbolic link out of the repository",
            advice="put the file itself there",
        )
    return path


def load_settings(start: Path, flags: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """The settings that hold for a run started in a folder.

    `flags` has a value for each flag that was given, under its setting's name (`max_edits` for `limits.edits`).
    """
    path = find_settings(start)
    settings = Settings(root=start)
    if path is not None:
        settings = read_settings(path)
        settings = replace(settings, file=settings)
    if environment.get("RPM_API_URL"):
        settings = replace(settings, url=environment["RPM_API_URL"], url_from_file=False)
    settings = _flagged(settings, flags)
    if not settings.customers_from_flag:
        _check_inside(settings)
    return settings


def _check_inside(settings: Settings) -> None:
    """Raise where the customers folder leads out of git's root, or outside of git out of the folder of the settings.

    What counts is where it leads once links and `..` are resolved: a checkout must not choose what else of this disk is read.
    """
    top = find_root(settings.root)
    inside = Path(os.path.realpath(settings.root)) if top is None else top
    place = Path(os.path.realpath(settings.root / settings.customers))
    if place.is_relative_to(inside):
        return
    of = f"the folder of {FILE}" if top is None else "the repository"
    advice = "put the folder inside, or name it with --customers, for one run"
    if (mark := settings.places.get("customers")) is not None:
        message = f"`customers:` leads out of {of}, to {printable(str(place))}: {advice}"
        raise InvalidFiles((Problem(mark, message),))
    raise InputError(
        f"reading the customers: {printable(settings.customers)} leads out of {of}, to {printable(str(place))}",
        advice=advice,
    )


def _check_flags(flags: Mapping[str, Any]) -> None:
    """Raise for what no `reconciler.yaml` could say; the command line has looked already, a program has not."""
    for name, value in flags.items():
        if value is None:
            continue
        setting = name.removeprefix("max_")
        if setting in BOUNDS:
            least, most = BOUNDS[setting]
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise InputError(
                    f"reading {name}: a whole number from {least} to {most:,} is needed, not {value!r}"
                )
        elif name == "refresh" and value not in REFRESH:
            raise InputError(f"reading refresh: it is one of {', '.join(REFRESH)}, not {value!r}")
        elif name in {"url", "customers"} and not (isinstance(value, str) and value.strip()):
            raise InputError(f"reading {name}: a text is needed, not {value!r}")


def _flagged(settings: Settings, flags: Mapping[str, Any]) -> Settings:
    """The settings with what the flags say; `ignore` and `mask` are added to, since a flag must not show what the file hides."""
    _check_flags(flags)
    plain = {
        name: flags[name]
        for name in ("url", "subscriber", "customers", "parallel", "timeout", "read_age", "refresh")
        if flags.get(name) is not None
    }
    if "url" in plain:
        plain["url_from_file"] = False
    if "customers" in plain:
        plain["customers_from_flag"] = True
    limits = {
        name: flags[f"max_{name}"]
        for name in ("edits", "percent", "calls")
        if flags.get(f"max_{name}") is not None
    }
    for name in ("ignore", "mask"):
        for path in flags.get(name) or ():
            if complaint := attribute_complaint(path, masking=name == "mask"):
                raise InputError(f"reading --{name}: {complaint}")
    rules = CompareRules(
        settings.rules.field_types,
        settings.rules.ignore | frozenset(flags.get("ignore") or ()),
        settings.rules.mask | frozenset(flags.get("mask") or ()),
    )
    return replace(settings, **plain, limits=replace(settings.limits, **limits), rules=rules)


def read_settings(path: Path) -> Settings:
    """The settings of a file; every problem of it at once."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"reading {path}: {error.strerror}") from None
    return parse_settings(content, path.parent)


def parse_settings(content: bytes, root: Path, shown: str = FILE) -> Settings:
    """The settings that a reconciler.yaml in a folder says, on disk or in a commit; raises `InvalidFiles` with every problem."""
    documents, problems = read_documents(_UNQUOTED.sub(rb'\1"sandbox:"\2', content), shown)
    found = list(problems)
    values = values_of(documents, shown, found)
    if found:
        raise InvalidFiles(found)
    limits = Limits(**values.pop("limits", {}))
    rules = CompareRules(
        values.pop("fields", {}), values.pop("ignore", frozenset()), values.pop("mask", frozenset())
    )
    return Settings(
        root=root,
        url_from_file="url" in values,
        limits=limits,
        rules=rules,
        places=_places(documents, shown),
        **values,
    )


def _places(documents: list[Node], shown: str) -> dict[str, SourceMark]:
    """Where a sound file says what; see `Settings.places`."""
    found: dict[str, SourceMark] = {}
    for document in documents:
        for key, value in document.entries if isinstance(document, MappingNode) else ():
            name = key.text
            if isinstance(value, Sequence):
                found[name] = SourceMark(shown, key.line, key.column)
                inner = [(f"{name} {it.text}", it) for it in value.items if isinstance(it, Scalar)]
            elif isinstance(value, MappingNode):
                joint = " " if name == "fields" else "."
                inner = [(f"{name}{joint}{it.text}", it) for it, _ in value.entries]
            else:
                inner = [(name, key)]
            found |= {path: SourceMark(shown, it.line, it.column) for path, it in inner}
    return found
