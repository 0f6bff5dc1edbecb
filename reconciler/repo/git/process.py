"""The one door to git: which program runs, with which environment, and how it may end.

Nothing that the checkout names is run (product.md, promise 9). Its own `.git/config` counts as the checkout's, because a
folder that was copied or unpacked brings it along: what git would start while it reads is switched off here (file system
monitor, transports), and `config` takes care of the filters. Of the variables named `GIT_…` only those pass that hold the
user's own configuration; a hook's `GIT_DIR` would name another repository. Objects are read as they are: without
replacements, without grafts, and without a fetch of what a partial clone lacks, for which no transport is allowed.

git is asked by plumbing commands that read alone, with `-z` wherever a name or a text of somebody stands in what
they print. No configuration changes their output, and they start no hook, pager, external diff or textconv, take no lock
and read no mailmap: nothing of that has to be switched off. Its messages are in English, so that the same refusal has
the same words everywhere.

Each protection below has a test in which it alone is taken away (`tests/hostile/test_protections.py`).
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError
from reconciler.core.machine import machine_limit
from reconciler.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from subprocess import Popen
    from typing import IO

LOWEST: Final = (2, 39)
"""The lowest version that the tests run with; `cat-file -z` and `safe.bareRepository` are what needs it (2.38)."""

_KEPT: Final = re.compile(
    r"GIT_CONFIG_(COUNT|KEY_\d+|VALUE_\d+|GLOBAL|SYSTEM|NOSYSTEM)|GIT_SSH\w*|GIT_ASKPASS"
)
_PROTECTIONS: Final = (
    *("--no-replace-objects",),
    *("-c", "safe.bareRepository=explicit"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "i18n.logOutputEncoding=UTF-8"),
)
_VARIABLES: Final = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",  # which git knows since 2.45; before, that no transport is allowed ends a fetch
    "GIT_TERMINAL_PROMPT": "0",  # what a filter of the user's starts asks nothing either
    "LANGUAGE": "en",
}
_KEY: Final = "RPM_API_KEY"
"""Neither git nor a filter that it starts has a use for it."""
_USAGE: Final = 129
"""How git ends when it does not know an option."""


class GitRefused(InputError):
    """git would not or could not answer: its own words. Never to be taken for "there is nothing"."""

    @property
    def is_of_partial_clone(self) -> bool:
        """Whether git would have had to fetch an object; it says so last, after why it could not."""
        return "promisor remote" in str(self)


def run_git(
    root: Path,
    *words: str,
    given: bytes = b"",
    config: Sequence[tuple[str, str]] = (),
    accepted: Sequence[int] = (0,),
) -> bytes:
    """What git prints when it is asked in the folder that has `.git`.

    `config` has keys and values that beat every file's. Raises `GitRefused` for an end that is not among the `accepted`.
    """
    import subprocess  # noqa: PLC0415 - most commands never ask git

    try:
        done = subprocess.run(
            _command(words),
            input=given,
            capture_output=True,
            check=False,
            cwd=root,
            env=_environment(root, os.environ, config),
        )
    except OSError as error:
        raise _not_started(f"asking git in {printable(str(root))}", error) from None
    if done.returncode not in accepted:
        raise refusal(words[0], done.returncode, done.stderr)
    return done.stdout


def start(root: Path, *words: str, config: Sequence[tuple[str, str]], errors: IO[bytes]) -> Popen[bytes]:
    """The same for a process that stays, with a pipe at either end; `errors` takes its complaints."""
    import subprocess  # noqa: PLC0415 - see above

    try:
        return subprocess.Popen(
            _command(words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=root,
            env=_environment(root, os.environ, config),
        )
    except OSError as error:
        raise _not_started(f"asking git in {printable(str(root))}", error) from None


def _not_started(doing: str, error: OSError) -> GitRefused:
    """Why no git ran: a limit of this machine, or the system's words."""
    if limit := machine_limit(error):
        return GitRefused(f"{doing}: {limit.what}", advice=limit.advice)
    return GitRefused(f"{doing}: {error.strerror}")


def _command(words: Sequence[str]) -> list[str]:
    return [_program(), *_PROTECTIONS, *words]


def pathspec(path: str) -> str:
    """A path from the root of the repository in the words of git's commands, whatever signs are in it; `.` is all of it."""
    return f":(top,literal){'' if path == '.' else path}"


def version() -> tuple[str, bool]:
    """Git's version as it tells it, and whether it is at least the lowest that works; raises `GitRefused` without git."""
    import subprocess  # noqa: PLC0415 - see above

    try:
        done = subprocess.run([_program(), "version"], capture_output=True, check=False)
    except OSError as error:
        raise _not_started("asking git for its version", error) from None
    told = printable(done.stdout.decode("utf-8", errors="replace").strip().removeprefix("git version "))
    numbers = re.match(r"(\d+)\.(\d+)", told)
    return told, numbers is not None and (int(numbers[1]), int(numbers[2])) >= LOWEST


def refusal(word: str, code: int, said: bytes) -> GitRefused:
    """Git's own words for why it did not answer; what it advises goes on as advice."""
    lines = [
        printable(line.strip())
        for line in said.decode("utf-8", errors="replace").split("\n")
        if line.strip() and not line.startswith(("warning:", "hint:"))
    ]
    first = next((at for at, line in enumerate(lines) if line.startswith(("fatal:", "error:"))), 0)
    words = lines[first] if lines else f"it ended with {code}"
    if code == _USAGE:
        lowest = ".".join(map(str, LOWEST))
        return GitRefused(f"asking git {word}: {words}", advice=f"git {lowest} or newer is needed")
    return GitRefused(f"asking git {word}: {words}", advice=" ".join(lines[first + 1 :]))


def _program() -> str:
    """git, from the absolute entries of the PATH: a relative one would name a program of the checkout."""
    import shutil  # noqa: PLC0415 - see above

    entries = [
        entry for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if entry.startswith(os.sep)
    ]
    found = shutil.which("git", path=os.pathsep.join(entries))
    if found is None:
        raise GitRefused(
            "asking git: there is no git on the PATH", advice="install git, or put it on the PATH"
        )
    return found


def _environment(root: Path, around: Mapping[str, str], config: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The environment git runs in, without the API key; `config` comes after the user's own variables, and so beats them."""
    kept = {
        name: text
        for name, text in around.items()
        if name != _KEY and (not name.startswith("GIT_") or _KEPT.fullmatch(name))
    }
    kept |= _VARIABLES
    kept["GIT_CEILING_DIRECTORIES"] = str(Path(os.path.realpath(root)).parent)
    if config:
        known = kept.get("GIT_CONFIG_COUNT", "")
        first = int(known) if known.isascii() and known.isdigit() else 0
        kept["GIT_CONFIG_COUNT"] = str(first + len(config))
        for at, (key, value) in enumerate(config, start=first):
            kept |= {f"GIT_CONFIG_KEY_{at}": key, f"GIT_CONFIG_VALUE_{at}": value}
    return kept
