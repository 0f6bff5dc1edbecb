"""What else a pipeline is made of: rights and pins, the forges' schemas, the installer, the action and the hooks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
import yaml

from tests.kit.programs import BASH, GIT
from tests.kit.workplace import COMMAND, Ran

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.workplace import Workplace

ROOT = Path(__file__).parents[2]
SOURCE = "https://github.com/acme/reconciler@" + "a" * 40
ELSEWHERE = "https://git.example/acme/reconciler@" + "b" * 40
LONGEST = 120


def parsed(text: str) -> dict[str, Any]:
    """A pipeline's file; YAML 1.1 takes the key `on` for a boolean, which is put right here."""
    document = yaml.safe_load(text)
    return {"on" if key is True else key: value for key, value in document.items()}


def written(place: Workplace, *words: str) -> Path:
    """A repository that `init` began for both forges; its root."""
    subprocess.run([GIT, "init", "--quiet", "--initial-branch=main"], cwd=place.folder, check=True)
    ran = place.run("init", "--ci", "both", *words)
    assert ran.code == 0, ran.err
    return place.folder


@pytest.fixture(params=[SOURCE, ELSEWHERE])
def root(place: Workplace, request: pytest.FixtureRequest) -> Path:
    """From the forge itself, and from elsewhere."""
    return written(place, "--from", request.param)


def workflow(root: Path) -> dict[str, Any]:
    """The workflow for GitHub."""
    return parsed((root / ".github/workflows/reconciler.yml").read_text())


