"""The one door to git: what it finds, what a ref means, where a branch parted, and what git has of a file."""

from __future__ import annotations

import errno
import os
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from reconciler.core.errors import InputError
from reconciler.repo.git.model import Behind, EntryKind
from reconciler.repo.git.process import GitRefused
from reconciler.repo.git.repository import Repository
from reconciler.repo.git.root import find_root
from reconciler.repo.git.trees import KnownFolder
from tests.kit.git import Git

if TYPE_CHECKING:
    from pathlib import Path


def found(git: Git) -> Repository:
    """The repository that a test built."""
    repository = Repository.find(git.folder)
    assert repository is not None
    return repository


@pytest.fixture(autouse=True)
def own_configuration(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own configuration, empty at first."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return home / ".gitconfig"


def test_a_repository_is_found_by_its_own_folder_above(tmp_path: Path) -> None:
    """From a folder below, and from a linked worktree; its root has no links in it."""
    git = Git.init(tmp_path / "repository")
    git.commit(acme="Name: Acme\n")
    (tmp_path / "link").symlink_to(git.folder)
    repository = Repository.find(tmp_path / "link" / "customers")
    assert repository is not None
    assert repository.root == git.folder
    assert repository.path(tmp_path / "link" / "customers") == "customers"
    git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "other"))
    linked = Repository.find(tmp_path / "other" / "customers")
    assert linked is not None
    assert (linked.root, linked.branch(), linked.head()) == (tmp_path / "other", "other", repository.head())


def test_where_nothing_is_called_git_there_is_no_repository(tmp_path: Path) -> None:
    """The only case in which absence is believed; `tmp_path` itself lies in none."""
    assert Repository.find(tmp_path) is None
    assert find_root(tmp_path) is None


def test_a_bare_repository_below_is_not_entered(tmp_path: Path) -> None:
    """A commit can bring one along; the folder that holds it is a folder like others."""
    git = Git.init(tmp_path / "outer")
    Git.init(git.folder / "customers", "--bare")
    repository = Repository.find(git.folder / "customers" / "refs")
    assert repository is not None
    assert repository.root == git.folder


@pytest.mark.parametrize(
    "what", ["an empty folder", "a file", "a link to nothing", "a moved worktree", "newer", "elsewhere"]
)
def test_a_refusal_of_git_is_an_error_with_its_words(what: str, tmp_path: Path) -> None:
    """Never taken for "no repository here", also where there is a sound one above."""
    Git.init(tmp_path)
    inner = tmp_path / "inner:colon"
    (inner / "customers").mkdir(parents=True)
    if what == "an empty folder":
        (inner / ".git").mkdir()
    elif what == "a file":
        (inner / ".git").write_text("nonsense\n")
    elif what == "a link to nothing":
        (inner / ".git").symlink_to("nowhere")
    elif what == "a moved worktree":
        (inner / ".git").write_text("gitdir: /nowhere/worktrees/inner\n")
    elif what == "newer":
        Git.init(inner).config("core.repositoryFormatVersion", "99")
    else:
        Git.init(inner).config("core.worktree", str(tmp_path))
    with pytest.raises(GitRefused, match="asking git"):
        Repository.find(inner / "customers")


