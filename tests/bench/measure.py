"""Commands measured as whole processes: seconds, seconds of processor, and the most memory they held."""

from __future__ import annotations

import http.client
import json
import os
import ssl
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import trustme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT: Final = Path(__file__).parents[2]
PYTHON: Final = sys.executable
TOOL: Final = str(Path(PYTHON).with_name("reconciler"))


@dataclass(frozen=True, slots=True)
class Run:
    """One process: wall and processor time in seconds."""

    wall: float
    processor: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Several measurements of one thing."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    def shown(self, digits: int = 2) -> str:
        """The median, and from where to where the measurements went."""
        low, high = min(self.values), max(self.values)
        return f"{self.median:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def run(words: Sequence[str], folder: Path, *, code: int = 0, **environment: str) -> Run:
    """Run a command to its end; raises where it ends otherwise than it should, because that was not measured."""
    given = {**os.environ, "PYTHONPATH": str(ROOT), "RPM_API_KEY": "bench", **environment}
    start = time.perf_counter()
    with (folder / ".bench-output").open("w+") as output:
        process = subprocess.Popen(words, cwd=folder, env=given, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        if process.returncode != code:
            raise RuntimeError(f"{' '.join(words)}: exit {process.returncode}\n{output.read()[-2000:]}")
    return Run(wall, usage.ru_utime + usage.ru_stime)


def peak(words: Sequence[str], folder: Path) -> int:
    """The most memory that a command held, in bytes. A process begins with the peak of the one that made it, so a small one makes it."""
    made = (
        "import os, sys\n"
        "_, status, usage = os.wait4(os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:]), 0)\n"
        "print(usage.ru_maxrss)\n"
        "sys.exit(os.waitstatus_to_exitcode(status))"
    )
    given = {**os.environ, "PYTHONPATH": str(ROOT), "RPM_API_KEY": "bench"}
    done = subprocess.run(
        [PYTHON, "-c", made, *words], cwd=folder, env=given, capture_output=True, text=True, check=True
    )
    return int(done.stdout.splitlines()[-1]) * 1024


def in_turn(measurements: Mapping[str, Callable[[], float]], times: int) -> dict[str, Spread]:
    """Each measurement so often, in turn, so that a busy minute of the machine meets them all; one of each to warm up."""
    for measurement in measurements.values():
        measurement()
    found = [{name: measurement() for name, measurement in measurements.items()} for _ in range(times)]
    return {name: Spread(tuple(turn[name] for turn in found)) for name in measurements}


@dataclass(frozen=True, slots=True)
class Served:
    """A server at work; with TLS, whom to trust stands in the file `authority`."""

    port: int
    authority: str | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}" if self.authority is None else f"https://localhost:{self.port}"

    def taken(self) -> dict[str, Any]:
        """What its `Meter` counted since the last time."""
        if self.authority is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port)
        else:
            tls = ssl.create_default_context(cafile=self.authority)
            connection = http.client.HTTPSConnection("localhost", self.port, context=tls)
        connection.request("GET", "/")
        said: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        said["connections"] -= 1  # this one
        return said


@contextmanager
def serving(customers: int, milliseconds: float, *, secure: Path | None = None) -> Iterator[Served]:
    """A server with so many customers that answers after so long; by TLS with certificates made in the folder `secure`."""
    words, authority = [PYTHON, "-m", "tests.bench.server", str(customers), str(milliseconds)], None
    if secure is not None:
        words.append(str(secure / "server.pem"))
        authority = str(secure / "authority.pem")
        made = trustme.CA()
        made.cert_pem.write_to_path(authority)
        made.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(words[-1])
    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield Served(int(process.stdout.readline()), authority)
        process.communicate()
