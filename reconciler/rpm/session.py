"""Settings + key -> a reader of RPM, for the length of a command. The only place where url, key and pool meet."""

from __future__ import annotations

import random
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from reconciler.core.errors import InputError, Refused
from reconciler.core.text import printable
from reconciler.core.values import Target
from reconciler.repo.state_dir import needed_folder
from reconciler.rpm.client import Bounds, Client
from reconciler.rpm.endpoint import SANDBOX, settle
from reconciler.rpm.key import SANDBOX_KEY, ApiKey, find_key
from reconciler.rpm.proxy import proxy_for
from reconciler.rpm.reader import Reader
from reconciler.rpm.retry import RetryPolicy
from reconciler.rpm.sandbox_process import DATABASE, embedded_rpm
from reconciler.rpm.seal import PURPOSE
from reconciler.rpm.transport import BoundedTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from reconciler.core.clock import Clock
    from reconciler.repo.settings import Settings
    from reconciler.rpm.endpoint import Address


@dataclass(frozen=True, slots=True)
class ReadSession:
    """What planning needs of RPM: whom it talks to, and a reader. Nothing in it edits."""

    target: Target
    reader: Reader
    clock: Clock
    announce: Callable[[str], None] = lambda text: None  # noqa: ARG005 - nobody has to listen
    snapshot_key: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """What a command needs of RPM: `reads` for everybody, and what the editor of an apply is made from."""

    reads: ReadSession
    client: Client
    retries: RetryPolicy
    stop: threading.Event


@dataclass(frozen=True, slots=True)
class RunEnvironment:
    """What a run is given from outside: environment, key file, clock, who is told of announcements, and whom to trust.

    `ca_file` beats `RPM_CA_FILE`; both name certificates to trust instead of the usual ones.
    """

    variables: Mapping[str, str]
    key_file: Path | None
    clock: Clock
    announce: Callable[[str], None]
    ca_file: Path | None = None


class LazySession:
    """A session that is opened by whoever first needs RPM, so that a wrong file costs no call; `with` closes it."""

    def __init__(self, settings: Settings, environment: RunEnvironment) -> None:
        """Nothing is opened yet."""
        self._settings = settings
        self._environment = environment
        self._stack = ExitStack()
        self._session: Session | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self._session = None

    def open(self) -> Session:
        """The session, the same one each time; no call is made but the `Info` that a pinned subscriber asks for."""
        if self._session is None:
            self._session = self._stack.enter_context(open_session(self._settings, self._environment))
        return self._session

    def count_anew(self, calls: int = 0) -> None:
        """Count, and limit, the calls from here on, as a command of its own would; `calls` were made for it already."""
        if self._session is not None:
            self._session.client.count_anew(calls)

    def reads(self) -> ReadSession:
        """The part of it that planning gets."""
        return self.open().reads


@contextmanager
def open_session(settings: Settings, environment: RunEnvironment) -> Iterator[Session]:
    """Open a session; no call is made but the `Info` that a pinned subscriber asks for."""
    target = target_of(settings)
    with ExitStack() as stack:
        if settings.url == SANDBOX:
            needed_folder(settings.local)
            url, most = stack.enter_context(embedded_rpm(settings.local / DATABASE))
            service = _Service(target, settle(url, from_file=False), ApiKey(SANDBOX_KEY), most)
        else:
            address = settle(settings.url, from_file=settings.url_from_file)
            service = _Service(target, address, find_key(environment.variables, environment.key_file))
        session = _wired(settings, environment, service)
        stack.callback(session.client.close)
        if settings.subscriber is not None:
            check_subscriber(session.reads.reader, settings.subscriber)
        yield session


def target_of(settings: Settings) -> Target:
    """Whom a plan by these settings is for; the embedded RPM's port, which is another every time, is not in it."""
    if not settings.url:
        advice = "write `url:` in reconciler.yaml, set RPM_API_URL, or try --url sandbox:"
        raise InputError("connecting to RPM: no url is set", advice=advice)
    url = SANDBOX if settings.url == SANDBOX else settle(settings.url, from_file=settings.url_from_file).url
    return Target(url, settings.subscriber)


class _Service(NamedTuple):
    """RPM as this run finds it: whom it is, where, the key it takes, and how many connections it keeps open, if that is known."""

    target: Target
    address: Address
    key: ApiKey
    most: int | None = None


def _wired(settings: Settings, environment: RunEnvironment, service: _Service) -> Session:
    """Wire the parts."""
    target, address, key, most = service
    clock = environment.clock
    proxy = proxy_for(address, environment.variables)
    if proxy is not None:
        environment.announce(f"calls go through the proxy {proxy.shown}")
    stop = threading.Event()
    retries = RetryPolicy(clock, stop, random.SystemRandom())
    named = environment.variables.get("RPM_CA_FILE")
    ca_file = environment.ca_file or (Path(named) if named else None)
    transport = BoundedTransport(address, clock.monotonic, proxy=proxy, ca_file=ca_file, most=most)
    client = Client(address, key, transport, Bounds(settings.timeout, settings.limits.calls), clock)
    sealing = key.derived(PURPOSE)
    reads = ReadSession(target, Reader(client, retries, clock), clock, environment.announce, sealing)
    return Session(reads, client, retries, stop)


def check_subscriber(reader: Reader, pinned: int) -> None:
    """Refuse a key of another subscription: its ids would mean other customers."""
    info = reader.info()
    if info.subscriber_id != pinned:
        raise Refused(
            f"checking the subscriber: {pinned} is pinned, but the key belongs to "
            f"{info.subscriber_id} ({printable(info.subscriber)})",
            advice="use a key of that subscription, or correct `subscriber:` (--subscriber); nothing was edited",
        )
