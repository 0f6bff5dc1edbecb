"""One `apply` per subscription, machine and user: a lock that the kernel takes back when its holder dies.

It is in the user's own state folder, not in the checkout, so that two clones of a repository meet. There are two, both of
the kernel (`flock`): one of the service, one of a subscription of it. An apply that pins its subscriber shares the first and
has the second for itself; one that does not might mean any subscription, and has the first for itself. Who holds one is
noted next to it, for people alone: a stale note never blocks anybody.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.errors import InputError, Refused
from reconciler.core.text import printable
from reconciler.rpm.endpoint import SANDBOX, service_of, settle
from reconciler.rpm.sandbox_process import DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.repo.settings import Settings

_HELD: Final = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}


@dataclass(frozen=True, slots=True)
class LockIdentity:
    """What one apply at a time is about: a service, and the subscription of it that is pinned, or None."""

    service: str
    subscriber: int | None

    def __str__(self) -> str:
        return f"{self.service} (subscriber {self.subscriber or 'not pinned'})"


def lock_identity(settings: Settings) -> LockIdentity:
    """What an apply by these settings must have for itself; every spelling of an address is the same."""
    if settings.url == SANDBOX:
        return LockIdentity(f"sandbox: in {os.path.realpath(settings.local / DATABASE)}", settings.subscriber)
    try:
        address = settle(settings.url, from_file=False)
    except InputError:  # nothing is ever sent to such an address, which the session says
        return LockIdentity(printable(settings.url), settings.subscriber)
    return LockIdentity(service_of(address), settings.subscriber)


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where the user's programs keep state: `XDG_STATE_HOME`, else `~/.local/state`.

    A path that is not absolute is passed over, as the XDG specification has it: it would be another folder in each clone.
    """
    for name, below in (("XDG_STATE_HOME", ""), ("HOME", ".local/state")):
        base = Path(environment.get(name) or "")
        if base.is_absolute():
            return base / below / "reconciler"
    advice = "set XDG_STATE_HOME, or HOME, to a folder that you own"
    raise InputError("locking: neither XDG_STATE_HOME nor HOME names a folder", advice=advice)


@contextmanager
def exclusive(identity: LockIdentity, environment: Mapping[str, str], *, started: str) -> Iterator[None]:
    """Hold the lock of a subscription; raises `Refused` at once while another run has what it needs."""
    folder = state_folder(environment)
    service, subscription = _name(identity.service), _name(f"{identity.service} {identity.subscriber}")
    with ExitStack() as stack:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if identity.subscriber is None:
                stack.enter_context(_flock(folder / f"{service}.lock", fcntl.LOCK_EX))
            else:
                stack.enter_context(_flock(folder / f"{service}.lock", fcntl.LOCK_SH))
                stack.enter_context(_flock(folder / f"{subscription}.lock", fcntl.LOCK_EX))
        except OSError as error:
            if error.errno in _HELD and not isinstance(error, PermissionError):
                raise _refused(identity, _holders(folder, service)) from None
            advice = "set XDG_STATE_HOME to a folder that you may write to"
            raise InputError(
                f"locking {identity} in {printable(str(folder))}: {error.strerror}", advice=advice
            ) from None
        note = folder / f"{service}.{os.getpid()}.json"
        stack.callback(note.unlink, missing_ok=True)
        with suppress(OSError):
            holder = {"pid": os.getpid(), "since": started, "folder": str(Path.cwd())}
            note.write_text(json.dumps({**holder, "subscriber": identity.subscriber}))
        yield


def _name(text: str) -> str:
    """A file's name for an identity."""
    return hashlib.sha256(text.encode("utf-8", errors="surrogateescape")).hexdigest()[:16]


@contextmanager
def _flock(path: Path, kind: int) -> Iterator[None]:
    """Hold a lock file, or raise OSError at once; it is never removed, since another run may be about to lock it."""
    number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(number, kind | fcntl.LOCK_NB)
        yield
    finally:
        os.close(number)


def _refused(identity: LockIdentity, holders: list[dict[str, Any]]) -> Refused:
    """Why this run must not start, with those that are in its way."""
    told = "; ".join(
        f"process {it['pid']}, since {it['since']}, in {printable(str(it['folder']))}, "
        f"subscriber {it['subscriber'] or 'not pinned'}"
        for it in holders
        if identity.subscriber is None or it["subscriber"] in {None, identity.subscriber}
    )
    advice = "wait for it to end; the lock is released when that process ends"
    if identity.subscriber is None or (holders and all(it["subscriber"] is None for it in holders)):
        advice += "; two that each pin `subscriber:`, another one, run side by side"
    running = f"another apply is running ({told})" if told else "another apply is running"
    return Refused(f"locking {identity}: {running}", advice=advice)


def _holders(folder: Path, service: str) -> list[dict[str, Any]]:
    """Who holds a lock of a service, as far as notes tell; a note of a process that is gone is swept."""
    found = []
    for note in sorted(folder.glob(f"{service}.*.json")):
        try:
            holder = json.loads(note.read_text())
            os.kill(int(holder["pid"]), 0)
            found.append({name: holder[name] for name in ("pid", "since", "folder", "subscriber")})
        except ProcessLookupError:
            note.unlink(missing_ok=True)
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found
