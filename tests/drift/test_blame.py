"""Who set a value, and what git said before: customers are followed by id, then by name, never by place or by guess."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from reconciler.core.field_types import CompareRules, Date
from reconciler.customers.manifest import read_files
from reconciler.drift.blame import Drifted, find_origins
from reconciler.drift.model import NOT_COMMITTED, Cause, Origin
from reconciler.plan.model import Change, Class, Edit
from reconciler.repo.git.repository import Repository
from tests.kit.git import Git

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.repo.git.model import Commit

DAY = "2026-03-{:02}T12:00:00+00:00"


@pytest.fixture(autouse=True)
def own_configuration(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own configuration, empty at first."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return home / ".gitconfig"


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """An empty repository."""
    return Git.init(tmp_path / "repository")


def text(customer_id: int | None, name: str = "Acme", **values: str) -> str:
    """A customer's document; without an id where it is None."""
    head = "" if customer_id is None else f"CustomerID: {customer_id}\n"
    return f"{head}Name: {name}\n" + "".join(f"{key}: {value}\n" for key, value in values.items())


def asked(
    git: Git,
    rpm: dict[int, dict[str, str]],
    *,
    since: str = "",
    commit: str | None = None,
    folder: str = "customers",
    **rules: Any,
) -> tuple[dict[tuple[int, str], Origin], str]:
    """What git knows of these customers, where RPM has these values; one without an id is the first without one."""
    files = {
        path.relative_to(git.folder).as_posix(): path.read_bytes()
        for path in sorted((git.folder / folder).rglob("*.yaml"))
    }
    if commit:
        files = {name: git("show", f"{commit}:{name}").encode() for name in files}
    customers = read_files(files.items(), {}).customers
    desired = {number: next(it for it in customers if it.customer_id in {number, None}) for number in rpm}
    edits = [
        Edit(
            number,
            "Acme",
            desired[number].file,
            desired[number].line,
            tuple(
                Change(key, value, desired[number].values[key], Class.DRIFT) for key, value in values.items()
            ),
        )
        for number, values in rpm.items()
    ]
    repository = Repository.find(git.folder)
    assert repository is not None
    return find_origins(
        repository,
        Drifted(edits, desired, dict.fromkeys(rpm, since), CompareRules(**rules), commit, folder, folder),
    )


def origin(git: Git, observed: str, **more: Any) -> Origin:
    """The origin of Website of customer 7."""
    origins, trouble = asked(git, {7: {"Website": observed}}, **more)
    assert trouble == ""
    return origins[7, "Website"]


def name(commit: Commit | None) -> str | None:
    """The full name of a commit, if there is one."""
    return None if commit is None else commit.name


def test_who_set_the_value_is_named(git: Git) -> None:
    """Not who touched its line: a change of quotes, order or place says nothing new."""
    git.commit(author="Ann", date=DAY.format(1), acme=text(7, Website="old"))
    second = git.commit(author="Bob", date=DAY.format(2), acme=text(7, Website="new"))
    git.commit(author="Cyn", date=DAY.format(3), acme="Website: 'new'\nName: Acme\nCustomerID: 7\n")
    found = origin(git, "hand")
    assert (name(found.set_by), found.unknown) == (second, "")
    assert found.set_by is not None
    assert (found.set_by.author, found.set_by.date) == ("Bob", "2026-03-02T12:00:00Z")


def test_values_that_are_equal_by_the_rules_are_one(git: Git) -> None:
    """A date written another way was not set anew."""
    first = git.commit(acme="CustomerID: 7\nName: Acme\nFields:\n  Day: 2026-04-16\n")
    git.commit(acme="CustomerID: 7\nName: Acme\nFields:\n  Day: 4/16/2026\n")
    origins, _ = asked(git, {7: {"Fields.Day": "2026-01-01"}}, field_types={"Fields.Day": Date()})
    assert name(origins[7, "Fields.Day"].set_by) == first


def test_a_document_is_not_known_by_its_place(git: Git) -> None:
    """Another document was inserted above it, and a third below."""
    first = git.commit(author="Ann", acme=text(7, Website="a"))
    git.commit(
        author="Eve",
        acme=f"{text(8, 'Other', Website='x')}---\n{text(7, Website='a')}---\n{text(9, 'Third')}",
    )
    assert name(origin(git, "hand").set_by) == first


def test_a_customer_is_followed_from_file_to_file(git: Git) -> None:
    """By its id: renamed, joined with others, taken out again, and its name changed meanwhile."""
    first = git.commit(acme=text(7, Website="a"))
    git("mv", "customers/acme.yaml", "customers/renamed.yaml")
    git.commit()
    (git.folder / "customers" / "renamed.yaml").unlink()
    git.commit(many=f"{text(8, 'Other')}---\n{text(7, 'Acme Inc', Website='a')}")
    git.commit(many=text(8, "Other"), **{"eu/acme": text(7, "Acme Ltd", Website="a")})
    assert name(origin(git, "hand").set_by) == first


