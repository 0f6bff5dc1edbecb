"""The lock of an apply: what is the same under two names, what runs side by side, and where it lies."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.apply.lock import LockIdentity, exclusive, lock_identity, state_folder
from reconciler.core.errors import InputError, Refused
from reconciler.repo.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

PINNED, OTHER, ANY = (LockIdentity("rpmtelco.com:443", it) for it in (1207, 1300, None))


def service(url: str) -> str:
    """What an apply to an address locks."""
    return lock_identity(Settings(root=Path("/repository"), url=url)).service


@pytest.mark.parametrize(
    ("one", "spellings"),
    [
        pytest.param(
            "rpmtelco.com:443",
            [
                "https://secure.rpmtelco.com/rpm/",
                "https://secure.rpmtelco.com",
                "https://secure.rpmtelco.com/rpm/api2.svc",
                "https://secure.rpmtelco.com/rpm/Api2.svc/",
                "https://Secure.RPMTelco.com:443/elsewhere/",
                "https://api.rpmtelco.com/",
                "https://rpmtelco.com/rpm/",
            ],
            id="one vendor",
        ),
        pytest.param(
            "cubedms.com:443",
            ["https://secure.cubedms.com/rpm/", "https://api.cubedms.com/"],
            id="another vendor",
        ),
        pytest.param(
            "localhost:8443",
            [
                "http://localhost:8443/",
                "https://localhost:8443/rpm/",
                "http://127.0.0.1:8443/",
                "http://127.9.8.7:8443/",
                "http://[::1]:8443/",
                "http://rpm.localhost:8443/",
            ],
            id="this machine",
        ),
        pytest.param(
            "rpm.example:443",
            ["https://rpm.example/", "https://RPM.example:443/rpm/api2.svc"],
            id="a host of one's own",
        ),
        pytest.param(
            "2001:db8::1:443",
            ["https://[2001:db8::1]/", "https://[2001:0DB8:0:0::0001]/rpm/"],
            id="an address",
        ),
    ],
)
def test_what_is_the_same_has_one_name(one: str, spellings: list[str]) -> None:
    """Scheme, path, case and the several names of one service do not count; host and port do."""
    assert {service(url) for url in spellings} == {one}


def test_what_is_not_the_same_has_two() -> None:
    """Other ports and hosts are other services."""
    urls = [
        "https://rpm.example/",
        "https://rpm.example:8443/",
        "https://rpm2.example/",
        "http://localhost:1/",
    ]
    assert len({service(url) for url in [*urls, "http://localhost:2/", "https://secure.rpmtelco.com/"]}) == 6


def test_the_sandbox_is_its_database(tmp_path: Path) -> None:
    """Wherever the path to it leads through."""
    (tmp_path / "clone").mkdir()
    (tmp_path / "link").symlink_to("clone")
    names = {lock_identity(Settings(root=tmp_path / it, url="sandbox:")).service for it in ("clone", "link")}
    assert names == {f"sandbox: in {tmp_path.resolve()}/clone/.reconciler/sandbox.sqlite"}


PAIRS: list[Any] = [
    pytest.param(PINNED, PINNED, False, id="the same subscription"),
    pytest.param(PINNED, OTHER, True, id="two pinned subscriptions"),
    pytest.param(PINNED, ANY, False, id="pinned, then not pinned"),
    pytest.param(ANY, PINNED, False, id="not pinned, then pinned"),
    pytest.param(ANY, ANY, False, id="neither is pinned"),
    pytest.param(ANY, LockIdentity("rpm.example:443", None), True, id="two services"),
]


@pytest.mark.row("F88")
@pytest.mark.parametrize(("first", "second", "beside"), PAIRS)
def test_what_runs_side_by_side(
    first: LockIdentity, second: LockIdentity, tmp_path: Path, *, beside: bool
) -> None:
    """Two pinned subscriptions do; an apply that is not pinned runs beside no other of its service."""
    place = {"XDG_STATE_HOME": str(tmp_path)}
    with exclusive(first, place, started="09:00"):
        if beside:
            with exclusive(second, place, started="09:01"):
                pass
            return
        with pytest.raises(Refused) as caught, exclusive(second, place, started="09:01"):
            pass
    assert (
        f"locking {second}: another apply is running (process {os.getpid()}, since 09:00" in caught.value.what
    )
    assert ("two that each pin `subscriber:`" in caught.value.advice) is (
        None in {first.subscriber, second.subscriber}
    )
    with exclusive(second, place, started="09:02"):
        pass


def test_a_third_run_is_told_who_is_in_its_way_alone(tmp_path: Path) -> None:
    """Not of those that it could run beside."""
    place = {"XDG_STATE_HOME": str(tmp_path)}
    with exclusive(PINNED, place, started=""):
        child = subprocess.run(
            [sys.executable, "-c", HOLDER, "1300", "1207"], env={**os.environ, **place}, capture_output=True, text=True, check=True
        )  # fmt: skip
    held, refused = child.stdout.splitlines()
    assert held == "held 1300"
    assert refused.count("process") == 1
    assert f"process {os.getpid()}, " in refused
    assert "subscriber 1207)" in refused


HOLDER = """
import os, sys
from reconciler.apply.lock import LockIdentity, exclusive
from reconciler.core.errors import Refused
for number in map(int, sys.argv[1:]):
    try:
        with exclusive(LockIdentity("rpmtelco.com:443", number), os.environ, started=""):
            print("held", number)
    except Refused as refusal:
        print(refusal.what)
