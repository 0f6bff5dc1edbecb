"""Each protection of the door to git by itself: what it keeps out comes in when it alone is taken away."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from reconciler.repo.git import process
from reconciler.repo.git.repository import Repository
from tests.kit.git import Git

if TYPE_CHECKING:
    from collections.abc import Callable

HOUSE: Final = Path(process.__file__).parents[2]
READING: Final = frozenset(
    {
        *(
            "cat-file",
            "check-attr",
            "config",
            "diff-tree",
            "for-each-ref",
            "ls-files",
            "ls-tree",
            "merge-base",
        ),
        *("rev-list", "rev-parse", "symbolic-ref"),
    }
)
"""The commands of git that may be asked: they print what is there, and write nothing."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own."""
    made = tmp_path / "home"
    made.mkdir()
    monkeypatch.setenv("HOME", str(made))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return made


def repository(folder: Path) -> Repository:
    """The repository in a folder."""
    found = Repository.find(folder)
    assert found is not None
    return found


def replaced(git: Git, _: Path) -> Callable[[], object]:
    """Another content in place of the one that was reviewed."""
    other = git("hash-object", "-w", "--stdin", given=b"Name: Mallory\n")
    git("replace", git("rev-parse", "HEAD:customers/acme.yaml"), other)
    repo = repository(git.folder)
    return lambda: repo.blobs(repo.tree("HEAD", "customers/acme.yaml"))


def embedded(git: Git, _: Path) -> Callable[[], object]:
    """A bare repository whose files a commit brought along, in a folder whose own `.git` is broken."""
    folder = git.folder / "inner"
    Git.init(folder, "--bare")("config", "core.bare", "false")
    Git(folder)("config", "core.worktree", str(folder))
    (folder / ".git").mkdir()
    return lambda: Repository.find(folder)


def monitored(git: Git, home: Path) -> Callable[[], object]:
    """A program that tells which files changed; its answer to the index of the repository is a canary."""
    canary = home / "canary"
    program = home / "program"
    program.write_text(f"#!/bin/sh\necho >> {canary}\n")
    program.chmod(0o755)
    git.config("core.fsmonitor", str(program))
    git("update-index", "--fsmonitor")

    def asked() -> bool:
        canary.unlink(missing_ok=True)
        repository(git.folder).index()
        return canary.exists()

    return asked


def encoded(git: Git, _: Path) -> Callable[[], object]:
    """Names in another encoding."""
    git.config("i18n.logOutputEncoding", "UTF-16LE")
    git.commit(author="Zoë", acme="Name: Acme Inc\n")
    repo = repository(git.folder)
    return lambda: [it.commit.author for it in repo.history("HEAD", "customers").main]


def lacking(git: Git, home: Path) -> Callable[[], object]:
    """A partial clone that would fetch what it lacks."""
    git.config("uploadpack.allowFilter", "true")
    clone = home / "clone"
    git("clone", "--quiet", "--filter=blob:none", "--no-checkout", f"file://{git.folder}", str(clone))
    repo = repository(clone)
    return lambda: repo.blobs(repo.tree("HEAD", "customers/acme.yaml"))


def grafted(git: Git, _: Path) -> Callable[[], object]:
    """A file that takes a commit's parents away."""
    git.commit(acme="Name: Acme Inc\n")
    (git.folder / ".git/info").mkdir(exist_ok=True)
    (git.folder / ".git/info/grafts").write_text(git("rev-parse", "HEAD") + "\n")
    repo = repository(git.folder)
    return lambda: len(repo.history("HEAD", "customers").main)


def surroundings_of_a_filter(git: Git, home: Path) -> Callable[[], object]:
    """What a filter of the user's, and what it starts, finds in its environment."""
    (home / ".gitconfig").write_text(
        '[filter "x"]\n\tsmudge = "cat >/dev/null; echo $GIT_TERMINAL_PROMPT $LANGUAGE"\n'
    )
    (git.folder / ".gitattributes").write_text("*.yaml filter=x\n")
    repo = repository(git.folder)
    return lambda: repo.blobs(repo.tree("HEAD", "customers/acme.yaml"))


def around(git: Git, _: Path) -> Callable[[], object]:
    """A `.git` that is broken, inside of a repository that is sound."""
    (git.folder / "inner" / ".git").mkdir(parents=True)
    return lambda: Repository.find(git.folder / "inner")


