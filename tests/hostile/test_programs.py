"""Nothing of the checkout is run: every way in which a repository can name a program, through every command that asks git."""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import pytest

from tests.hostile.conftest import acme, bolt
from tests.kit.git import Git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.hostile.conftest import Scene

HOOKS: Final = (
    *("post-index-change", "fsmonitor-watchman", "reference-transaction", "pre-auto-gc", "post-checkout"),
    *("post-merge", "pre-commit", "post-rewrite", "query-watchman", "proc-receive", "update"),
)


def check_commands(scene: Scene, *, base: str = "main") -> None:
    """Every command that asks git ends as it should, and no canary sang."""
    place = scene.place
    planned = place.run("plan", "--base", base, "--format", "json")
    assert planned.code == 0, planned.err
    classes = {
        (edit["customer_id"], change["class"]) for edit in planned.json["edits"] for change in edit["changes"]
    }
    assert classes == {(7, "change"), (8, "drift")}
    assert place.run("plan", "--base", base, "--changed").code == 0
    audit = place.run("drift", "--format", "json")
    assert audit.code == 2, audit.err
    setters = {it["customer_id"]: it["set_by"]["author"] for it in audit.json["drift"]}
    assert (setters, audit.json["without_git"]) == ({7: "Ada", 8: "Ada"}, "")
    assert place.run("drift", "--base", base).code == 2
    assert place.run("plan", "--refresh", "modified").code == 0
    assert place.run("check").code == 0
    assert place.run("validate").code == 0
    adopted = place.run("adopt", "--base", base)
    assert adopted.code == 0, adopted.err
    assert (place.folder / "customers/bolt.yaml").read_text() == bolt("B")
    assert (place.folder / "customers/acme.yaml").read_text() == acme("Silver")
    assert place.run("init", "--ci", "none").code == 0
    scene.check_silent()


def everything(scene: Scene) -> dict[str, str]:
    """Every setting of git that names a program, and what leads to one."""
    program = str(scene.program)
    return {
        "core.fsmonitor": program,
        "core.hooksPath": str(scene.place.folder / "hooks"),
        "core.sshCommand": program,
        "core.gitProxy": program,
        "core.askPass": program,
        "core.pager": program,
        "core.editor": program,
        "core.alternateRefsCommand": program,
        "sequence.editor": program,
        "pager.config": program,
        "pager.rev-list": program,
        "diff.external": program,
        "diff.yaml.command": program,
        "diff.yaml.textconv": program,
        "diff.yaml.cachetextconv": "true",
        "merge.yaml.driver": program,
        "interactive.diffFilter": program,
        "credential.helper": f"!{program}",
        "gpg.program": program,
        "gpg.ssh.program": program,
        "log.showSignature": "true",
        "alias.rev-parse": f"!{program}",
        "alias.cat-file": f"!{program}",
        "remote.origin.url": f"ext::{program}",
        "remote.origin.uploadpack": program,
        "remote.origin.vcs": program,
        "remote.origin.promisor": "true",
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "uploadpack.packObjectsHook": program,
        "filter.other.smudge": program,
        "filter.other.process": program,
        "filter.other.clean": program,
        "filter.other.required": "true",
        "trailer.x.cmd": program,
        "core.worktree": str(scene.place.folder),
        "safe.bareRepository": "all",
        "safe.directory": "*",
    }


def test_the_canary_sings(scene: Scene) -> None:
    """git alone, asked as anybody would, runs what the rows below name; so their silence means something."""
    for key, value in everything(scene).items():
        scene.git.config(key, value)
    scene.git.environment["GIT_ALLOW_PROTOCOL"] = "file:ext"
    (scene.place.folder / ".gitattributes").write_text("*.yaml filter=other diff=yaml\n")
    for words in (
        ("status",),
        ("log", "-p", "--ext-diff"),
        ("cat-file", "--filters", "main:customers/acme.yaml"),
    ):
        scene.canary.unlink(missing_ok=True)
        with suppress(AssertionError):
            scene.git(*words)
        assert scene.canary.exists(), words


def test_settings_of_the_repository_itself(scene: Scene) -> None:
    """A checkout that was copied or unpacked brings its `.git/config` along, and its hooks."""
    for key, value in everything(scene).items():
        scene.git.config(key, value)
    for folder in (scene.place.folder / ".git/hooks", scene.place.folder / "hooks"):
        folder.mkdir(exist_ok=True)
        for hook in HOOKS:
            (folder / hook).symlink_to(scene.program)
    (scene.place.folder / ".gitattributes").write_text("*.yaml diff=yaml merge=yaml\n")
    check_commands(scene)


def test_settings_that_the_repository_includes(scene: Scene) -> None:
    """From a file of the checkout, and of a worktree of its own."""
    included = scene.place.folder / "gitconfig"
    for key, value in everything(scene).items():
        if key != "core.worktree":
            scene.git("config", "--file", str(included), key, value)
    scene.git.config("include.path", str(included))
    scene.git.config("extensions.worktreeConfig", "true")
    scene.git("config", "--worktree", "core.fsmonitor", str(scene.program))
    check_commands(scene)


