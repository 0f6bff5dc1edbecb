"""What else CI is made of: rights and pins, the pipeline for GitLab, the installer, the action and the hooks."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.kit.ci import parsed, shell
from tests.kit.repository import GitLabJobs, Repository, begun
from tests.kit.server import KEY
from tests.kit.workplace import COMMAND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.server import Server
    from tests.kit.workplace import Workplace

ROOT = Path(__file__).parents[2]
KEYLESS = ("comment", "approved", "issue")


@pytest.fixture
def repository(server: Server, place: Workplace) -> Iterator[Repository]:
    """Main says Gold, as RPM does; the branch says Silver."""
    with begun(place, server) as made:
        yield made


def steps(workflow: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every step with its job's name."""
    for name, job in workflow["jobs"].items():
        for step in job["steps"]:
            yield name, step


def test_least_privilege(repository: Repository) -> None:
    """Nothing by default; a job has an RPM key or a right to write on the forge, never both; keys sit in environments."""
    workflow = repository.jobs.workflow
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        text = str(job)
        writes = "write" in job["permissions"].values()
        assert not (writes and "secrets." in text), name
        assert ("environment" in job) == ("secrets." in text), name
        if name in KEYLESS:
            assert "secrets." not in text
    keys = {name: re.findall(r"secrets\.(\w+)", str(job)) for name, job in workflow["jobs"].items()}
    assert {name: found for name, found in keys.items() if found} == {
        "plan": ["RPM_READ_KEY"],
        "apply": ["RPM_EDIT_KEY"],
        "drift": ["RPM_READ_KEY"],
    }


def test_pinned_and_without_expressions_in_the_shell(repository: Repository) -> None:
    """Actions are named by a full commit, leave no token behind, and no expression is pasted into a script."""
    for name, step in steps(repository.jobs.workflow):
        if "uses" not in step:
            assert "${{" not in step["run"]
        elif re.fullmatch(r"actions/checkout@[0-9a-f]{40}", step["uses"]):
            assert step["with"]["persist-credentials"] is False
        else:
            assert re.fullmatch(r"actions/cache@[0-9a-f]{40}", step["uses"])
            assert (name, step["with"]["path"]) == ("drift", ".reconciler/snapshot.sqlite")


def test_sundays_are_one_of_the_nights(repository: Repository) -> None:
    """The expression that tells them apart names a line of the schedule, and a night has one audit."""
    workflow = repository.jobs.workflow
    lines = [it["cron"] for it in workflow["on"]["schedule"]]
    drift = next(it for name, it in steps(workflow) if name == "drift" and it.get("id") == "drift")
    assert (
        drift["env"]["REFRESH"] == f"${{{{ github.event.schedule == '{lines[1]}' && 'full' || 'modified' }}}}"
    )
    assert [line.rpartition(" ")[2] for line in lines] == ["1-6", "0"]


def tool(name: str) -> str:
    """A checker of the development extra."""
    path = Path(COMMAND).parent / name
    if not path.exists():
        pytest.skip(f"{name} is not installed")
    return str(path)


