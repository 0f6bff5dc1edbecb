"""Where a pipeline installs reconciler from: an address of its repository and a commit, known from PEP 610 or told."""

from __future__ import annotations

import importlib.metadata
import json
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from reconciler.core.errors import InputError
from reconciler.core.text import printable

DISTRIBUTION: Final = "rpm-reconciler"
_COMMIT: Final = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})")
_ADDRESS: Final = re.compile(r"(?:https|ssh|file)://[A-Za-z0-9._~:/@%+-]+")
_LOOPBACK: Final = re.compile(r"http://(?:localhost|127\.0\.0\.1)(?::\d+)?/[A-Za-z0-9._~/%+-]*")


@dataclass(frozen=True, slots=True)
class Source:
    """A repository's address and the full name of a commit."""

    url: str
    commit: str

    @property
    def host(self) -> str:
        """The host of the address, with its port."""
        return urlsplit(self.url).netloc.rpartition("@")[2].lower()

    @property
    def path(self) -> str:
        """`OWNER/NAME`, as a forge on that host names the repository."""
        return urlsplit(self.url).path.strip("/").removesuffix(".git")


def parse(text: str) -> Source:
    """`URL@COMMIT`, parted at the last `@`; raises `InputError` for what no pipeline could install from."""
    url, _, named = text.rpartition("@")
    commit = named.lower()

    def refuse(why: str) -> InputError:
        # An address may contain a password, so it is not shown.
        return InputError(
            f"reading --from: {why}", advice="as in --from https://github.com/OWNER/NAME@COMMIT"
        )

    if not _COMMIT.fullmatch(commit):
        raise refuse("a commit in full (40 or 64 hexadecimal digits) must follow the last @")
    parts = urlsplit(url)
    if (parts.scheme == "https" and "@" in parts.netloc) or parts.password is not None:
        raise refuse("credentials have no place in an address that is committed")
    if not (_ADDRESS.fullmatch(url) or _LOOPBACK.fullmatch(url)) or ".." in parts.path:
        raise refuse("the address of a git repository is needed: https, ssh or file")
    return Source(url, commit)


def installed_from() -> Source | None:
    """Where this copy came from, if pip wrote down a repository and a commit (PEP 610)."""
    try:
        written = importlib.metadata.distribution(DISTRIBUTION).read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        return None
    try:
        found = json.loads(written or "{}")
        address, commit = found["url"], found["vcs_info"]["commit_id"]
        return parse(f"{address}@{commit}")
    except (ValueError, KeyError, TypeError, InputError):
        return None


def source_text(source: Source) -> str:
    """The source for people."""
    return printable(f"{source.url}@{source.commit[:12]}")