def test_no_git_on_the_path_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a relative entry of the PATH names no program, because the checkout would bring it along."""
    git = Git.init(tmp_path)
    canary = tmp_path / "canary"
    program = tmp_path / "git"
    program.write_text(f"#!/bin/sh\ntouch {canary}\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".:")
    with pytest.raises(GitRefused, match="no git on the PATH"):
        Repository.find(git.folder)
    assert not canary.exists()


@pytest.mark.row("F131")
def test_a_limit_of_the_machine_is_not_called_gits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named as what it is, with what helps."""
    Git.init(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(GitRefused, match="this machine's limits: no more files can be opened") as caught:
        Repository.find(tmp_path)
    assert "ulimit -n" in caught.value.advice


def test_a_ref_is_a_branch_a_tag_a_commit_or_an_expression(tmp_path: Path) -> None:
    """Annotated tags are followed to their commit, and a branch may be called like a folder."""
    git = Git.init(tmp_path)
    first = git.commit(acme="Name: Acme\n")
    git("tag", "-a", "-m", "a tag", "v1")
    git("branch", "customers")
    second = git.commit(acme="Name: Acme Inc\n")
    repository = found(git)
    names = {
        "v1": first,
        "customers": first,
        "main": second,
        "HEAD~1": first,
        first[:9]: first,
        "refs/tags/v1": first,
    }
    assert {name: repository.resolve(name).commit for name in names} == names
    assert repository.resolve("main").name == "refs/heads/main"


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("both", "reading base both: it names refs/heads/both and refs/tags/both"),
        ("nothing", "reading base nothing: git knows no such commit"),
        ("--all", "reading base --all: git knows no such commit"),
        ("", "git knows no such commit"),
        ("a b", "git knows no such commit"),
        ("main:customers", "git knows no such commit"),
        ("main..both", "git knows no such commit"),
        ("tree", "reading base tree: refs/tags/tree names no commit that this clone has"),
    ],
)
def test_a_ref_that_is_no_one_commit_is_an_error(ref: str, message: str, tmp_path: Path) -> None:
    """A tag does not take the place of a branch in silence."""
    git = Git.init(tmp_path)
    git.commit(acme="Name: Acme\n")
    git("branch", "both")
    git.commit(acme="Name: Acme Inc\n")
    git("tag", "both")
    git("tag", "tree", "HEAD^{tree}")
    with pytest.raises(InputError) as caught:
        found(git).resolve(ref)
    assert message in str(caught.value)


def test_base_is_where_the_branch_parted(tmp_path: Path) -> None:
    """As `git diff REF...HEAD` has it, with the count of what REF has beyond."""
    git = Git.init(tmp_path)
    fork = git.commit(acme="Name: Acme\n")
    git("switch", "--quiet", "--create", "branch")
    git.commit(globex="Name: Globex\n")
    git("switch", "--quiet", "main")
    git.commit(initech="Name: Initech\n")
    tip = git.commit(initech="Name: Initech Ltd\n")
    git("switch", "--quiet", "branch")
    base = found(git).merge_base("main")
    assert (base.commit, base.tip, base.ahead, base.behind) == (fork, tip, 2, None)
    git("merge", "--quiet", "--no-edit", "main")
    base = found(git).merge_base("main")
    assert (base.commit, base.ahead) == (tip, 0)


def test_several_merge_bases_are_an_error_with_the_command(tmp_path: Path) -> None:
    """A criss-cross merge has two, and neither is the one."""
    git = Git.init(tmp_path)
    git.commit(acme="Name: Acme\n")
    git("branch", "branch")
    main = git.commit(globex="Name: Globex\n")
    git("switch", "--quiet", "branch")
    branch = git.commit(initech="Name: Initech\n")
    git("merge", "--quiet", "--no-edit", main)
    git("switch", "--quiet", "main")
    git("merge", "--quiet", "--no-edit", branch)
    git("switch", "--quiet", "branch")
    with pytest.raises(InputError, match=r"have 2 merge bases") as caught:
        found(git).merge_base("main")
    assert caught.value.advice == "git merge main"


def test_no_common_history_is_an_error(tmp_path: Path) -> None:
    """And HEAD without a commit is one too."""
    git = Git.init(tmp_path)
    git.commit(acme="Name: Acme\n")
    git("switch", "--quiet", "--orphan", "other")
    with pytest.raises(InputError, match="HEAD has no commit yet"):
        found(git).merge_base("main")
    git.commit("unrelated", acme="Name: Acme\n")
    with pytest.raises(InputError, match="have no commit in common"):
        found(git).merge_base("main")


def test_the_edge_of_a_shallow_clone_is_an_error_whose_advice_works(tmp_path: Path) -> None:
    """A pull request's checkout of depth 1 knows no base; what the message says to run makes it known."""
    origin = Git.init(tmp_path / "origin")
    fork = origin.commit(acme="Name: Acme\n")
    origin("switch", "--quiet", "--create", "branch")
    origin.commit(globex="Name: Globex\n")
    origin("switch", "--quiet", "main")
    origin.commit(initech="Name: Initech\n")
    clone = Git(tmp_path)
    clone("clone", "--quiet", "--depth=1", "--branch=branch", f"file://{origin.folder}", "clone")
    clone = Git(tmp_path / "clone")
    with pytest.raises(InputError, match="git knows no such commit") as caught:
        found(clone).merge_base("origin/main")
    clone("fetch", "--quiet", "--depth=1", "origin", "+refs/heads/main:refs/remotes/origin/main")
    with pytest.raises(InputError, match="this clone is shallow") as again:
        found(clone).merge_base("origin/main")
    assert caught.value.advice == again.value.advice
    command = again.value.advice.partition(" (")[0]
    assert command == "git fetch --unshallow origin +refs/heads/main:refs/remotes/origin/main"
    clone(*command.split()[1:])
    assert found(clone).merge_base("origin/main").commit == fork


