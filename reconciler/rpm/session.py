"""Settings + key -> a reader of RPM, for the length of a command. The only place where url, key and pool meet."""

from __future__ import annotations

import random
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.core.errors import InputError, Refused
from reconciler.core.text import printable
from reconciler.core.values import Target
from reconciler.repo.state_dir import needed_folder
from reconciler.rpm.client import Bounds, Client
from reconciler.rpm.endpoint import SANDBOX, proxy_for, settle
from reconciler.rpm.key import SANDBOX_KEY, ApiKey, find_key
from reconciler.rpm.reader import Reader
from reconciler.rpm.retry import RetryPolicy
from reconciler.rpm.sandbox_process import DATABASE, embedded_rpm
from reconciler.rpm.transport import BoundedTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from reconciler.core.clock import Clock
    from reconciler.repo.settings import Settings
    from reconciler.rpm.endpoint import Address


@dataclass(frozen=True, slots=True)
class Session:
    """What a command needs of RPM. Plans are made with `reader`; `client` is there for the editor of an apply."""

    target: Target
    reader: Reader
    client: Client
    retries: RetryPolicy
    stop: threading.Event
    clock: Clock
    announce: Callable[[str], None] = lambda text: None  # noqa: ARG005 - nobody has to listen


@dataclass(frozen=True, slots=True)
class RunEnvironment:
    """What a run is given from outside: environment, key file, clock, and a voice for announcements."""

    environment: Mapping[str, str]
    key_file: Path | None
    clock: Clock
    announce: Callable[[str], None]


@contextmanager
def connect(settings: Settings, around: RunEnvironment) -> Iterator[Session]:
    """Open a connection; no call is made but the `Info` that a pinned subscriber asks for."""
    target = target_of(settings)
    with ExitStack() as stack:
        if settings.url == SANDBOX:
            needed_folder(settings.local)
            url = stack.enter_context(embedded_rpm(settings.local / DATABASE))
            address, key = settle(url, from_file=False), ApiKey(SANDBOX_KEY)
        else:
            address = settle(settings.url, from_file=settings.url_from_file)
            key = find_key(around.environment, around.key_file)
        connection = _connection(settings, around, address, key, target)
        stack.callback(connection.client.close)
        if settings.subscriber is not None:
            _check_subscriber(connection.reader, settings.subscriber)
        yield connection


def target_of(settings: Settings) -> Target:
    """Whom a plan by these settings is for; the embedded RPM's port, which is another every time, is not in it."""
    if not settings.url:
        advice = "write `url:` in reconciler.yaml, set RPM_API_URL, or try --url sandbox:"
        raise InputError("connecting to RPM: no url is set", advice=advice)
    url = SANDBOX if settings.url == SANDBOX else settle(settings.url, from_file=settings.url_from_file).url
    return Target(url, settings.subscriber)


def _connection(
    settings: Settings, around: RunEnvironment, address: Address, key: ApiKey, target: Target
) -> Session:
    """Wire the parts."""
    proxy = proxy_for(address, around.environment)
    if proxy is not None:
        around.announce(f"calls go through the proxy {printable(proxy.rpartition('@')[2])}")
    stop = threading.Event()
    retries = RetryPolicy(around.clock, stop, random.SystemRandom())
    transport = BoundedTransport(address, proxy, around.clock.monotonic)
    bounds = Bounds(settings.timeout, settings.limits.calls)
    client = Client(address, key, transport, bounds, around.clock)
    reader = Reader(client, retries, around.clock)
    return Session(target, reader, client, retries, stop, around.clock, around.announce)


def _check_subscriber(reader: Reader, pinned: int) -> None:
    """Refuse a key of another subscription: its ids would mean other customers."""
    info = reader.info()
    if info.subscriber_id != pinned:
        raise Refused(
            f"checking the subscriber: {pinned} is pinned, but the key belongs to "
            f"{info.subscriber_id} ({printable(info.subscriber)})",
            advice="use a key of that subscription, or mend `subscriber:` (--subscriber); nothing was edited",
        )