def test_a_customer_without_an_id_is_followed_by_name(git: Git) -> None:
    """Also over the commit that writes its id down; case and outer white space do not make another name."""
    first = git.commit(acme=text(None, "ACME", Website="a"))
    git.commit(acme=text(None, "Acme", Website="a"))
    assert name(origin(git, "hand").set_by) == first
    git.commit(acme=text(7, Website="a"))
    assert name(origin(git, "hand").set_by) == first


def test_where_neither_id_nor_name_tells_nothing_is_guessed(git: Git) -> None:
    """One commit gave it an id and another name."""
    git.commit(acme=text(None, "Former", Website="a"))
    git.commit(acme=text(7, Website="a"))
    found = origin(git, "hand")
    assert found.set_by is None
    assert found.unknown.startswith("which customer it was before ")
    assert found.cause is Cause.UNCLEAR


def test_another_id_is_another_customer(git: Git) -> None:
    """The file was given to somebody else, of the same name."""
    git.commit(acme=text(8, Website="a"))
    second = git.commit(acme=text(7, Website="a"))
    found = origin(git, "hand", since="2030-01-01")
    assert (name(found.set_by), found.cause) == (second, Cause.CHANGED_IN_RPM)


def test_the_folder_moved_is_told(git: Git) -> None:
    """Steps before it tell of another folder."""
    git.commit(acme=text(7, Website="a"))
    git("mv", "customers", "people")
    git("commit", "--quiet", "-m", "move")
    found = origin(git, "hand", folder="people")
    assert found.set_by is None
    assert found.unknown.startswith("it was outside of people before ")


def test_what_is_not_committed_is_told(git: Git) -> None:
    """A value, and a whole file."""
    git.commit(acme=text(7, Website="a", Address="b"))
    git.write(acme=text(7, Website="changed", Address="b"))
    origins, _ = asked(git, {7: {"Website": "x", "Address": "y"}})
    assert origins[7, "Website"] == Origin(unknown=NOT_COMMITTED)
    assert origins[7, "Address"].set_by is not None
    git.write(new=text(9, Website="a"))
    origins, _ = asked(git, {9: {"Website": "x"}})
    assert origins[9, "Website"] == Origin(unknown=NOT_COMMITTED)


def test_nothing_is_committed_yet(git: Git) -> None:
    """Git answers, and knows nothing."""
    git.write(acme=text(7, Website="a"))
    assert asked(git, {7: {"Website": "x"}}) == ({}, "nothing is committed yet")


def test_a_value_of_a_commit_is_asked_there(git: Git) -> None:
    """What came behind it has no say."""
    first = git.commit(acme=text(7, Website="a"))
    git.commit(acme=text(7, Website="b"))
    assert name(origin(git, "hand", commit=first).set_by) == first


def test_a_merge_names_who_wrote_the_branch_and_when_it_came(git: Git) -> None:
    """Set by the author of the branch; it came with the merge, which is later than RPM's change, and so not applied."""
    git.commit(date=DAY.format(1), acme=text(7, Website="old"), other=text(8, "Other", Website="x"))
    git("switch", "--quiet", "--create", "branch")
    branch = git.commit(author="Bea", date=DAY.format(2), acme=text(7, Website="new"))
    git("switch", "--quiet", "main")
    git.commit(date=DAY.format(3), other=text(8, "Other", Website="y"))
    when = DAY.format(20)
    git("merge", "--quiet", "--no-ff", "--no-edit", "branch", GIT_COMMITTER_DATE=when, GIT_AUTHOR_DATE=when)
    assert (name((found := origin(git, "old", since="2026-03-10")).set_by), found.cause) == (
        branch,
        Cause.NOT_APPLIED,
    )
    assert origin(git, "old", since="2026-03-19").cause is Cause.UNCLEAR
    git("switch", "--quiet", "--detach", "HEAD^2")
    assert origin(git, "old", since="2026-03-10").cause is Cause.UNCLEAR


def test_a_value_that_only_a_branch_said_was_said(git: Git) -> None:
    """Somebody may have applied the branch: no claim that RPM was changed by hand."""
    git.commit(date=DAY.format(1), acme=text(7, Website="one"))
    git("switch", "--quiet", "--create", "branch")
    trial = git.commit(date=DAY.format(2), acme=text(7, Website="trial"))
    git.commit(date=DAY.format(3), acme=text(7, Website="final"))
    git("switch", "--quiet", "main")
    git.commit(date=DAY.format(4), other=text(8, "Other"))
    git("merge", "--quiet", "--no-ff", "--no-edit", "branch")
    found = origin(git, "trial", since="2030-01-01")
    assert (name(found.earlier), found.cause) == (trial, Cause.UNCLEAR)


