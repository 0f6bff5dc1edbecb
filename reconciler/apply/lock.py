"""One `apply` per subscription and machine: a lock that the kernel takes back when its holder dies.

It lies in the user's own state folder, not in the checkout, so that two clones of a repository meet. Who holds it is
written beside it, for people alone: a stale note never blocks anybody.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.core.errors import InputError, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.repo.settings import Settings


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where the user's programs keep state: `XDG_STATE_HOME` if it is an absolute path, else `~/.local/state`."""
    base = environment.get("XDG_STATE_HOME") or ""
    if not Path(base).is_absolute():
        home = environment.get("HOME") or ""
        if not home:
            raise InputError(
                "locking: neither XDG_STATE_HOME nor HOME names a folder",
                advice="set XDG_STATE_HOME, or HOME, to a folder that you own",
            )
        base = str(Path(home) / ".local" / "state")
    return Path(base) / "reconciler"


def lock_identity(settings: Settings) -> str:
    """What one apply at a time is about: the subscription, or the sandbox's own database."""
    if settings.url == "sandbox:":
        return f"sandbox: in {settings.local.resolve()}"
    return f"{settings.url.rstrip('/').lower()} (subscriber {settings.subscriber or 'not pinned'})"


@contextmanager
def exclusive(identity: str, environment: Mapping[str, str], *, started: str) -> Iterator[None]:
    """Hold the lock of a subscription; raises `Refused` at once while another run holds it."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 - only apply locks, and it need not slow the others

    folder = state_folder(environment)
    name = hashlib.sha256(identity.encode()).hexdigest()[:16]
    note = folder / f"{name}.json"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(folder / f"{name}.lock", timeout=0, mode=0o600)
        lock.acquire()
    except Timeout:
        advice = "wait for it to end; the lock is released when that process ends"
        raise Refused(f"locking {identity}: another apply is running{_holder(note)}", advice=advice) from None
    except OSError as error:
        raise InputError(
            f"locking {identity} in {folder}: {error.strerror}",
            advice="set XDG_STATE_HOME to a folder that you may write to",
        ) from None
    try:
        with suppress(OSError):
            note.write_text(json.dumps({"pid": os.getpid(), "since": started, "folder": str(Path.cwd())}))
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _holder(note: Path) -> str:
    """Who holds the lock, as far as the note tells."""
    try:
        holder = json.loads(note.read_text())
        return f" (process {holder['pid']}, since {holder['since']}, in {holder['folder']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
