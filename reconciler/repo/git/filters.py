"""Which programs may change a file's content on its way out of git: the user's own filters, never the checkout's.

`.gitattributes` says which file goes through which filter, by a name; the configuration says what runs. What the
repository's own configuration says there is overridden by what the user's says, or by nothing. A configuration file that
is in the checkout is the checkout's, whoever includes it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.repo.git.process import GitRefused, run_git

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_FILTER: Final = re.compile(r"filter\.(.+)\.(clean|smudge|process|required)", re.DOTALL)
_USERS: Final = frozenset({"system", "global", "command"})
_LFS: Final = re.compile(r"\bgit[- ]lfs\b")
_CONVERTING: Final = ("filter", "ident", "working-tree-encoding")
_UNSET: Final = frozenset({"unspecified", "unset", "set", ""})


@dataclass(frozen=True, slots=True)
class Filters:
    """What the configuration says of filters: whether of any, and by name which may not run.

    `brought` are those that only the checkout defines, `served` those that ask a server that the checkout names.
    `overrides` are the settings that leave no other in force than the user's that ask no server.
    """

    any: bool
    brought: frozenset[str]
    served: frozenset[str]
    overrides: tuple[tuple[str, str], ...]


def find_filters(root: Path) -> Filters:
    """The filters that git would find in this repository, told apart by who defined them."""
    users: dict[str, str] = {}
    brought: set[str] = set()
    tokens = iter(
        run_git(root, "config", "--list", "--show-scope", "--show-origin", "-z")
        .decode("utf-8", "surrogateescape")
        .split("\0")
    )
    for scope, origin, setting in zip(tokens, tokens, tokens, strict=False):
        key, _, value = setting.partition("\n")
        if not _FILTER.fullmatch(key):
            continue
        if scope in _USERS and not _lies_in(root, origin):
            users[key] = value if "\n" in setting else "true"
        else:
            brought.add(key)
    served = frozenset(_name(key) for key, value in users.items() if _LFS.search(value)) | {"lfs"}
    allowed = {key: value for key, value in users.items() if _name(key) not in served}
    overrides = tuple((key, allowed.get(key, _nothing(key))) for key in sorted(brought | users.keys()))
    # A filter whose `process` is set, to nothing even, never runs its `smudge`; so that setting cannot be taken back.
    lasting = {_name(key) for key in brought - users.keys() if key.endswith(".process")}
    only_brought = {_name(key) for key in brought} - {_name(key) for key in users}
    return Filters(bool(users or brought), frozenset(only_brought | lasting), served, overrides)


def check_filters(root: Path, paths: Sequence[str], filters: Filters) -> None:
    """Raise for a path whose content only a filter can tell that may not run."""
    if not paths:
        return
    given = b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in paths)
    answer = run_git(root, "check-attr", "-z", "--stdin", "filter", given=given).decode(
        "utf-8", "surrogateescape"
    )
    tokens = iter(answer.split("\0"))
    for path, _, name in zip(tokens, tokens, tokens, strict=False):
        if name in filters.served:
            raise InputError(
                f"reading {printable(path)} from git: it is governed by the filter {printable(name)}, which asks a server that the repository names",
                advice="keep customer files out of git LFS: git lfs migrate export, or another pattern in .gitattributes",
            )
        if name not in _UNSET and name in filters.brought:
            raise GitRefused(
                f"reading {printable(path)} from git: the filter {printable(name)} is defined by the repository's own configuration, which is not run",
                advice=f"define it in your own, if you trust it: git config --global filter.{printable(name)}.smudge …",
            )


def converted(root: Path, paths: Iterable[str]) -> frozenset[str]:
    """Those of some paths whose content git changes on its way out by more than line ends: by filter, `$Id$` or encoding."""
    given = "\0".join([*paths, ""]).encode("utf-8", "surrogateescape")
    answer = run_git(root, "check-attr", "--all", "-z", "--stdin", given=given) if given else b""
    if not any(b"\0%b\0" % name.encode() in answer for name in _CONVERTING):
        return frozenset()
    tokens = iter(answer.decode("utf-8", "surrogateescape").split("\0"))
    return frozenset(
        path
        for path, name, value in zip(tokens, tokens, tokens, strict=False)
        if name in _CONVERTING and value not in {"unset", "unspecified"}
    )


def points_to_a_server(contents: Iterable[bytes]) -> bool:
    """Whether any content is the pointer that git LFS leaves where its filter is not installed."""
    return any(content.startswith(b"version https://git-lfs.github.com/spec/") for content in contents)


def _lies_in(root: Path, origin: str) -> bool:
    """Whether a configuration file is in the checkout."""
    kind, _, path = origin.partition(":")
    if kind != "file":
        return False
    inside = os.path.realpath(root)
    return os.path.commonpath([inside, os.path.realpath(os.path.join(root, path))]) == inside  # noqa: PTH118 - texts


def _name(key: str) -> str:
    found = _FILTER.fullmatch(key)
    return found[1] if found else ""


def _nothing(key: str) -> str:
    """The value that switches a setting of a filter off."""
    return "false" if key.endswith(".required") else ""
