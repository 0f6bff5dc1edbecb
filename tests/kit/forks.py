"""The installed command, or the embedded RPM, as a fork of a process that has imported it: a tenth of what a start of Python costs.

A run is a process of its own, with its own folder, environment, arguments and descriptors; only the imports are shared. Where the start itself is what a test is about, it starts the command (`Workplace.start`).

This file is both sides: a test process imports `Forks`, which runs the file as a program.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import select
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LATER: Final = ("httpx", "jinja2", "rich.console", "rich.progress", "deepdiff")
_HEAD: Final = 4
_SHIM: Final = """\
import json, os, socket, sys
control = socket.socket(fileno=int(os.environ["FORKS"]))
read, write = os.pipe()
request = {"program": "reconciler", "words": sys.argv, "folder": os.getcwd(), "environment": dict(os.environ)}
body = json.dumps(request).encode()
socket.send_fds(control, [len(body).to_bytes(4), body], [0, 1, 2, write])  # in one piece: shells have jobs
os.close(write)
told = b"".join(iter(lambda: os.read(read, 64), b""))
os._exit(int(told.split()[1]) & 255)
"""


class Forks:
    """The process that forks; one for a test process, started when it is first asked."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        self._one_at_a_time = threading.Lock()
        words = [sys.executable, "-P", __file__, str(theirs.fileno())]
        environment = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], **_coverage()}
        self._process = subprocess.Popen(
            words, env=environment, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
        )
        theirs.close()

    def run(self, words: list[str], folder: str, environment: dict[str, str]) -> tuple[int, bytes, bytes]:
        """The exit code, standard output and standard error of a run without standard input; TimeoutError after two minutes."""
        (out, out_end), (err, err_end) = os.pipe(), os.pipe()
        streams = (os.open(os.devnull, os.O_RDONLY), out_end, err_end)
        reply = self.start("reconciler", words, streams, folder, environment)
        for descriptor in streams:
            os.close(descriptor)
        said = _read_all({"out": out, "err": err, "reply": reply})
        return int(said["reply"].split()[1]), said["out"], said["err"]

    def start(
        self,
        program: str,
        words: list[str],
        streams: tuple[int, int, int],
        folder: str,
        environment: dict[str, str],
    ) -> int:
        """Start `reconciler` or `sandbox`; a pipe that gives its process id and, when it has ended, its exit code."""
        read, write = os.pipe()
        request = {"program": program, "words": words, "folder": folder, "environment": environment}
        body = json.dumps(request).encode()
        with self._one_at_a_time:
            socket.send_fds(self._ours, [len(body).to_bytes(_HEAD)], [*streams, write])
            self._ours.sendall(body)
        os.close(write)
        return read

    def shim(self, folder: Path) -> tuple[Path, dict[str, str], list[int]]:
        """A `reconciler` for a shell, which has its words run by a fork; with what the shell's environment and descriptors need."""
        path = folder / "reconciler"
        path.write_text(f"#!{sys.executable} -IS\n{_SHIM}")
        path.chmod(0o755)
        return path, {"FORKS": str(self._ours.fileno())}, [self._ours.fileno()]


@cache
def forks() -> Forks:
    """The one of this process."""
    return Forks()


def _coverage() -> dict[str, str]:
    return {name: text for name, text in os.environ.items() if name.startswith("COVERAGE_")}


def _read_all(pipes: dict[str, int]) -> dict[str, bytes]:
    """What comes out of each pipe until its end."""
    said = dict.fromkeys(pipes, b"")
    end = time.monotonic() + 120
    with selectors.DefaultSelector() as waiting:
        for name, descriptor in pipes.items():
            waiting.register(descriptor, selectors.EVENT_READ, name)
        while waiting.get_map():
            found = waiting.select(max(0, end - time.monotonic()))
            if not found:
                with suppress(ProcessLookupError):
                    os.kill(int(said["reply"].split()[0]), signal.SIGKILL)
                raise TimeoutError(said)
            for key, _ in found:
                if content := os.read(key.fd, 1 << 16):
                    said[key.data] += content
                else:
                    waiting.unregister(key.fd)
                    os.close(key.fd)
    return said


def _serve(control: socket.socket) -> str:
    """Fork for each request, tell how each fork ended, and return in the fork the program that it is to be."""
    replies: dict[int, int] = {}
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    waited: list[Any] = [control, ended]
    while True:
        ready, _, _ = select.select(waited, [], [])
        if ended in ready:
            os.read(ended, 1 << 10)
            _tell_ends(replies)
        if control in ready:
            descriptors: list[int] = []
            head = _exactly(control, _HEAD, descriptors)
            if not head:
                os._exit(0)
            request = json.loads(_exactly(control, int.from_bytes(head)))
            reply = descriptors.pop()
            child = os.fork()
            if child == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for descriptor in (control.detach(), ended, wake, reply, *replies.values()):
                    os.close(descriptor)
                return _become(request, descriptors)
            replies[child] = reply
            os.write(reply, b"%d " % child)
            for descriptor in descriptors:
                os.close(descriptor)


def _tell_ends(replies: dict[int, int]) -> None:
    """Tell of each fork that ended how it did."""
    while replies:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child == 0:
            return
        reply = replies.pop(child)
        with suppress(BrokenPipeError):
            os.write(reply, b"%d" % os.waitstatus_to_exitcode(status))
        os.close(reply)


def _exactly(control: socket.socket, size: int, descriptors: list[int] | None = None) -> bytes:
    """So many bytes, and the descriptors that came with them; nothing where the other side has gone."""
    content = b""
    while len(content) < size:
        more, found, _, _ = socket.recv_fds(control, size - len(content), 4)
        if not more:
            return b""
        content += more
        if descriptors is not None:
            descriptors += found
    return content


def _become(request: dict[str, Any], descriptors: list[int]) -> str:
    """Take over folder, environment, words and streams; the program that was asked for."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    sys.argv = request["words"]
    return str(request["program"])


def _ended(main: Callable[[], int]) -> int:
    """The exit code, once all is done that Python does at its end but for taking its modules apart."""
    try:
        sys.exit(main())  # as the installed script does
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # noqa: BLE001 - as Python would end
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return code


def _imported() -> dict[str, Callable[[], int]]:
    """What each program calls, with every module that it could need."""
    package = importlib.import_module("reconciler")
    for module in pkgutil.walk_packages(package.__path__, "reconciler."):
        importlib.import_module(module.name)
    for name in _LATER:
        importlib.import_module(name)
    (command,) = entry_points(group="console_scripts", name="reconciler")
    sandbox = importlib.import_module("reconciler.sandbox.__main__")
    return {"reconciler": command.load(), "sandbox": sandbox.main}


if __name__ == "__main__":
    programs = _imported()
    gc.freeze()
    asked = _serve(socket.socket(fileno=int(sys.argv[1])))
    os._exit(_ended(programs[asked]))
