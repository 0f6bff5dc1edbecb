"""What base says, read beside the checkout: the same as reading all of it, whatever lies on the disk and happened to the files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.customers import load as load_module
from reconciler.customers.load import load
from reconciler.customers.revision import CommitReader, CommittedYaml, NothingYet
from reconciler.repo.git.repository import Repository
from reconciler.repo.settings import Settings
from tests.kit.git import Git

if TYPE_CHECKING:
    from reconciler.customers.manifest import Manifest
    from reconciler.customers.revision import CommitYaml

NAMES: Final = ("A.yaml", "a.yaml", "b.yaml", "d/a.yaml", "d/e/a.yaml", "d-a.yaml", "é.yaml", "odd\x01.yaml")
VARIANTS: Final = (
    "CustomerID: {0}\nName: Customer {0}\n",
    "CustomerID: {0}\nName: Customer {0}\nWebsite: x\n",
    "CustomerID: {0}\nName: Cüstomer {0}\nFields:\n  Note: $Id$\n",
    "CustomerID: {0}\nName: Customer {0}\n---\nName: Second of {0}\n",
    "Name: Customer {0}\nFields:\n  Note: One\n",
)
ODD: Final = (
    "CustomerID: {0}\nName: Customer {0}\nWebsite: x #y\n",
    "CustomerID: {0}\nNmae: broken\n",
    "CustomerID: 3\nName: Customer 3\n",
)


def files(names: tuple[str, ...], variants: tuple[str, ...]) -> st.SearchStrategy[dict[str, str]]:
    """Some files, each about customers of its own but for what is odd."""
    texts = {name: [it.format(NAMES.index(name) + 1) for it in variants] for name in names}
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(some) for name, some in texts.items()})


TEXT = st.tuples(st.sampled_from(NAMES[1:]), st.sampled_from(VARIANTS)).map(
    lambda it: (it[0], it[1].format(NAMES.index(it[0]) + 1))
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["put", "put back in time"]), TEXT).map(lambda it: (it[0], *it[1])),
        st.tuples(st.just("move"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
        st.tuples(
            st.sampled_from(["delete", "touch", "executable", "assume", "skip", "unindex", "commit"]),
            st.sampled_from(NAMES),
            st.just(""),
        ),
    ),
    max_size=5,
)
ATTRIBUTES = st.sampled_from(["", "", "*.yaml ident\n", "* text=auto eol=crlf\n", "d/* filter=rot\n"])
FILTER: Final = {
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "filter.rot.smudge",
    "GIT_CONFIG_VALUE_0": "tr O E",
}


def write(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(text.encode())


def step(git: Git, what: str, name: str, more: str) -> None:
    """Something that happens in a checkout."""
    file = git.folder / "customers" / name
    if what.startswith("put"):
        times = (file.stat().st_atime_ns, file.stat().st_mtime_ns) if file.is_file() else (0, 0)
        write(file, more)
        if what == "put back in time":
            os.utime(file, ns=times)
    elif what == "commit":
        git("add", "--all")
        git("commit", "--quiet", "--allow-empty", "-m", "more")
    elif file.is_file():
        if what == "move":
            (other := git.folder / "customers" / more).parent.mkdir(parents=True, exist_ok=True)
            file.replace(other)
        elif what == "delete":
            file.unlink()
        elif what == "touch":
            os.utime(file)
        elif what == "executable":
            file.chmod(0o755)
        else:
            word = {"assume": "--assume-unchanged", "skip": "--skip-worktree", "unindex": "--force-remove"}[
                what
            ]
            git("update-index", "--add", "--", f"customers/{name}")
            git("update-index", word, "--", f"customers/{name}")


def said(yaml: CommitYaml) -> object:
    """What there is to be said of a commit, apart from how it was read."""
    if isinstance(yaml, CommittedYaml):
        it = yaml.said
        return {**it.customers, **it.in_groups}, it.not_said, it.otherwise, it.problems
    return yaml.reason if isinstance(yaml, NothingYet) else yaml.problems


def changed(yaml: CommitYaml, manifest: Manifest) -> list[str]:
    """The files of the checkout in which a customer differs from base."""
    return (
        [it.file for it in yaml.said.changed(manifest.customers)] if isinstance(yaml, CommittedYaml) else []
    )


@example(  # a second file of base has the customer of one that both have
    first={"a.yaml": ODD[-1], "b.yaml": VARIANTS[0].format(3), "d/a.yaml": VARIANTS[0].format(4)},
    second={"a.yaml": VARIANTS[0].format(2)},
    steps=[],
    attributes="",
)
@settings(max_examples=40)
@given(
    first=files(NAMES, (*VARIANTS, *VARIANTS, *ODD)),
    second=files(NAMES[1:], VARIANTS),
    steps=STEPS,
    attributes=ATTRIBUTES,
)
def test_base_is_read_as_if_there_were_no_checkout(
    first: dict[str, str], second: dict[str, str], steps: list[tuple[str, str, str]], attributes: str
) -> None:
    """By what the checkout's files hold, kept or just read; customers, places, what is not said and why."""
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(load_module, "CACHED_FROM", 1),
        patch.dict(os.environ, FILTER),
    ):
        git = Git.init(Path(folder) / "repository")
        write(git.folder / ".gitattributes", attributes)
        write(git.folder / "reconciler.yaml", "")
        for name, text in first.items():
            write(git.folder / "customers" / name, text)
        (git.folder / "customers").mkdir(exist_ok=True)
        step(git, "commit", "", "")
        (git.folder / "customers" / NAMES[0]).unlink(missing_ok=True)  # a name that others are on some disks
        for name, text in second.items():
            write(git.folder / "customers" / name, text)
        for one in steps:
            step(git, *one)
        repository = Repository.find(git.folder)
        assert repository is not None
        here = Settings(root=git.folder)
        base = repository.resolve("HEAD").commit
        with CommitReader(repository, here) as commits:
            alone = commits.read(base, shown="base")
        for _ in range(2):
            manifest = load(here)
            with CommitReader(repository, here, manifest) as commits:
                yaml = commits.read(base, shown="base")
            assert said(yaml) == said(alone)
            assert changed(yaml, manifest) == changed(alone, manifest)
