"""The key is in no message, and what is plainly no key is refused."""

from __future__ import annotations

import base64
import json
import logging
import os
import pickle
import subprocess
import urllib.parse
from typing import TYPE_CHECKING

import pytest

from reconciler.core.errors import InputError
from reconciler.rpm.key import ApiKey, checked, find_key

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "c4nary-0f-a+key/=="


@pytest.mark.row("B92")
def test_every_rendering_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    """Printing, formatting, logging, an exception's text: three stars; pickling is refused."""
    key = ApiKey(CANARY)
    logging.getLogger("reconciler.test").error("key %s %r", key, key)
    shown = [
        str(key),
        repr(key),
        f"{key}",
        f"{key!r:>20}",
        f"{key:x}",
        caplog.text,
        repr({"k": key}),
        str(ValueError(key)),
    ]
    assert all(CANARY not in text for text in shown)
    assert not hasattr(key, "__dict__")
    with pytest.raises(TypeError):
        pickle.dumps(key)


@pytest.mark.row("B139")
def test_a_text_that_echoes_the_key_is_redacted() -> None:
    """Plain, URL-, JSON- and base64-encoded."""
    raw = CANARY.encode()
    spellings = [
        CANARY, urllib.parse.quote(CANARY, safe=""), json.dumps(CANARY),
        base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode(),
    ]  # fmt: skip
    for spelling in spellings:
        redacted = ApiKey(CANARY).redact(f"header was {spelling}!")
        assert spelling.strip('"=') not in redacted
        assert "***" in redacted


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="B90-empty"),
        pytest.param("   ", id="B90-blank"),
        pytest.param("changeme", id="B90-changeme"),
        pytest.param("ffffffff-ffff-ffff-ffff-ffffffffffff", id="B90-f"),
        pytest.param("${RPM_KEY}", id="B90-variable"),
        pytest.param("canary canary", id="B88-inside"),
        pytest.param("canary\r\nX: y", id="B89-crlf"),
        pytest.param("canary\0", id="B89-nul"),
        pytest.param("canäry", id="B89-ascii"),
        pytest.param('"canary"', id="B89-quotes"),
        pytest.param("Bearer canary", id="B89-bearer"),
    ],
)
def test_what_is_no_key_is_refused_unseen(text: str) -> None:
    """The message says where it came from and never what it was."""
    with pytest.raises(InputError) as caught:
        checked(text, origin="RPM_API_KEY")
    assert "RPM_API_KEY" in str(caught.value)
    assert "can" not in str(caught.value).replace("cannot", "")


@pytest.mark.row("B88")
def test_outer_white_space_is_no_part_of_a_key() -> None:
    """A line break that an editor or a secret store adds."""
    assert checked("0f-key\n", origin="x").reveal() == "0f-key"


@pytest.mark.row("B87")
def test_no_key() -> None:
    """The message names the variable."""
    with pytest.raises(InputError, match="RPM_API_KEY is not set"):
        find_key({}, None)


class TestFile:
    def test_it_beats_the_environment(self, tmp_path: Path) -> None:
        """What is named on the command line is meant."""
        path = tmp_path / "key"
        path.write_text("from-file\n")
        path.chmod(0o600)
        assert find_key({"RPM_API_KEY": "from-env"}, path).reveal() == "from-file"

    @pytest.mark.row("B91")
    def test_others_must_not_read_it(self, tmp_path: Path) -> None:
        """A file that the group or everybody can read is refused with the command that mends it."""
        path = tmp_path / "key"
        path.write_text("canary")
        path.chmod(0o644)
        with pytest.raises(InputError, match="chmod 600") as caught:
            find_key({}, path)
        assert "canary" not in str(caught.value)

    @pytest.mark.row("B91")
    def test_git_must_not_have_it(self, tmp_path: Path) -> None:
        """A tracked key is everybody's."""
        path = tmp_path / "key"
        path.write_text("canary")
        path.chmod(0o600)
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)  # noqa: S607
        subprocess.run(["git", "-C", str(tmp_path), "add", "key"], check=True)  # noqa: S607
        with pytest.raises(InputError, match="git tracks"):
            find_key({}, path)

    @pytest.mark.row("B91")
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        """Nobody may ever write to it."""
        os.mkfifo(tmp_path / "key", 0o600)
        with pytest.raises(InputError, match="is not a regular file"):
            find_key({}, tmp_path / "key")

    def test_it_must_be_there(self, tmp_path: Path) -> None:
        """A missing file is named."""
        with pytest.raises(InputError, match="nowhere"):
            find_key({}, tmp_path / "nowhere")