def test_zizmor_finds_nothing(repository: Repository) -> None:
    """The workflow and the action pass the auditor in its pedantic mood."""
    command = [tool("zizmor"), "--offline", "--quiet", "--persona", "pedantic", "."]
    shutil.copy(ROOT / "action.yml", repository.place.folder)
    done = subprocess.run(command, cwd=repository.place.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-workflows", ".github/workflows/reconciler.yml"),
        ("vendor.gitlab-ci", ".gitlab-ci.yml"),
        ("vendor.github-actions", "action.yml"),
    ],
)
def test_ci_files_fit_their_schemas(repository: Repository, schema: str, file: str) -> None:
    """What the forges say a workflow, a pipeline and an action look like."""
    folder = ROOT if file == "action.yml" else repository.place.folder
    command = [tool("check-jsonschema"), "--builtin-schema", schema, str(folder / file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_forks_get_validate_alone(repository: Repository) -> None:
    """The job that has a key on a pull request runs for branches of this repository only."""
    jobs = repository.jobs.workflow["jobs"]
    same = "github.event.pull_request.head.repo.full_name == github.repository"
    assert same in jobs["plan"]["if"]
    assert jobs["comment"]["needs"] == "plan"
    assert "secrets." not in str(jobs["validate"])
    assert "pull_request_target" not in str(repository.jobs.workflow["on"])


def test_gitlab_from_request_to_edit(repository: Repository) -> None:
    """Validate, plan, one note, and the approved digest applied; no merged request or another digest: nothing is."""
    jobs = GitLabJobs(repository)
    for name in ("validate", "plan", "comment"):
        assert jobs.run(name)[0] == 0, name
    jobs.run("comment", CI_PIPELINE_IID="2")
    assert len(repository.forge.comments) == 1
    assert jobs.run("apply")[0] != 0
    assert repository.server.edits() == []
    head = repository.git("rev-parse", "HEAD")
    repository.forge.merged[head] = (5, head)
    repository.server.by_hand(7, {"Fields.Tier": "Bronze"})
    assert jobs.run("apply")[0] == 3
    assert repository.server.edits() == []
    repository.server.by_hand(7, {"Fields.Tier": "Gold"})
    assert jobs.run("apply")[0] == 0
    assert repository.server.values()[7]["Fields.Tier"] == "Silver"


def test_gitlab_drift(repository: Repository) -> None:
    """One issue, opened and closed."""
    jobs = GitLabJobs(repository)
    assert jobs.run("drift")[0] == 0
    assert [it.open for it in repository.forge.issues] == [True]
    repository.commit("Gold")
    assert jobs.run("drift", CI_PIPELINE_IID="2")[0] == 0
    assert [it.open for it in repository.forge.issues] == [False]


def test_install_leaves_a_command_that_is_there(repository: Repository) -> None:
    """A machine that has `reconciler` installs nothing, so that images may bring it along."""
    assert shell(repository.place, "source ci/install.sh", {}) == (0, "")


def test_install_takes_what_the_requirements_say(repository: Repository, tmp_path: Path) -> None:
    """Without the command, a virtual environment is made from ci/requirements.txt and put on the PATH of later steps."""
    fake = tmp_path / "bin"
    fake.mkdir()
    python = fake / "python3"
    python.write_text(
        '#!/bin/sh\nmkdir -p "$3/bin"\nprintf "#!/bin/sh\\necho pip \\$*\\n" > "$3/bin/pip"\nchmod +x "$3/bin/pip"\n'
    )
    python.chmod(0o755)
    (fake / "mkdir").symlink_to(shutil.which("mkdir") or "")
    (fake / "chmod").symlink_to(shutil.which("chmod") or "")
    later = tmp_path / "path"
    script = f"PATH={fake}\nsource ci/install.sh"
    code, printed = shell(repository.place, script, {"RUNNER_TEMP": str(tmp_path), "GITHUB_PATH": str(later)})
    assert (code, printed.split()[:2]) == (0, ["pip", "install"])
    assert "--requirement ci/requirements.txt" in printed
    assert later.read_text() == f"{tmp_path}/reconciler-venv/bin\n"


class TestAction:
    """The composite action at the repository's root."""

    STEPS = parsed((ROOT / "action.yml").read_text())["runs"]["steps"]

    def run(self, place: Workplace, command: str, arguments: str) -> tuple[int, str]:
        """Its last step, with the installed command where its first step would have put it."""
        binaries = place.folder / "home/reconciler-action/bin"
        binaries.mkdir(parents=True, exist_ok=True)
        if not (binaries / "reconciler").exists():
            (binaries / "reconciler").symlink_to(COMMAND)
        given = {"RUNNER_TEMP": str(place.folder / "home"), "COMMAND": command, "ARGUMENTS": arguments}
        return shell(place, self.STEPS[1]["run"], {**given, "RPM_API_KEY": KEY})

    def test_runs_a_command(self, repository: Repository) -> None:
        """The code of the command is the code of the step."""
        assert self.run(repository.place, "validate", "")[0] == 0
        assert self.run(repository.place, "plan", "--detailed-exitcode")[0] == 2

    def test_words_are_parted_and_nothing_is_run(self, repository: Repository) -> None:
        """Quotes keep a word together; what a shell would expand or run stays text."""
        code, printed = self.run(repository.place, "plan", "--select 'Ac me $(touch owned); *'")
        assert code == 1
        assert '"Ac me $(touch owned); *" matches none' in printed
        assert not (repository.place.folder / "owned").exists()

    def test_installs_by_hash(self) -> None:
        """Dependencies come from the lock alone, and the action's own commit on top of them."""
        script = self.STEPS[0]["run"]
        assert '--require-hashes --requirement "$GITHUB_ACTION_PATH/requirements.lock"' in script
        assert '--no-deps --no-build-isolation "$GITHUB_ACTION_PATH"' in script
        assert all("${{" not in step["run"] for step in self.STEPS)


@pytest.mark.parametrize("hook", yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()))
def test_pre_commit_hooks_run(repository: Repository, hook: dict[str, Any]) -> None:
    """Each hook's entry passes on files that are well, and fails on one that is not."""
    assert shell(repository.place, hook["entry"], {})[0] == 0
    repository.place.customer("bad", "Website: x\nName: 'A'\nName: B\n")
    assert shell(repository.place, hook["entry"], {})[0] != 0
    assert re.search(hook["files"], "customers/east/acme.yaml")