def test_settings_in_the_surroundings(scene: Scene) -> None:
    """What a variable may bring is configuration for reading, and no program that reading does not need."""
    settings = everything(scene)
    settings.pop("core.worktree")
    scene.place.environment |= {
        "GIT_CONFIG_COUNT": str(len(settings)),
        **{f"GIT_CONFIG_KEY_{at}": key for at, key in enumerate(settings)},
        **{f"GIT_CONFIG_VALUE_{at}": value for at, value in enumerate(settings.values())},
        "GIT_EXTERNAL_DIFF": str(scene.program),
        "GIT_PAGER": str(scene.program),
        "PAGER": str(scene.program),
        "GIT_EDITOR": str(scene.program),
        "GIT_SSH": str(scene.program),
        "GIT_SSH_COMMAND": str(scene.program),
        "GIT_ASKPASS": str(scene.program),
        "GIT_PROXY_COMMAND": str(scene.program),
        "GIT_EXEC_PATH": str(scene.place.folder),
        "GIT_CONFIG_PARAMETERS": f"'core.fsmonitor'='{scene.program}'",
    }
    check_commands(scene)


def bare_repository(scene: Scene, folder: Path) -> None:
    """What a pull request can commit: the files of a bare repository, whose settings name programs."""
    made = Git.init(scene.home / "bare", "--bare")
    for key, value in everything(scene).items():
        made.config(key, value)
    shutil.rmtree(made.folder / "hooks")
    shutil.copytree(made.folder, folder, dirs_exist_ok=True)
    (folder / "hooks").mkdir()
    for hook in HOOKS:
        (folder / "hooks" / hook).symlink_to(scene.program)


@pytest.mark.parametrize("where", [".", "customers", "customers/acme"])
def test_a_bare_repository_in_the_checkout(where: str, scene: Scene) -> None:
    """It is not entered, wherever it lies; nor where a `.git` beside it is broken."""
    bare_repository(scene, scene.place.folder / where)
    scene.git("add", "--all")
    scene.git("commit", "--quiet", "-m", "a bare repository")
    check_commands(scene)


@pytest.mark.parametrize("command", ["plan", "drift", "adopt", "validate", "check"])
def test_a_command_that_starts_in_a_bare_repository(command: str, scene: Scene) -> None:
    """The folder that holds it is the root, because it has the `.git`."""
    inner = scene.place.folder / "customers" / "inner"
    bare_repository(scene, inner)
    scene.place.settings("subscriber: 1207\n")
    words = [command, "--base", "main"] if command in {"plan", "adopt"} else [command]
    scene.place.folder = inner
    ran = scene.place.run(*words)
    assert ran.code == (2 if command == "drift" else 0), ran.err
    scene.check_silent()


def test_a_broken_git_above_a_bare_repository(scene: Scene) -> None:
    """git would take the bare repository for the one that is meant."""
    bare_repository(scene, scene.place.folder)
    (scene.place.folder / ".git").rename(scene.place.folder.parent / "elsewhere")
    (scene.place.folder / ".git").mkdir()
    for words in (("plan", "--base", "main"), ("drift",), ("adopt",)):
        ran = scene.place.run(*words)
        assert (ran.code, "asking git" in ran.err) == (1, True), ran
    scene.check_silent()


def test_a_program_called_git_in_the_checkout(scene: Scene) -> None:
    """A PATH with a relative entry, or an empty one, does not find it."""
    (scene.place.folder / "git").symlink_to(scene.program)
    (scene.place.folder / "git-rev-parse").symlink_to(scene.program)
    scene.place.environment["PATH"] = f".::{scene.place.environment['PATH']}"
    check_commands(scene)


@pytest.mark.row("B103")
@pytest.mark.parametrize("module", ["reconciler/__init__.py", "uvicorn.py", "json.py"])
def test_python_modules_in_the_checkout(module: str, scene: Scene) -> None:
    """The embedded RPM is a process of its own, which Python would let begin with what lies in the working folder."""
    scene.place.file(module, f"open({str(scene.canary)!r}, 'a').write(__name__)\n")
    for words in (("plan", "--url", "sandbox:"), ("sandbox", "reset")):
        ran = scene.place.run(*words)
        assert (ran.code, "Traceback" in ran.err) == (0, False), ran
    scene.check_silent()


def _included(scene: Scene) -> None:
    """The user's own configuration includes a file of the checkout."""
    path = scene.place.file("config", f'[filter "x"]\n\tsmudge = {scene.program}\n')
    scene.user_config(f"[include]\n\tpath = {path}\n")


FILTERS: Final[dict[str, Callable[[Scene], None]]] = {
    "the repository's own": lambda scene: scene.git.config("filter.x.smudge", str(scene.program)),
    "a process": lambda scene: scene.git.config("filter.x.process", str(scene.program)),
    "an included file": _included,
}