def test_a_shallow_clone_whose_edge_lies_behind_the_base_serves(tmp_path: Path) -> None:
    """What is hidden there are ancestors of the base."""
    origin = Git.init(tmp_path / "origin")
    origin.commit(acme="Name: Acme\n")
    fork = origin.commit(acme="Name: Acme Inc\n")
    origin("switch", "--quiet", "--create", "branch")
    origin.commit(globex="Name: Globex\n")
    Git(tmp_path)("clone", "--quiet", "--depth=2", "--no-single-branch", f"file://{origin.folder}", "clone")
    clone = Git(tmp_path / "clone")
    clone("switch", "--quiet", "branch")
    assert found(clone).merge_base("origin/main").commit == fork


def test_a_local_branch_behind_its_upstream_is_told(tmp_path: Path) -> None:
    """Only where HEAD has some of what it lacks: then the fork point of the local branch is too old."""
    origin = Git.init(tmp_path / "origin")
    origin.commit(acme="Name: Acme\n")
    Git(tmp_path)("clone", "--quiet", f"file://{origin.folder}", "clone")
    clone = Git(tmp_path / "clone")
    origin.commit(acme="Name: Acme Inc\n")
    origin.commit(acme="Name: Acme Ltd\n")
    clone("fetch", "--quiet")
    clone("switch", "--quiet", "--create", "own", "main")
    assert found(clone).merge_base("main").behind is None
    clone("switch", "--quiet", "--create", "branch", "--no-track", "origin/main~1")
    assert found(clone).merge_base("main").behind == Behind("main", "origin/main", 2)
    assert found(clone).merge_base("origin/main").behind is None


def test_a_commit_is_listed_with_what_each_path_is(tmp_path: Path) -> None:
    """Links and submodules are told apart from files; names are bytes of any kind."""
    git = Git.init(tmp_path)
    git.commit(**{"acme": "Name: Acme\n", "two\nlines\t": "Name: Two\n", "\udcff": "Name: Odd\n"})
    (tmp_path / "customers" / "link.yaml").symlink_to("/etc/passwd")
    git("update-index", "--add", "--cacheinfo", f"160000,{git('rev-parse', 'HEAD')},customers/sub")
    git("add", "customers/link.yaml")
    git("commit", "--quiet", "-m", "links")
    repository = found(git)
    entries = repository.tree("HEAD", "customers")
    assert {it.path: it.kind for it in entries} == {
        "customers": EntryKind.FOLDER,
        "customers/acme.yaml": EntryKind.FILE,
        "customers/two\nlines\t.yaml": EntryKind.FILE,
        "customers/\udcff.yaml": EntryKind.FILE,
        "customers/link.yaml": EntryKind.LINK,
        "customers/sub": EntryKind.SUBMODULE,
    }
    files = [it for it in entries if it.kind is EntryKind.FILE]
    assert sorted(repository.blobs(files)) == [b"Name: Acme\n", b"Name: Odd\n", b"Name: Two\n"]
    assert repository.tree("HEAD", "nowhere") == ()
    assert {it.path for it in repository.tree("HEAD")} == {it.path for it in entries}


def test_objects_of_a_sha256_repository_are_read(tmp_path: Path) -> None:
    """Names are of any length."""
    git = Git.init(tmp_path, "--object-format=sha256")
    commit = git.commit(acme="Name: Acme\n")
    repository = found(git)
    assert len(commit) == 64
    assert repository.merge_base("main").commit == commit
    entry = repository.tree(commit, "customers/acme.yaml")[0]
    assert entry.blob == repository.blob_name(b"Name: Acme\n")
    assert repository.blobs([entry]) == (b"Name: Acme\n",)
    assert repository.uncommitted({"customers/acme.yaml": b"Name: Acme\n"}) == frozenset()


