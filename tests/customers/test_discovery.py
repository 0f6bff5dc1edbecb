"""A folder gives its customer files, and says of everything else why it is not one."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reconciler.core.errors import InputError
from reconciler.core.yaml.encoding import BYTES_LIMIT
from reconciler.customers import discovery as folder_module
from reconciler.customers.customer_file import PathKind, Verdict, judge_path
from reconciler.customers.discovery import find_files, read_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path that anybody may enter: a socket's path and a lesser user need that."""
    with tempfile.TemporaryDirectory() as path:
        Path(path).chmod(0o755)
        inside = Path(path) / "customers"
        inside.mkdir()
        yield inside


def write(path: Path, content: bytes = b"Name: A\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def shown(folder: Path) -> tuple[list[str], list[str], list[str]]:
    contents, problems, warnings = read_folder(folder, "customers")
    return [path for path, _ in contents], [str(line) for line in problems], [str(line) for line in warnings]


def test_files_are_found_at_any_depth_and_sorted_by_path(folder: Path) -> None:
    for name in ["b.yaml", "a/c.yaml", "a/b/d.yaml", "Z.yaml"]:
        write(folder / name, name.encode())
    contents, problems, warnings = read_folder(folder, "customers/")
    assert contents == [
        (f"customers/{name}", name.encode()) for name in ["Z.yaml", "a/b/d.yaml", "a/c.yaml", "b.yaml"]
    ]
    assert (problems, warnings) == ([], [])


def test_an_empty_folder_is_no_error(folder: Path) -> None:
    assert shown(folder) == ([], [], [])


def test_an_empty_file_is_given(folder: Path) -> None:
    write(folder / "a.yaml", b"")
    assert read_folder(folder, "c")[0] == [("c/a.yaml", b"")]


def test_b76_a_missing_folder_says_what_to_do(folder: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_folder(folder / "no", "no\x1b")
    assert str(caught.value) == (
        "reading the customers: there is no folder no\\x1b\n"
        "  → name it with --customers or `customers:`; `reconciler init` begins a repository"
    )


def test_b76_a_file_is_not_a_folder(folder: Path) -> None:
    with pytest.raises(InputError, match="reading the customers: c is not a folder"):
        read_folder(write(folder / "c"), "c")


@pytest.mark.parametrize("leads_to", ["../outside.yaml", "inside.yaml", "loop.yaml", "/dev/zero", "nowhere"])
def test_b77_a_link_is_not_followed(folder: Path, leads_to: str) -> None:
    write(folder.parent / "outside.yaml")
    write(folder / "inside.yaml")
    (folder / "loop.yaml").symlink_to(leads_to)
    assert shown(folder) == (
        ["customers/inside.yaml"],
        ["customers/loop.yaml:1:1: a symbolic link, which is not followed: put the file itself here"],
        [],
    )


def test_b77_a_link_to_a_folder_is_not_followed(folder: Path) -> None:
    write(folder.parent / "outside" / "a.yaml")
    (folder / "link").symlink_to("../outside")
    assert shown(folder) == (
        [],
        ["customers/link:1:1: a symbolic link, which is not followed: put the folder itself here"],
        [],
    )


NAMES = [
    "a.yaml",
    "a.YAML",
    "a.yml",
    "a.yaml~",
    ".a.yaml",
    "a",
    "README",
    ".git",
    "a.yaml.txt",
    ".yaml",
    "é.yaml",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", PathKind)
def test_the_disk_goes_by_the_definition(name: str, kind: PathKind, folder: Path) -> None:
    """Whatever stands under a name, what becomes of it is what `judge_path` says, and a commit is read by the same."""
    path = folder / name
    (folder.parent / "a folder").mkdir()
    match kind:
        case PathKind.FILE:
            write(path)
        case PathKind.FOLDER:
            write(path / "in.yaml")
        case PathKind.LINK:
            path.symlink_to("nowhere")
        case PathKind.FOLDER_LINK:
            path.symlink_to("../a folder")
        case PathKind.SUBMODULE:
            write(path / "in.yaml")
            write(path / ".git")
        case PathKind.SPECIAL:
            os.mkfifo(path)
    verdict, message = judge_path(name, kind)
    shown_as = f"customers/{name}"
    told = [f"{shown_as}:1:1: {message}"]
    assert (
        shown(folder)
        == {
            Verdict.READ: ([shown_as], [], []),
            Verdict.ENTER: ([f"{shown_as}/in.yaml"], [], []),
            Verdict.IGNORE: ([], [], []),
            Verdict.REFUSE: ([], told, []),
            Verdict.WARN: ([], [], [f"{shown_as}:1:1: warning: {message}"]),
        }[verdict]
    )


def test_b77_a_link_that_nobody_takes_for_a_customer_does_not_matter(folder: Path) -> None:
    (folder / "README").symlink_to("nowhere")
    (folder / "circle").symlink_to("circle")
    assert shown(folder) == ([], [], [])


def test_b78_pipes_and_sockets_are_refused_without_waiting_for_them(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "socket.yaml"))
        _, problems, _ = shown(folder)
    message = "not a regular file, so it is not read: remove it"
    assert problems == [f"customers/pipe.yaml:1:1: {message}", f"customers/socket.yaml:1:1: {message}"]


def test_b78_a_folder_with_the_name_of_a_file_is_refused(folder: Path) -> None:
    write(folder / "x.yaml" / "a.yaml")
    assert shown(folder) == (
        [],
        ["customers/x.yaml:1:1: a folder with the name of a customer file: rename it"],
        [],
    )


def test_b78_what_became_a_pipe_after_it_was_listed_is_refused_without_waiting(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(OSError, match="not a regular file any more"):
        folder_module._content(str(folder / "pipe"))


def test_b77_what_became_a_link_after_it_was_listed_is_not_followed(folder: Path) -> None:
    write(folder / "a.yaml")
    (folder / "link").symlink_to("a.yaml")
    with pytest.raises(OSError, match="symbolic links"):
        folder_module._content(str(folder / "link"))


def test_a_file_that_holds_more_than_its_size_said_is_read_to_its_end() -> None:
    path = Path("/proc/self/status")
    if not path.exists():
        pytest.skip("needs a file whose size is not what it holds")
    assert path.stat().st_size == 0
    assert folder_module._content(str(path)).startswith(b"Name:")


@pytest.fixture
def lesser_user() -> Iterator[None]:
    """Somebody whom file permissions bind, which root is not."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_b79_unreadable_files_and_folders_do_not_keep_the_others_from_being_read(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    write(folder / "a.yaml").chmod(0)
    write(folder / "b.yaml")
    write(folder / "c" / "d.yaml").parent.chmod(0)
    request.getfixturevalue("lesser_user")
    found = shown(folder)
    if os.getuid():
        (folder / "c").chmod(0o700)
    assert found == (
        ["customers/b.yaml"],
        [
            "customers/a.yaml:1:1: the file cannot be read: Permission denied",
            "customers/c:1:1: the folder cannot be read: Permission denied",
        ],
        [],
    )


def test_b80_odd_names_are_read_and_shown_escaped(folder: Path) -> None:
    names = [b"a\nb.yaml", b"\x1b[31m.yaml", b"::add-mask::x.yaml", b"-rf.yaml", b"a b.yaml", b"bad\xff.yaml"]
    names.append(b"x" * 250 + b".yaml")
    for name in names:
        write(folder / os.fsdecode(name))
    paths, problems, _ = shown(folder)
    assert sorted(paths) == sorted(
        [
            r"customers/a\nb.yaml",
            r"customers/\x1b[31m.yaml",
            "customers/::add-mask::x.yaml",
            "customers/-rf.yaml",
            "customers/a b.yaml",
            r"customers/bad\xff.yaml",
            f"customers/{'x' * 250}.yaml",
        ]
    )
    assert problems == []


def test_b81_hidden_files_and_leftovers_of_editors_are_skipped(folder: Path) -> None:
    for name in [
        ".x.yaml",
        ".git/x.yaml",
        ".#x.yaml",
        "x.yaml~",
        "#x.yaml#",
        "x.yaml.orig",
        "x.yaml.bak",
        "x.md",
    ]:
        write(folder / name)
    assert shown(folder) == ([], [], [])


@pytest.mark.parametrize("name", ["x.yml", "x.YAML", "X.Yml", "x.yaml.txt", "x.ymal"])
def test_b81_a_name_that_nearly_fits_is_a_warning(folder: Path, name: str) -> None:
    write(folder / name)
    message = "not read, because its name does not end in .yaml: rename it, or move it away"
    assert shown(folder) == ([], [], [f"customers/{name}:1:1: warning: {message}"])


@pytest.mark.parametrize(
    ("one", "other"), [("A.yaml", "a.yaml"), ("e\u0301.yaml", "é.yaml"), ("A/x.yaml", "a/x.yaml")]
)
def test_b82_names_that_are_one_on_some_disks_are_refused(folder: Path, one: str, other: str) -> None:
    write(folder / one)
    write(folder / other)
    paths, problems, _ = shown(folder)
    assert paths == [f"customers/{one}"]
    assert problems == [
        f"customers/{other}:1:1: is the same file as customers/{one} where case does not count: rename one"
    ]


def test_names_that_are_shown_alike_are_refused(folder: Path) -> None:
    write(folder / "a\nb.yaml")
    write(folder / r"a\nb.yaml")
    assert len(shown(folder)[1]) == 1


def test_b83_a_file_that_went_away_after_it_was_listed_is_a_problem(folder: Path) -> None:
    write(folder / "b.yaml")
    write(folder / "a.yaml")
    found = find_files(folder, "c")
    (folder / "a.yaml").unlink()
    assert [file.shown for file in found.files if found.content(file) is not None] == ["c/b.yaml"]
    assert [str(problem) for problem in found.problems] == [
        "c/a.yaml:1:1: the file cannot be read: No such file or directory"
    ]


def test_b84_many_files_are_read(folder: Path) -> None:
    for number in range(2_000):
        write(folder / str(number % 20) / f"{number}.yaml", str(number).encode())
    contents, problems, _ = read_folder(folder, "c")
    assert len(contents) == 2_000
    assert {content for _, content in contents} == {str(number).encode() for number in range(2_000)}
    assert problems == []


def test_a_file_past_the_limit_is_given_one_byte_longer_than_it(folder: Path) -> None:
    write(folder / "a.yaml", b"#" * BYTES_LIMIT)
    write(folder / "b.yaml", b"#" * (BYTES_LIMIT + 100))
    contents, _, _ = read_folder(folder, "c")
    assert [len(content) for _, content in contents] == [BYTES_LIMIT, BYTES_LIMIT + 1]


def test_all_files_together_are_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "TOTAL_LIMIT", 2_000_000)
    for name in "abcd":
        write(folder / f"{name}.yaml", b"#" * 1_000_000)
    assert shown(folder) == (
        ["customers/a.yaml", "customers/b.yaml"],
        [
            "customers/c.yaml:1:1: the files up to here contain more than 2 MB together; this one and those after it are not read"
        ],
        [],
    )