@pytest.mark.parametrize("defined", FILTERS)
@pytest.mark.parametrize("command", ["plan", "drift", "adopt"])
def test_a_filter_that_the_checkout_defines(command: str, defined: str, scene: Scene) -> None:
    """The content of base cannot be told: an error that names file and filter, and nothing compared as absent."""
    FILTERS[defined](scene)
    (scene.place.folder / ".gitattributes").write_text("customers/*.yaml filter=x\n")
    ran = scene.place.run(command, "--base", "main")
    assert ran.code == 1
    assert (
        "customers/acme.yaml from git: the filter x is defined by the repository's own configuration"
        in ran.err
    )
    scene.check_silent()


@pytest.mark.parametrize("command", ["plan", "drift", "adopt"])
def test_large_file_storage_would_ask_a_server_of_the_checkout(command: str, scene: Scene) -> None:
    """Even where the user has it installed."""
    scene.user_config(
        f'[filter "lfs"]\n\tsmudge = {scene.program}\n\tprocess = {scene.program}\n\trequired = true\n'
    )
    (scene.place.folder / ".gitattributes").write_text("customers/acme.yaml filter=lfs\n")
    scene.place.file(".lfsconfig", "[lfs]\n\turl = https://evil.example\n")
    ran = scene.place.run(command, "--base", "main")
    assert ran.code == 1
    assert "reading customers/acme.yaml from git: it is governed by the filter lfs" in ran.err
    scene.check_silent()


def test_an_audit_of_the_checkout_runs_no_filter_of_it(scene: Scene) -> None:
    """Who set the lines is then not known, and that is told; the audit itself needs no git."""
    scene.git.config("filter.x.smudge", str(scene.program))
    (scene.place.folder / ".gitattributes").write_text("customers/*.yaml filter=x\n")
    ran = scene.place.run("drift", "--format", "json")
    assert ran.code == 2
    assert "the filter x is defined by the repository's own configuration" in ran.json["without_git"]
    assert {change["cause"] for it in ran.json["drift"] for change in it["changes"]} == {"unclear"}
    scene.check_silent()


@pytest.mark.parametrize("transport", ["ext", "ssh", "upload-pack", "helper"])
def test_what_a_partial_clone_lacks_is_not_fetched(transport: str, scene: Scene, tmp_path: Path) -> None:
    """Its configuration says from where, and through which program; a command that fetches is what helps."""
    scene.git.config("uploadpack.allowFilter", "true")
    origin = f"file://{scene.place.folder}"
    Git(tmp_path)("clone", "--quiet", "--filter=blob:none", "--branch=branch", origin, "clone")
    clone = Git(tmp_path / "clone")
    if transport == "ext":
        clone.config("remote.origin.url", f"ext::{scene.program}")
        clone.config("protocol.ext.allow", "always")
    elif transport == "ssh":
        clone.config("remote.origin.url", "ssh://evil.example/x")
        clone.config("core.sshCommand", str(scene.program))
    elif transport == "upload-pack":
        clone.config("remote.origin.uploadpack", str(scene.program))
    else:
        clone.config("remote.origin.vcs", "canary")
        helper = tmp_path / "bin" / "git-remote-canary"
        helper.parent.mkdir()
        helper.symlink_to(scene.program)
        scene.place.environment["PATH"] += f":{helper.parent}"
    scene.place.folder = clone.folder
    ran = scene.place.run("plan", "--base", "origin/main")
    assert ran.code == 1
    assert "asking git for customers/acme.yaml: this clone lacks it" in ran.err
    audit = scene.place.run("drift", "--format", "json")
    assert audit.code == 2
    unknown = {change["set_by_unknown"] for it in audit.json["drift"] for change in it["changes"]}
    assert any(it.startswith("this clone lacks what customers/acme.yaml was before") for it in unknown)
    scene.check_silent()
    for key in ("remote.origin.vcs", "remote.origin.uploadpack"):
        clone("config", "--default", "", "--get", key) and clone("config", "--unset", key)
    clone.config("remote.origin.url", origin)
    command = ran.err.split("→ fetch it first: ")[1].split("\n")[0]
    clone(*command.split()[1:])
    assert scene.place.run("plan", "--base", "origin/main").code == 0


@pytest.mark.parametrize("name", ["x", "lfs"])
def test_a_filter_for_where_a_file_was_once(name: str, scene: Scene) -> None:
    """History is read at the paths that it had; what no filter may tell there is not known."""
    scene.git("mv", "customers/acme.yaml", "customers/renamed.yaml")
    scene.git.commit(renamed=acme("Silver") + "Website: x\n")
    if name == "x":
        scene.git.config("filter.x.smudge", str(scene.program))
    else:
        scene.user_config(f'[filter "lfs"]\n\tprocess = {scene.program}\n')
    (scene.place.folder / ".gitattributes").write_text(f"customers/acme.yaml filter={name}\n")
    assert scene.place.run("drift", "--format", "json").code == 2
    scene.check_silent()