def test_commits_are_read_where_no_file_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What git complains of is lost then, and nothing else."""
    git = Git.init(tmp_path)
    commit = git.commit(acme="Name: Acme\n")

    def nowhere() -> None:
        raise FileNotFoundError(2, "no usable temporary directory")

    monkeypatch.setattr("tempfile.TemporaryFile", nowhere)
    with found(git).objects() as objects:
        entry = objects.at(commit, "customers/acme.yaml")
        assert entry is not None
        assert list(objects.contents([entry])) == [b"Name: Acme\n"]


def test_a_folder_whose_files_are_known_is_not_read(tmp_path: Path) -> None:
    """What is known and the same is left out; what is otherwise, gone, or not known is told."""
    git = Git.init(tmp_path)
    commit = git.commit(a="Name: A\n", b="Name: B\n")
    repository = found(git)
    one, two = (repository.blob_name(it) for it in (b"Name: A\n", b"Name: B\n"))
    with repository.objects() as objects:
        top = objects.at(commit, "customers")
        assert top is not None
        for names, blobs, entries, changed in (
            (["a.yaml", "b.yaml"], [one, two], [], []),
            (["a.yaml", "b.yaml"], [one, one], ["b"], ["b.yaml"]),
            (["a.yaml", "c.yaml"], [one, one], ["b"], ["c.yaml"]),
            (["a.yaml"], [one], ["b"], []),
            ([], [], ["a", "b"], []),
        ):
            seen = objects.below(top, {"customers": KnownFolder(names, blobs)})
            assert [it.path for it in seen.entries] == [f"customers/{name}.yaml" for name in entries]
            assert seen.changed == ({"customers": frozenset(changed)} if changed else {})


def test_the_index_says_what_is_left_out_by_choice(tmp_path: Path) -> None:
    """A sparse checkout lacks files that the index has."""
    git = Git.init(tmp_path)
    git.commit(acme="Name: Acme\n", globex="Name: Globex\n")
    git("update-index", "--skip-worktree", "customers/globex.yaml")
    git("update-index", "--assume-unchanged", "customers/acme.yaml")
    entries = found(git).index("customers")
    assert [(it.path, it.absent_by_choice, it.unwatched, it.stage) for it in entries] == [
        ("customers/acme.yaml", False, True, 0),
        ("customers/globex.yaml", True, False, 0),
    ]
    assert found(git).tracks(tmp_path / "customers")
    assert not found(git).tracks(tmp_path / ".reconciler")


def test_a_file_is_committed_when_head_has_its_bytes(tmp_path: Path) -> None:
    """Whatever the index is told to look away from; line ends are those of a checkout, or git's own."""
    git = Git.init(tmp_path)
    git.commit(acme="Name: Acme\n", crlf="Name: Lines\n", gone="Name: Gone\n")
    git("update-index", "--skip-worktree", "customers/acme.yaml")
    git.config("core.autocrlf", "true")
    contents = {
        "customers/acme.yaml": b"Name: Acme changed\n",
        "customers/crlf.yaml": b"Name: Lines\r\n",
        "customers/gone.yaml": b"Name: Gone\n",
        "customers/new.yaml": b"Name: New\n",
    }
    assert found(git).uncommitted(contents) == {"customers/acme.yaml", "customers/new.yaml"}


def test_before_the_first_commit_nothing_is_committed(tmp_path: Path) -> None:
    """An unborn branch is no refusal."""
    git = Git.init(tmp_path)
    assert found(git).head() is None
    assert found(git).uncommitted({"customers/acme.yaml": b"Name: Acme\n"}) == {"customers/acme.yaml"}


FILTER = '[filter "shout"]\n\tsmudge = tr a-z A-Z\n\tclean = cat\n\trequired = true\n'


def test_the_users_own_filter_is_applied_to_what_a_commit_has(
    tmp_path: Path, own_configuration: Path
) -> None:
    """As a checkout would; what the repository defines under the same name does not run."""
    git = Git.init(tmp_path)
    (tmp_path / ".gitattributes").write_text("*.yaml filter=shout\n")
    git.commit(acme="Name: Acme\n", globex="Name: Globex\n")
    canary = tmp_path / "canary"
    git.config("filter.shout.smudge", f"touch {canary}")
    own_configuration.write_text(FILTER)
    repository = found(git)
    entries = [it for it in repository.tree("HEAD", "customers") if it.kind is EntryKind.FILE]
    assert repository.blobs(entries) == (b"NAME: ACME\n", b"NAME: GLOBEX\n")
    assert not canary.exists()