ROWS: Final[dict[str, Callable[[Git, Path], Callable[[], object]]]] = {
    "--no-replace-objects": replaced,
    "safe.bareRepository=explicit": embedded,
    "core.fsmonitor=false": monitored,
    "i18n.logOutputEncoding=UTF-8": encoded,
    "GIT_ALLOW_PROTOCOL": lacking,
    "GIT_NO_LAZY_FETCH": lacking,
    "GIT_GRAFT_FILE": grafted,
    "GIT_TERMINAL_PROMPT": surroundings_of_a_filter,
    "LANGUAGE": surroundings_of_a_filter,
    "GIT_CEILING_DIRECTORIES": around,
}
HELD: Final = {
    "--no-replace-objects": (b"Name: Acme\n",),
    "safe.bareRepository=explicit": "cannot use bare repository",
    "core.fsmonitor=false": False,
    "i18n.logOutputEncoding=UTF-8": ["Zoë", "Ada"],
    "GIT_ALLOW_PROTOCOL": "this clone lacks it",
    "GIT_NO_LAZY_FETCH": "this clone lacks it",
    "GIT_GRAFT_FILE": 2,
    "GIT_TERMINAL_PROMPT": (b"0 en\n",),
    "LANGUAGE": (b"0 en\n",),
    "GIT_CEILING_DIRECTORIES": "not a git repository",
}
PAIR: Final = {"GIT_ALLOW_PROTOCOL": "GIT_NO_LAZY_FETCH", "GIT_NO_LAZY_FETCH": "GIT_ALLOW_PROTOCOL"}
"""Two against the same, since git knows the one from 2.45 on: each is asked of while the other is away."""


def told(question: Callable[[], object]) -> object:
    """The answer; of an error its words."""
    try:
        return question()
    except Exception as error:  # noqa: BLE001 - whatever git's answer makes of it is another answer
        return repr(error)


@pytest.mark.parametrize("what", ROWS)
def test_each_protection_holds_by_itself(
    what: str, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With it, the answer is the right one; without it alone, it is another."""
    git = Git.init(tmp_path / "repository")
    git.commit(acme="Name: Acme\n")
    question = ROWS[what](git, home)
    if what in PAIR:
        take_away(PAIR[what], monkeypatch)
    if what == "GIT_NO_LAZY_FETCH" and isinstance(told(question), tuple):
        pytest.skip("this git does not know it")
    held, answer = HELD[what], told(question)
    assert held in answer if isinstance(held, str) and isinstance(answer, str) else held == answer, answer
    take_away(what, monkeypatch)
    assert told(question) != answer


def take_away(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask git without one protection."""
    protections = list(process._PROTECTIONS)
    if what in protections:
        at = protections.index(what)
        del protections[at - 1 if "=" in what else at : at + 1]
        monkeypatch.setattr(process, "_PROTECTIONS", tuple(protections))
        return
    environment = process._environment

    def without(*given: object) -> dict[str, str]:
        made = environment(*given)  # type: ignore[arg-type]
        del made[what]
        return made

    monkeypatch.setattr(process, "_environment", without)


def test_no_program_that_git_starts_gets_the_api_key(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even a filter of the user's own."""
    monkeypatch.setenv("RPM_API_KEY", "canary")
    (home / ".gitconfig").write_text('[filter "x"]\n\tsmudge = "cat >/dev/null; echo key=$RPM_API_KEY"\n')
    git = Git.init(tmp_path / "repository")
    git.commit(acme="Name: Acme\n")
    (git.folder / ".gitattributes").write_text("*.yaml filter=x\n")
    repo = repository(git.folder)
    assert repo.blobs(repo.tree("HEAD", "customers/acme.yaml")) == (b"key=\n",)


def test_each_protection_has_its_row() -> None:
    """One that nothing shows to be needed is not there."""
    settings = {word for word in process._PROTECTIONS if word != "-c"}
    variables = process._environment(Path("/"), {}, ()).keys()
    assert ROWS.keys() == HELD.keys() == settings | variables


def test_git_is_asked_by_plumbing_alone() -> None:
    """These start no hook, no pager and no external diff, so nothing of that has to be switched off."""
    asked = set()
    for path in HOUSE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if name in {"run_git", "start"} and isinstance(node, ast.Call):
                words = node.args[1:2]
                assert words, f"{path.name}:{node.lineno}"
                asked |= {it.value if isinstance(it, ast.Constant) else ast.unparse(it) for it in words}
    assert {it for it in asked if not str(it).startswith("*")} <= READING
    assert {it for it in asked if str(it).startswith("*")} <= {"*words"}