@pytest.mark.parametrize(
    ("observed", "since", "cause"),
    [
        pytest.param("one", "2026-03-05", Cause.NOT_APPLIED, id="merged, not yet applied"),
        pytest.param("one", "2026-03-09", Cause.UNCLEAR, id="within the doubt"),
        pytest.param("one", "2026-03-25", Cause.UNCLEAR, id="an old value came back"),
        pytest.param("one", "", Cause.UNCLEAR, id="RPM does not say when"),
        pytest.param("hand", "2026-03-05", Cause.CHANGED_IN_RPM, id="git never said it"),
        pytest.param("hand", "", Cause.CHANGED_IN_RPM, id="git never said it, whenever"),
    ],
)
def test_the_cause_of_a_value_that_git_changed(git: Git, observed: str, since: str, cause: Cause) -> None:
    """One, then two on the tenth."""
    git.commit(date=DAY.format(1), acme=text(7, Website="one"))
    git.commit(date=DAY.format(10), acme=text(7, Website="two"))
    assert origin(git, observed, since=since).cause is cause


@pytest.mark.parametrize(
    ("since", "cause"),
    [
        pytest.param("2026-03-05", Cause.NOT_APPLIED, id="RPM has what it had before git managed it"),
        pytest.param("2026-03-11", Cause.UNCLEAR, id="within the doubt"),
        pytest.param("2026-03-20", Cause.CHANGED_IN_RPM, id="changed since git manages it"),
        pytest.param("2026-03-11T23:00:00", Cause.CHANGED_IN_RPM, id="a time is less doubtful"),
        pytest.param("", Cause.UNCLEAR, id="RPM does not say when"),
    ],
)
def test_the_cause_of_a_value_that_git_managed_once(git: Git, since: str, cause: Cause) -> None:
    """The attribute is new on the tenth; the customer is older."""
    git.commit(date=DAY.format(1), acme=text(7))
    git.commit(date=DAY.format(10), acme=text(7, Website="one"))
    assert origin(git, "hand", since=since).cause is cause


def test_an_attribute_that_was_released_and_managed_again(git: Git) -> None:
    """What it said before counts, and so RPM's value is not what RPM had before git managed it."""
    first = git.commit(date=DAY.format(1), acme=text(7, Website="one"))
    git.commit(date=DAY.format(5), acme=text(7))
    git.commit(date=DAY.format(20), acme=text(7, Website="two"))
    assert origin(git, "hand", since="2026-03-02").cause is Cause.CHANGED_IN_RPM
    found = origin(git, "one", since="2026-03-02")
    assert (found.cause, name(found.earlier)) == (Cause.NOT_APPLIED, first)


def test_the_commit_that_gave_the_earlier_value_is_the_newest_of_its_kind(git: Git) -> None:
    """RPM has a value that git set twice."""
    git.commit(acme=text(7, Website="one"))
    git.commit(acme=text(7, Website="two"))
    third = git.commit(author="Cyn", acme=text(7, Website="one"))
    git.commit(acme=text(7, Website="one", Address="x"))
    fifth = git.commit(acme=text(7, Website="three", Address="x"))
    found = origin(git, "one")
    assert (name(found.set_by), name(found.earlier)) == (fifth, third)


def test_past_the_edge_of_a_shallow_clone_nobody_is_named(git: Git, tmp_path: Path) -> None:
    """The commit at the edge did not add everything that it has."""
    git.commit(date=DAY.format(1), acme=text(7, Website="one", Address="a"))
    second = git.commit(date=DAY.format(10), acme=text(7, Website="two", Address="a"))
    git.commit(date=DAY.format(20), other=text(8, "Other"))
    Git(tmp_path)("clone", "--quiet", "--depth=2", f"file://{git.folder}", "clone")
    clone = Git(tmp_path / "clone")
    found = origin(clone, "hand", since="2026-03-25")
    assert found == Origin(unknown="the clone is shallow")
    clone("fetch", "--quiet", "--depth=3")
    origins, _ = asked(clone, {7: {"Website": "one", "Address": "hand"}}, since="2026-03-05")
    assert name(origins[7, "Website"].set_by) == second
    assert origins[7, "Website"].cause is Cause.NOT_APPLIED
    assert origins[7, "Address"] == Origin(unknown="the clone is shallow")
    assert origin(clone, "hand", since="2026-03-25").cause is Cause.CHANGED_IN_RPM