@pytest.mark.parametrize("where", ["the repository", "the repository, for good", "a file of the checkout"])
def test_a_filter_that_the_checkout_defines_is_not_run(
    where: str, tmp_path: Path, own_configuration: Path
) -> None:
    """Its content cannot be told, which is an error and no content."""
    git = Git.init(tmp_path)
    (tmp_path / ".gitattributes").write_text("*.yaml filter=a=b\n")
    git.commit(acme="Name: Acme\n")
    canary = tmp_path / "canary"
    if where == "the repository":
        git.config("filter.a=b.smudge", f"touch {canary}; cat")
    elif where == "the repository, for good":
        git.config("filter.a=b.process", f"touch {canary}; cat")
        own_configuration.write_text('[filter "a=b"]\n\tsmudge = cat\n')
    else:
        (tmp_path / "config").write_text(f'[filter "a=b"]\n\tsmudge = "touch {canary}; cat"\n')
        own_configuration.write_text(f"[include]\n\tpath = {tmp_path}/config\n")
    repository = found(git)
    entries = repository.tree("HEAD", "customers/acme.yaml")
    with pytest.raises(GitRefused, match="the filter a=b is defined by the repository's own configuration"):
        repository.blobs(entries)
    assert not canary.exists()


@pytest.mark.parametrize("installed", [True, False])
def test_a_file_that_lfs_governs_is_named(
    *, installed: bool, tmp_path: Path, own_configuration: Path
) -> None:
    """A repository's .lfsconfig would choose a server; where LFS is not installed, the pointer is no customer."""
    git = Git.init(tmp_path)
    canary = tmp_path / "canary"
    if installed:
        own_configuration.write_text(f'[filter "lfs"]\n\tsmudge = touch {canary}\n\trequired = true\n')
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"
    git.commit(acme=pointer)
    (tmp_path / ".gitattributes").write_text("customers/** filter=lfs\n")
    repository = found(git)
    with pytest.raises(
        InputError, match=r"reading customers/acme\.yaml from git: it is governed by the filter lfs"
    ):
        repository.blobs(repository.tree("HEAD", "customers/acme.yaml"))
    assert not canary.exists()


def test_questions_that_fill_a_pipe_are_not_waited_for(tmp_path: Path) -> None:
    """git stops reading while its answers are not read: long paths in a deep folder had both wait for each other."""
    git = Git.init(tmp_path)
    git.commit(acme="# " + "x" * 3000)
    blob = git("rev-parse", "HEAD:customers/acme.yaml")
    path = "/".join(["d" * 200] * 12)
    found: list[bytes | None] = []

    def read() -> None:
        with Repository.find(tmp_path).reader([]) as reader:  # type: ignore[union-attr]
            found.extend(reader.read([(blob, path)] * 150 + [("0" * 40, "x" * 100_000), (blob, "x")]))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(30)
    assert found == [b"# " + b"x" * 3000] * 150 + [None, b"# " + b"x" * 3000]


def test_replacements_and_grafts_are_not_believed(tmp_path: Path) -> None:
    """Both make git tell another history than the one that was reviewed."""
    git = Git.init(tmp_path)
    first = git.commit(acme="Name: Acme\n")
    second = git.commit(acme="Name: Acme Inc\n")
    blob = git("rev-parse", f"{first}:customers/acme.yaml")
    git("replace", git("rev-parse", f"{second}:customers/acme.yaml"), blob)
    (tmp_path / ".git" / "info").mkdir(exist_ok=True)
    (tmp_path / ".git" / "info" / "grafts").write_text(f"{second}\n")
    repository = found(git)
    assert repository.blobs(repository.tree("HEAD", "customers/acme.yaml")) == (b"Name: Acme Inc\n",)
    git("switch", "--quiet", "--create", "branch", first)
    assert repository.merge_base("main").commit == first


def test_surroundings_that_name_another_repository_are_not_obeyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook's GIT_DIR, say; git's own messages stay in English."""
    git = Git.init(tmp_path / "one")
    git.commit(acme="Name: Acme\n")
    other = Git.init(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_TRACE", "2")
    assert found(git).tracks(git.folder / "customers" / "acme.yaml")
