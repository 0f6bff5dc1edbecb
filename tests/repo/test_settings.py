"""reconciler.yaml, flags and environment: what is refused, with its place, and what beats what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.field_types import Date, ListOf
from reconciler.repo.settings import Limits, find_settings, load_settings
from tests.kit.git import Git

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.repo.settings import Settings

FULL = """\
url: https://secure.rpmtelco.com/rpm/
subscriber: 1207
customers: people
parallel: 8
timeout: 30
read_age: 5
refresh: modified
limits: {edits: 5, percent: 50, calls: 100}
ignore:
  - Fields.Last contacted
mask: [Fields.Tax id, Website]
fields:
  Renewal date: {type: date}
  Tier: {type: list, options: [Gold, Silver]}
"""


def load(folder: Path, text: str, environment: dict[str, str] | None = None, **flags: Any) -> Settings:
    """The settings of a text."""
    (folder / "reconciler.yaml").write_text(text)
    return load_settings(folder, flags, environment or {})


def test_every_setting_is_read(tmp_path: Path) -> None:
    """The whole file of the contract."""
    settings = load(tmp_path, FULL)
    assert (settings.url, settings.url_from_file, settings.subscriber) == (
        "https://secure.rpmtelco.com/rpm/",
        True,
        1207,
    )
    assert (settings.customers, settings.parallel, settings.timeout, settings.read_age) == (
        "people",
        8,
        30,
        5,
    )
    assert settings.refresh == "modified"
    assert settings.limits == Limits(5, 50, 100)
    assert settings.rules.ignore == {"Fields.Last contacted"}
    assert settings.rules.mask == {"Fields.Tax id", "Website"}
    assert settings.rules.field_types == {
        "Fields.Renewal date": Date(),
        "Fields.Tier": ListOf(("Gold", "Silver")),
    }


def test_flags_beat_the_environment_and_that_the_file(tmp_path: Path) -> None:
    """A url that is not the file's may name any host."""
    beaten = load(
        tmp_path, FULL, {"RPM_API_URL": "https://a.example"}, parallel=3, max_edits=1, mask=("Address",)
    )
    assert (beaten.url, beaten.url_from_file, beaten.parallel) == ("https://a.example", False, 3)
    assert beaten.limits == Limits(1, 50, 100)
    assert beaten.rules.mask == {"Fields.Tax id", "Website", "Address"}
    assert beaten.file is not None
    assert (beaten.file.parallel, beaten.file.limits, set(beaten.file.rules.mask)) == (
        8,
        Limits(5, 50, 100),
        {"Fields.Tax id", "Website"},
    )
    flagged = load(tmp_path, FULL, {"RPM_API_URL": "https://a.example"}, url="sandbox:")
    assert (flagged.url, flagged.url_from_file) == ("sandbox:", False)
    assert load(tmp_path, FULL, {"RPM_API_URL": ""}).url_from_file


def test_it_is_known_where_each_setting_stands(tmp_path: Path) -> None:
    """Down to the entries of lists, which a warning may be about."""
    places = load(tmp_path, FULL).places
    found = {name: str(places[name]) for name in ("url", "limits.edits", "ignore Fields.Last contacted")}
    assert found == {
        "url": "reconciler.yaml:1:1",
        "limits.edits": "reconciler.yaml:8:10",
        "ignore Fields.Last contacted": "reconciler.yaml:10:5",
    }
    assert str(places["mask Website"]) == "reconciler.yaml:11:23"
    assert str(places["fields Tier"]) == "reconciler.yaml:14:3"


def test_the_nearest_file_above_is_found(tmp_path: Path) -> None:
    """Folders are relative to it."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "reconciler.yaml").write_text(FULL)
    assert load_settings(tmp_path / "a" / "b", {}, {}).root == tmp_path


def test_the_search_ends_at_the_root_of_git(tmp_path: Path) -> None:
    """A folder above may be anybody's; outside of git there is no such end."""
    inner = tmp_path / "repository" / "a"
    inner.mkdir(parents=True)
    (tmp_path / "reconciler.yaml").write_text(FULL)
    assert load_settings(inner, {}, {}).root == tmp_path
    (inner.parent / ".git").mkdir()
    assert find_settings(inner) is None
    (inner.parent / "reconciler.yaml").write_text(FULL)
    assert find_settings(inner) == inner.parent / "reconciler.yaml"


@pytest.mark.parametrize("what", ["a folder", "a link to nothing", "a link out of the repository"])
def test_settings_that_cannot_be_read_are_not_absent(what: str, tmp_path: Path) -> None:
    """The file above is not taken instead, and a link does not show what lies elsewhere."""
    inner = tmp_path / "repository" / "a"
    inner.mkdir(parents=True)
    (inner.parent / ".git").mkdir()
    (inner.parent / "reconciler.yaml").write_text(FULL)
    (tmp_path / "elsewhere").write_text("password: hunter2\n")
    if what == "a folder":
        (inner / "reconciler.yaml").mkdir()
    else:
        (inner / "reconciler.yaml").symlink_to(
            "../../elsewhere" if what == "a link out of the repository" else "nowhere"
        )
    expected = "a symbolic link out of" if what == "a link out of the repository" else "not a regular file"
    with pytest.raises(InputError, match=expected):
        find_settings(inner)