def steps(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every step with its job's name."""
    for name, job in found["jobs"].items():
        for step in job["steps"]:
            yield name, step


def test_a_repository_holds_little(root: Path) -> None:
    """One file a forge, within a screen or two, and no script."""
    for name in (".github/workflows/reconciler.yml", ".gitlab-ci.yml"):
        assert len((root / name).read_text().splitlines()) <= LONGEST, name
    assert not (root / "ci").exists()


def test_least_privilege(root: Path) -> None:
    """Nothing by default; a job has a key of RPM or a right to write, never both; a key reaches one step, in an environment."""
    found = workflow(root)
    assert found["permissions"] == {}
    for name, job in found["jobs"].items():
        keys = [step for step in job["steps"] if "secrets." in str(step)]
        assert len(keys) <= 1 or all("if" in step for step in keys), name
        assert all(
            "secrets." in str(step["env"]) and step["run"].startswith("reconciler ci") for step in keys
        )
        assert ("environment" in job) == bool(keys), name
        assert not (keys and "write" in str(job["permissions"])), name
        if "write" in str(job["permissions"]):
            assert "actions/checkout" not in str(job["steps"]), name
    secrets = {name: re.findall(r"secrets\.(\w+)", str(job)) for name, job in found["jobs"].items()}
    assert {name: keys for name, keys in secrets.items() if keys} == {
        "plan": ["RPM_READ_KEY", "RPM_READ_KEY"],
        "apply": ["RPM_EDIT_KEY"],
        "apply-reviewed": ["RPM_EDIT_KEY"],
        "drift": ["RPM_READ_KEY"],
    }
    environments = {name: job["environment"] for name, job in found["jobs"].items() if "environment" in job}
    assert environments == {
        "plan": "rpm-read${{ matrix.suffix }}",
        "apply": "rpm${{ matrix.suffix }}",
        "apply-reviewed": "rpm-reviewed${{ matrix.suffix }}",
        "drift": "rpm-read${{ matrix.suffix }}",
    }
    assert {
        name for name, job in found["jobs"].items() if "contents': 'write" in str(job["permissions"])
    } == {"adopt"}


def test_pinned_and_nothing_of_the_checkout_is_run(root: Path) -> None:
    """Actions by full commits, no token left behind, no expression in a script, no script of the repository."""
    for _, step in steps(workflow(root)):
        if "uses" in step:
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", step["uses"])
            if "actions/checkout" in step["uses"]:
                assert step["with"] == {"fetch-depth": 0, "persist-credentials": False}
        else:
            assert "${{" not in step["run"]
            assert step["run"].startswith(("reconciler ci ", 'git -C "$RUNNER_TEMP" init'))


def test_required_checks_and_merge_queues_get_an_answer(root: Path) -> None:
    """No `paths:`, so the run is always there; `merge_group`; and one job that always ends."""
    found = workflow(root)
    assert "paths" not in str(found["on"])
    assert set(found["on"]) == {"pull_request", "merge_group", "push", "schedule", "workflow_dispatch"}
    assert found["jobs"]["result"]["if"] == "${{ !cancelled() }}"
    assert "pull_request_target" not in str(found["on"])
    groups = [found["jobs"][name]["concurrency"] for name in ("apply", "apply-reviewed")]
    assert groups == [{"group": "reconciler-apply-${{ matrix.name }}", "cancel-in-progress": False}] * 2


@pytest.mark.parametrize(
    ("origin", "known"), [("github.com", True), ("acme.ghe.com", True), ("git.acme.example", False)]
)
def test_approved_applies_wait_in_line_where_the_forge_knows_that(
    place: Workplace, origin: str, *, known: bool
) -> None:
    """The middle one of three merges is not cancelled; a server that does not know the word would refuse the file."""
    subprocess.run([GIT, "init", "--quiet", "--initial-branch=main"], cwd=place.folder, check=True)
    subprocess.run(
        [GIT, "remote", "add", "origin", f"https://{origin}/acme/customers"], cwd=place.folder, check=True
    )
    assert place.run("init", "--ci", "github", "--from", SOURCE).code == 0
    jobs = workflow(place.folder)["jobs"]
    assert (jobs["apply"]["concurrency"].get("queue") == "max") is known
    assert "queue" not in jobs["apply-reviewed"]["concurrency"], (
        "the newest plan that waits covers the older ones"
    )
    command = [
        tool("check-jsonschema"),
        "--builtin-schema",
        "vendor.github-workflows",
        ".github/workflows/reconciler.yml",
    ]
    assert subprocess.run(command, cwd=place.folder, capture_output=True, check=False).returncode == 0
    command = [tool("zizmor"), "--offline", "--quiet", "--persona", "pedantic", "."]
    assert subprocess.run(command, cwd=place.folder, capture_output=True, check=False).returncode == 0


def test_on_gitlab_a_key_stands_in_the_environment_of_one_command(root: Path) -> None:
    """Nothing else of a job, the installation say, has it under the name that counts; forks get no comment."""
    found = parsed((root / ".gitlab-ci.yml").read_text())
    lines = [line for job in found.values() if isinstance(job, dict) for line in job.get("script", [])]
    assert [line for line in lines if "KEY" in line] == [
        line
        for line in lines
        if re.fullmatch(
            r'RPM_API_KEY="\$RPM_\w+_KEY" (\w+="[^"]+" )?reconciler ci \w+( --waiting 75| \|\| code=\$\?)?',
            line,
        )
    ]
    assert "CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID" in str(
        found["comment"]["rules"]
    )
    assert "PATH=" in found["default"]["before_script"][-1]
    assert found["apply-reviewed"]["rules"][0]["when"] == "manual"


def tool(name: str) -> str:
    """A checker of the development group."""
    path = Path(COMMAND).parent / name
    if not path.exists():
        pytest.skip(f"{name} is not installed")
    return str(path)


def test_zizmor_finds_nothing(root: Path) -> None:
    """The workflow and the action pass the auditor in its pedantic mood."""
    (root / "action.yml").write_text((ROOT / "action.yml").read_text())
    command = [tool("zizmor"), "--offline", "--quiet", "--persona", "pedantic", "."]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-workflows", ".github/workflows/reconciler.yml"),
        ("vendor.gitlab-ci", ".gitlab-ci.yml"),
        ("vendor.dependabot", ".github/dependabot.yml"),
        ("vendor.github-actions", "action.yml"),
    ],
)
def test_files_fit_their_schemas(root: Path, schema: str, file: str) -> None:
    """What the forges say a workflow, a pipeline and an action look like."""
    folder = ROOT if file == "action.yml" else root
    command = [tool("check-jsonschema"), "--builtin-schema", schema, str(folder / file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_action_installs_and_nothing_else() -> None:
    """No input, no argument to take apart: steps of the workflow run the command."""
    action = parsed((ROOT / "action.yml").read_text())
    assert "inputs" not in action
    (step,) = action["runs"]["steps"]
    assert step["run"] == 'python3 -I "$GITHUB_ACTION_PATH/install.py"'


def test_the_runtime_lock_is_part_of_the_development_lock() -> None:
    """The same versions are tested that a pipeline installs, each by hash, and none of the development's own are in it."""

    def pins(name: str) -> dict[str, str]:
        lines = (ROOT / name).read_text().splitlines()
        return dict(line.split(" ")[0].split("==") for line in lines if "==" in line)

    runtime, every = pins("runtime.lock"), pins("requirements.lock")
    assert runtime.items() <= every.items()
    assert "hatchling" in runtime
    assert not {"pytest", "mypy", "ruff", "zizmor"} & runtime.keys()
    text = (ROOT / "runtime.lock").read_text()
    assert text.count("--hash=sha256:") >= len(runtime)
    assert "://" not in text


def test_the_installer_keeps_credentials_from_pip(tmp_path: Path) -> None:
    """What pip and a package's build see has no key and no token; the folder is a new one each time."""
    copy = tmp_path / "source"
    copy.mkdir()
    told = tmp_path / "told"
    (copy / "install.py").write_text((ROOT / "install.py").read_text())
    (copy / "runtime.lock").write_text("")
    (copy / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    (copy / "backend.py").write_text(
        f"import os\ndef build_wheel(*_):\n    open({str(told)!r}, 'w').write(repr(dict(os.environ)))\n    raise SystemExit(1)\n"
    )
    given = {
        "RPM_API_KEY": "CANARY",
        "RPM_EDIT_KEY": "CANARY",
        "CI_JOB_TOKEN": "CANARY",
        "RUNNER_TEMP": str(tmp_path),
        "PIP_TARGET": str(tmp_path / "elsewhere"),
        "PIP_USER": "1",
    }
    done = subprocess.run(
        [sys.executable, "-I", str(copy / "install.py")],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    seen = told.read_text() if told.exists() else ""
    assert seen or sys.version_info >= (3, 12), (
        done.stderr
    )  # from then on, Python's venv has no setuptools to build with
    assert "CANARY" not in seen + done.stdout + done.stderr
    assert "elsewhere" not in seen
    assert len(list(tmp_path.glob("reconciler-*"))) == 1


class TestHooks:
    """The hooks of pre-commit, as pre-commit calls them: with the changed files, at the repository's root."""

    HOOKS: ClassVar = {it["id"]: it for it in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    SOUND = "CustomerID: 7\nName: Acme\n"
    UNFORMATTED = "Name:   'Acme'\nCustomerID: 7\n"

    def run(self, place: Workplace, hook: str, *files: str) -> Ran:
        """One hook on some files."""
        words = self.HOOKS[hook]["entry"].split()
        command = [str(Path(COMMAND).parent / words[0]), *words[1:], *files]
        done = subprocess.run(command, cwd=place.folder, capture_output=True, text=True, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)

    @pytest.fixture
    def several(self, place: Workplace) -> Workplace:
        """Two subscriptions, one of them with a folder of another name."""
        for folder in ("east", "west"):
            place.file(f"{folder}/reconciler.yaml", "customers: people\n" if folder == "west" else "")
        place.file("east/customers/acme.yaml", self.SOUND)
        place.file("west/people/acme.yaml", self.SOUND)
        place.file("docs/other.yaml", "a: [\n")
        return place

    def test_validate_goes_by_each_settings_file(self, several: Workplace) -> None:
        """A problem in one folder is found by its own rules; a YAML file that no settings govern is left alone."""
        files = ("east/customers/acme.yaml", "west/people/acme.yaml", "docs/other.yaml")
        assert self.run(several, "reconciler-validate", *files).code == 0
        several.file("west/people/bad.yaml", "Nam: Bad\n")
        assert self.run(several, "reconciler-validate", files[0]).code == 0
        ran = self.run(several, "reconciler-validate", "west/reconciler.yaml")
        assert (ran.code, "people/bad.yaml" in ran.out + ran.err) == (1, True)

    @pytest.mark.parametrize("broken", ["url: [\n", None])
    def test_settings_that_cannot_be_read_are_told(self, broken: str | None, several: Workplace) -> None:
        """They may govern any file, so none is let through; and the error is one sentence."""
        (several.folder / "west/reconciler.yaml").unlink()
        if broken is None:
            (several.folder / "west/reconciler.yaml").mkdir()
        else:
            several.file("west/reconciler.yaml", broken)
        ran = self.run(several, "reconciler-validate", "west/people/acme.yaml")
        assert ran.code == 1
        assert "reconciler.yaml" in ran.err
        assert "Traceback" not in ran.err

    def test_fmt_writes_and_fmt_check_tells(self, several: Workplace) -> None:
        """One of the two puts the file right."""
        path = several.file("west/people/acme.yaml", self.UNFORMATTED)
        assert self.run(several, "reconciler-fmt-check", "west/people/acme.yaml").code != 0
        assert path.read_text() == self.UNFORMATTED
        assert self.run(several, "reconciler-fmt", "west/people/acme.yaml").code == 0
        assert path.read_text() == self.SOUND
        assert self.run(several, "reconciler-fmt-check", "west/people/acme.yaml").code == 0


def test_the_shell_of_the_install_line_is_sound(place: Workplace, tmp_path: Path) -> None:
    """Where the action's address is not the forge's, this one line fetches the very commit by git and runs its installer."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "install.py").write_text("print('installed')\n")
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message=All")):
        subprocess.run([GIT, *who, *words], cwd=source, check=True)
    head = subprocess.run([GIT, "rev-parse", "HEAD"], cwd=source, check=True, capture_output=True, text=True)
    root = written(place, "--from", f"file://{source}@{head.stdout.strip()}")
    line = next(step["run"] for _, step in steps(workflow(root)) if step.get("name") == "Install")
    given = {**place.environment, "RUNNER_TEMP": str(tmp_path / "temp")}
    (tmp_path / "temp").mkdir()
    done = subprocess.run([BASH, "-e", "-c", line], env=given, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "installed\n"), done.stderr