"""


@pytest.mark.row("F125")
def test_a_stale_note_misleads_nobody(tmp_path: Path) -> None:
    """One of a process that is gone is swept, and one that is no note is passed over."""
    place = {"XDG_STATE_HOME": str(tmp_path)}
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with exclusive(ANY, place, started="09:00"):
        (note,) = (tmp_path / "reconciler").glob("*.json")
        stale = note.with_name(note.name.replace(str(os.getpid()), str(gone.pid)))
        stale.write_text(json.dumps({**json.loads(note.read_text()), "pid": gone.pid}))
        note.with_name(note.name.replace(str(os.getpid()), "x")).write_text("{")
        with pytest.raises(Refused) as caught, exclusive(ANY, place, started=""):
            pass
    assert caught.value.what.count("process") == 1
    assert not stale.exists()
    assert not note.exists()


@pytest.mark.row("F130")
@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"XDG_STATE_HOME": "/state", "HOME": "/home/ada"}, "/state/reconciler"),
        ({"XDG_STATE_HOME": "state", "HOME": "/home/ada"}, "/home/ada/.local/state/reconciler"),
        ({"XDG_STATE_HOME": "", "HOME": "/home/ada"}, "/home/ada/.local/state/reconciler"),
        ({"HOME": "/"}, "/.local/state/reconciler"),
    ],
)
def test_where_it_lies(variables: Mapping[str, str], folder: str) -> None:
    """A relative XDG_STATE_HOME is another folder in each clone, and is not obeyed."""
    assert state_folder(variables) == Path(folder)


@pytest.mark.row("F130")
@pytest.mark.parametrize("variables", [{}, {"HOME": ""}, {"HOME": "home", "XDG_STATE_HOME": "./state"}])
def test_nowhere_to_lie(variables: Mapping[str, str]) -> None:
    """Both variables are named."""
    with pytest.raises(InputError, match="neither XDG_STATE_HOME nor HOME names a folder"):
        state_folder(variables)


@pytest.mark.row("F130")
def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """As for an unknown user of a container, whose home is the root: the variable that helps is named."""
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as caught, exclusive(ANY, {"HOME": str(tmp_path / "file")}, started=""):
        pass
    assert "Not a directory" in caught.value.what
    assert "set XDG_STATE_HOME to a folder that you may write to" in caught.value.advice


@pytest.mark.row("F126")
def test_a_disk_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home on a network's disk, say: an error that names the variable that helps, and never a run without a lock."""

    def refuse(number: int, how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK), number, how)

    monkeypatch.setattr(fcntl, "flock", refuse)
    with (
        pytest.raises(InputError, match=r"No locks available\n.*set XDG_STATE_HOME to a folder"),
        exclusive(ANY, {"XDG_STATE_HOME": str(tmp_path)}, started="now"),
    ):
        pytest.fail("it has no lock")