@pytest.mark.parametrize(
    "text", ["url: sandbox:\n", "url: sandbox:   # the embedded one\nparallel: 3\n", "url: sandbox:\r\n"]
)
def test_the_sandbox_may_be_written_as_people_write_it(text: str, tmp_path: Path) -> None:
    """Strict YAML wants quotes around a text that ends with a colon; nobody writes them."""
    assert load(tmp_path, text).url == "sandbox:"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "parralel: 3\n", '1:1: unknown setting "parralel"; did you mean "parallel"?', id="B112-key"
        ),
        pytest.param("parallel: many\n", "1:11: a whole number from 1 to 100 is needed here", id="B112-type"),
        pytest.param("parallel: 1\nparallel: 2\n", "2:1:", id="B112-twice"),
        pytest.param("limits: 3\n", "1:9: a mapping is needed here, as in `edits: 200`", id="B112-mapping"),
        pytest.param("limits: {edit: 3}\n", 'did you mean "edits"?', id="B112-inner"),
        pytest.param("refresh: sometimes\n", "is not one of full, modified", id="B112-word"),
        pytest.param("api_key: 0f0f\n", "1:1: a key has no place in a file of the repository", id="B92"),
        pytest.param("ignore: [Websit]\n", "did you mean Website?", id="ignore"),
        pytest.param("mask: [Name]\n", "Name cannot be masked", id="mask"),
        pytest.param("ignore: Website\n", "a list of attributes is needed", id="list"),
        pytest.param("fields:\n  Day: {type: dat}\n", 'did you mean "date"?', id="type"),
        pytest.param(
            "fields:\n  Day: {type: date, options: [a]}\n", "options belong to type: list", id="options"
        ),
        pytest.param(
            "fields:\n  Day: {type: list, options: []}\n", "a list of options is needed", id="no-options"
        ),
        pytest.param("parallel: ٥\n", "a whole number", id="B105"),
        pytest.param("a: 1\n---\nb: 2\n", "settings are one document", id="documents"),
        pytest.param("- a\n", "1:1: a mapping is needed here, as in `url: sandbox:`", id="top"),
        pytest.param(
            "fields: {Tier: Gold}\n", "1:16: a mapping is needed here, as in `{type: list", id="way"
        ),
        pytest.param("url: &a x\n", "1:6", id="anchor"),
    ],
)
def test_a_bad_setting_is_named_with_its_place(text: str, message: str, tmp_path: Path) -> None:
    """reconciler.yaml:line:column, what is wrong, and the nearest valid name."""
    with pytest.raises(InvalidFiles) as caught:
        load(tmp_path, text)
    assert f"reconciler.yaml:{message}" in str(caught.value) or message in str(caught.value)
    assert "reconciler.yaml:" in str(caught.value)


def test_every_problem_is_found_in_one_pass(tmp_path: Path) -> None:
    """Three mistakes, three lines."""
    with pytest.raises(InvalidFiles) as caught:
        load(tmp_path, "parralel: 3\ntimeout: soon\nmask: 1\n")
    assert len(caught.value.problems) == 3


def test_a_bad_flag_is_named() -> None:
    """--ignore and --mask take attributes alone."""
    from pathlib import Path  # noqa: PLC0415

    with pytest.raises(InputError, match="--mask"):
        load_settings(Path("/"), {"mask": ("Websit",)}, {})


@pytest.mark.parametrize(
    ("line", "least", "most"),
    [
        pytest.param("parallel: {}", 1, 100, id="B105-parallel"),
        pytest.param("timeout: {}", 1, 600, id="B105-timeout"),
        pytest.param("read_age: {}", 1, 300, id="B105-read-age"),
        pytest.param("limits: {{percent: {}}}", 0, 100, id="B105-percent"),
        pytest.param("limits: {{calls: {}}}", 1, 999_999_999, id="B105-calls"),
    ],
)
def test_numbers_have_bounds(line: str, least: int, most: int, tmp_path: Path) -> None:
    """Both ends are allowed; one beyond is refused, and the bounds are named."""
    for inside in (least, most):
        load(tmp_path, line.format(inside) + "\n")
    for outside in (least - 1, most + 1):
        with pytest.raises(InvalidFiles) as caught:
            load(tmp_path, line.format(outside) + "\n")
        assert f"a whole number from {least} to {most:,} is needed here" in str(caught.value)


@pytest.mark.parametrize("in_git", [True, False])
@pytest.mark.parametrize(
    "named",
    ["../outside", "customers/../../outside", "{outside}", "link", "link/deeper", "nowhere/../../x", ".."],
)
def test_a_customers_folder_outside_is_refused(named: str, in_git: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """However it is spelt: in git, what leads out of its root; else what leads out of the folder of the settings."""
    folder, outside = tmp_path / "repository", tmp_path / "outside"
    outside.mkdir()
    (folder / "customers").mkdir(parents=True)
    (folder / "link").symlink_to(outside)
    if in_git:
        Git.init(folder)
    (folder / "reconciler.yaml").write_text(f"customers: '{named.format(outside=outside)}'\n")
    whence = "the repository" if in_git else r"the folder of reconciler\.yaml"
    with pytest.raises(InvalidFiles, match=rf"reconciler\.yaml:1:1: `customers:` leads out of {whence}, to "):
        load_settings(folder, {}, {})
    assert load_settings(folder, {"customers": "../outside"}, {}).customers == "../outside"


def test_a_customers_folder_inside_of_git_is_taken(tmp_path: Path) -> None:
    """Beside the folder of the settings too."""
    Git.init(tmp_path)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "reconciler.yaml").write_text("customers: ../shared/one\n")
    assert load_settings(tmp_path / "one", {}, {}).customers == "../shared/one"
