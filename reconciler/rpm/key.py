"""The API key: a value that shows itself as `***` wherever it is printed, formatted or pickled.

It comes from `RPM_API_KEY` or a key file alone. Rules for what is refused: no key is ever echoed, a message about one
says its length at most, and a value that a person forgot to replace is not sent as a key.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import re
import stat
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from reconciler.core.errors import InputError
from reconciler.repo.git.process import GitRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

MASK: Final = "***"
SANDBOX_KEY: Final = "sandbox"
_SHAPE: Final = re.compile(r"[A-Za-z0-9._~+/={}-]+", re.ASCII)
_PLACEHOLDER: Final = re.compile(
    r"change-?me|your-?(api-?)?key|f{8}-.*|0{8}-.*|x{4,}.*|\$\{.*\}|todo", re.IGNORECASE
)
_FILE_LIMIT: Final = 4096


class ApiKey:
    """Holds the key; only `reveal` gives it, and only the HTTP client calls that."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        """Take the key, already checked (`checked`)."""
        self.__text = text

    def reveal(self) -> str:
        """The key itself, for the request header."""
        return self.__text

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key is not written anywhere")

    def derived(self, purpose: str) -> bytes:
        """A key for one purpose, from which this one cannot be learnt: 32 bytes."""
        return hmac.digest(self.__text.encode(), purpose.encode(), "sha256")

    def redact(self, text: str) -> str:
        """The text with every spelling of the key masked: plain, URL, JSON and base64."""
        raw = self.__text.encode()
        spellings = {
            self.__text,
            urllib.parse.quote(self.__text, safe=""),
            json.dumps(self.__text)[1:-1],
            base64.b64encode(raw).decode().rstrip("="),
            base64.urlsafe_b64encode(raw).decode().rstrip("="),
        }
        for spelling in sorted(spellings, key=len, reverse=True):
            text = text.replace(spelling, MASK)
        return text


def find_key(environment: Mapping[str, str], key_file: Path | None) -> ApiKey:
    """The key from the file, if one is named, else from `RPM_API_KEY`."""
    if key_file is not None:
        return checked(_from_file(key_file), origin=f"the key file {key_file}")
    if "RPM_API_KEY" not in environment:
        advice = (
            "set RPM_API_KEY, or name a file with --api-key-file; to try things without one: --url sandbox:"
        )
        raise InputError("reading the API key: RPM_API_KEY is not set", advice=advice)
    return checked(environment["RPM_API_KEY"], origin="RPM_API_KEY")


def checked(text: str, *, origin: str) -> ApiKey:
    """The key with outer white space gone, or a complaint that does not show it."""
    key = text.strip()
    if not key:
        complaint = "is empty"
    elif _PLACEHOLDER.fullmatch(key):
        complaint = "still contains a placeholder, not a key"
    elif not _SHAPE.fullmatch(key) or key.lower().startswith("bearer"):
        complaint = f"contains {len(key)} characters that are not an API key (white space, quotes or other signs in it)"
    else:
        return ApiKey(key)
    raise InputError(
        f"reading the API key: {origin} {complaint}", advice="copy only the key, as RPM shows it"
    )


def _from_file(path: Path) -> str:
    """The content of the key file, if nobody else can read it."""
    try:
        # Not waiting, because a pipe that nobody writes to would keep the run for ever.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(number, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise InputError(f"reading the API key: {path} is not a regular file")
            content = file.read(_FILE_LIMIT)
    except OSError as error:
        advice = "--api-key-file names a file that contains the key and nothing else"
        raise InputError(f"reading the API key: {path}: {error.strerror}", advice=advice) from None
    if os.name == "posix" and status.st_mode & 0o077:
        raise InputError(f"reading the API key: other users can read {path}", advice=f"chmod 600 {path}")
    if _tracked(path):
        advice = f"git rm --cached {path.name}, and have the key replaced: it is in the history now"
        raise InputError(f"reading the API key: git tracks {path}", advice=advice)
    return content.decode("utf-8", errors="replace")


def _tracked(path: Path) -> bool:
    """Whether git has the file, or the one that a link leads to, and so everybody who has the repository."""
    from reconciler.repo.git.repository import Repository  # noqa: PLC0415 - a key is mostly in the environment

    target = Path(os.path.realpath(path))
    try:
        repository = Repository.find(target.parent)
        return repository is not None and repository.tracks(target)
    except GitRefused as error:
        advice = f"{error.advice}; or keep the key file outside of the repository".removeprefix("; ")
        raise InputError(
            f"reading the API key: whether git tracks {path} is not known: {error.what}", advice=advice
        ) from None