def test_a_version_that_cannot_be_read_is_no_answer(git: Git) -> None:
    """Whether it said another value is not known."""
    git.commit(acme=text(7, Website="a"))
    git.commit(acme="CustomerID: 7\nName: [\n")
    git.commit(acme=text(7, Website="a"))
    found = origin(git, "hand", since="2030-01-01")
    assert found.set_by is None
    assert found.unknown.startswith("customers/acme.yaml could not be read before ")
    git.commit(acme="CustomerID: 7\nName: Acme\nWebsite: *alias\n")
    git.commit(acme=text(7, Website="a"))
    assert origin(git, "hand").unknown == "its file could not be read then"


HOSTILE = "Eve\u2028\n\tauthor Mallory\r\x0b\x1c\x85"


def test_names_and_subjects_may_hold_anything(git: Git) -> None:
    """Only what an author's name can hold is in it, and a subject forges nothing."""
    commit = git.commit(
        f"author Mallory\n\n\tauthor Mallory\n:100644 100644 {'0' * 40} {'1' * 40} M\0x".replace("\0", ""),
        author="Eve\u2028author Mallory\x0b\x1c\x85\ttab",
        acme=text(7, Website="a"),
    )
    found = origin(git, "hand").set_by
    assert found is not None
    assert (found.name, found.author) == (commit, "Eve\u2028author Mallory\x0b\x1c\x85\ttab")


def test_an_author_in_another_encoding_is_read(git: Git) -> None:
    """A commit says which encoding it is in; what the user likes to see has no say."""
    git.config("i18n.commitEncoding", "ISO-8859-1")
    git.config("i18n.logOutputEncoding", "UTF-16")
    git("commit", "--quiet", "--allow-empty", "-m", "x", GIT_AUTHOR_NAME="J\udcfcrgen")
    git.write(acme=text(7, Website="a"))
    git("add", ".")
    git("commit", "--quiet", "-m", "x", GIT_AUTHOR_NAME="J\udcfcrgen")
    found = origin(git, "hand").set_by
    assert found is not None
    assert found.author == "Jürgen"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("blame.ignoreRevsFile", "missing"),
        ("log.showSignature", "true"),
        ("log.follow", "true"),
        ("log.date", "relative"),
        ("log.mailmap", "true"),
        ("diff.renames", "copies"),
        ("diff.noprefix", "true"),
        ("diff.relative", "true"),
        ("diff.orderFile", "missing"),
        ("core.quotePath", "true"),
        ("core.abbrev", "4"),
        ("format.pretty", "oneline"),
        ("color.ui", "always"),
        ("column.ui", "always"),
        ("core.pager", "false"),
    ],
)
def test_nothing_in_a_persons_configuration_changes_the_answer(
    git: Git, own_configuration: Path, key: str, value: str
) -> None:
    """Nor a mailmap that the checkout brings along."""
    git.commit(acme=text(7, Website="a"), schön=text(8, "Other"))
    second = git.commit(author="Ann", acme=text(7, Website="b"), schön=text(8, "Third"))
    (git.folder / ".mailmap").write_text("Mallory <ada@acme.example>\n")
    git("config", "--file", str(own_configuration), key, value)
    found = origin(git, "a")
    assert (name(found.set_by), found.set_by and found.set_by.author) == (second, "Ann")


def test_a_sha256_repository_answers(tmp_path: Path) -> None:
    """Names are of any length."""
    git = Git.init(tmp_path, "--object-format=sha256")
    first = git.commit(acme=text(7, Website="a"))
    assert len(first) == 64
    assert name(origin(git, "hand").set_by) == first


def test_contents_that_a_partial_clone_lacks_are_not_fetched(git: Git, tmp_path: Path) -> None:
    """Whoever wrote the clone's configuration would choose the server."""
    git.commit(acme=text(7, Website="a"))
    git.commit(acme=text(7, Website="b"))
    git.config("uploadpack.allowFilter", "true")
    Git(tmp_path)("clone", "--quiet", "--filter=blob:none", f"file://{git.folder}", "clone")
    found = origin(Git(tmp_path / "clone"), "hand")
    assert found.set_by is None
    assert found.unknown.startswith("this clone lacks what customers/acme.yaml was before ")


def test_a_filter_of_the_users_own_is_applied(git: Git, own_configuration: Path) -> None:
    """Customer files may be kept encrypted; a renamed one is read by the rules for its name of today."""
    own_configuration.write_text('[filter "shift"]\n\tclean = tr a-y b-z\n\tsmudge = tr b-z a-y\n')
    (git.folder / ".gitattributes").write_text("*.yaml filter=shift\n")
    git.environment["GIT_CONFIG_GLOBAL"] = str(own_configuration)
    first = git.commit(acme=text(7, Website="a"))
    assert "Website" not in git("cat-file", "blob", "HEAD:customers/acme.yaml")
    git("mv", "customers/acme.yaml", "customers/other.yaml")
    git.commit(more=text(8, "Other"))
    git.commit(other=text(7, Website="a", Address="b"))
    assert name(origin(git, "hand").set_by) == first
