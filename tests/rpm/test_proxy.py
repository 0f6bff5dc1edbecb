"""What the environment may name as a proxy, what is refused by name, and who is blamed when one fails."""

from __future__ import annotations

import base64

import httpx
import pytest

from reconciler.core.errors import InputError
from reconciler.rpm.dialing import NotConnected, Stage
from reconciler.rpm.endpoint import settle
from reconciler.rpm.proxy import Proxy, parse_proxy, proxy_for
from reconciler.rpm.unreachable import not_sent

FAR = settle("https://secure.rpmtelco.com/rpm/", from_file=True)
NEAR = settle("http://127.0.0.1:1/", from_file=False)
PASSWORD = "canary-p%40ss"


@pytest.mark.row("B98")
@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_which_variables_count(variable: str) -> None:
    """The environment's proxy serves https, and never loopback or what NO_PROXY names; an empty one is none."""
    named = {variable: "http://proxy:3128"}
    found = proxy_for(FAR, named)
    assert found is not None
    assert (found.url, found.variable) == ("http://proxy:3128", variable)
    assert proxy_for(NEAR, named) is None
    assert proxy_for(FAR, {**named, "NO_PROXY": ".rpmtelco.com"}) is None
    assert proxy_for(FAR, {**named, "no_proxy": "*"}) is None
    assert proxy_for(FAR, {variable: ""}) is None
    assert proxy_for(FAR, {"HTTP_PROXY": "http://proxy:3128"}) is None


def test_what_is_not_used_is_not_judged() -> None:
    """A malformed proxy is in nobody's way where none is needed."""
    assert proxy_for(NEAR, {"HTTPS_PROXY": "socks5://proxy"}) is None
    assert proxy_for(FAR, {"HTTPS_PROXY": "socks5://proxy", "NO_PROXY": "secure.rpmtelco.com"}) is None


@pytest.mark.parametrize(
    ("text", "url", "shown"),
    [
        ("proxy.example:3128", "http://proxy.example:3128", "proxy.example:3128"),
        ("proxy.example", "http://proxy.example:80", "proxy.example:80"),
        ("http://10.0.0.1:8080/", "http://10.0.0.1:8080", "10.0.0.1:8080"),
        ("https://proxy.example", "https://proxy.example:443", "proxy.example:443"),
        ("HTTP://Proxy.example:1", "http://proxy.example:1", "proxy.example:1"),
        ("[2001:db8::1]:3128", "http://[2001:db8::1]:3128", "[2001:db8::1]:3128"),
        (f"http://ada:{PASSWORD}@proxy.example:3128", "http://proxy.example:3128", "proxy.example:3128"),
    ],
)
def test_spellings(text: str, url: str, shown: str) -> None:
    """No scheme means http, no port the scheme's own."""
    proxy = parse_proxy("HTTPS_PROXY", text)
    assert (proxy.url, proxy.shown) == (url, shown)


def test_credentials_are_for_the_proxy_alone() -> None:
    """They are decoded, sent as Basic, and in nothing that is shown."""
    proxy = parse_proxy("HTTPS_PROXY", f"http://ada:{PASSWORD}@proxy.example:3128")
    coded = base64.b64encode(b"ada:canary-p@ss").decode()
    assert proxy.authorization == f"Basic {coded}"
    assert "canary" not in repr(proxy) + str(proxy) + proxy.shown + proxy.url
    for secret in (PASSWORD, "canary-p@ss", coded):
        assert proxy.redact(f"407 who is {secret}?") == "407 who is ***?"
    assert (
        parse_proxy("HTTPS_PROXY", "http://ada@proxy").authorization
        == f"Basic {base64.b64encode(b'ada:').decode()}"
    )


MALFORMED = (
    ("socks5://canary@proxy:1080", "it names a socks5 proxy"),
    ("socks5h://proxy", "it names a socks5h proxy"),
    ("ftp://canary@proxy", "its scheme is neither http nor https"),
    ("http://canary@proxy:99999", "its host or port is malformed"),
    ("http://canary@proxy:abc", "its host or port is malformed"),
    ("http://canary@proxy:0", "its port is not a number"),
    ("http://canary@proxy:", "its port is not a number"),
    ("http://canary@[::1", "its host or port is malformed"),
    ("http://canary@[proxy]:1", "its host"),
    ("http://canary@[::1%25eth0]:1", "its host"),
    ("http://canary@pro_xy!:1", "its host is malformed"),
    ("http://", "its host is malformed"),
    ("http://canary@proxy:1/path", "it has a path"),
    ("http://canary@proxy:1?q", "it has a path"),
    ("http://canary@pro xy:1", "it contains white space"),
    ("http://canary@proxy:1\n", "it contains white space"),
    ("http://canary@proxy\\x:1", "it contains white space"),
    ("http://canary@pröxy:1", "it contains white space"),
)


@pytest.mark.row("B98")
@pytest.mark.parametrize(("text", "why"), MALFORMED)
def test_what_cannot_be_a_proxy_is_refused_by_name(text: str, why: str) -> None:
    """The variable is named and its text is not shown: a password may stand in it."""
    with pytest.raises(InputError) as caught:
        parse_proxy("HTTPS_PROXY", text)
    assert caught.value.what.startswith(f"reading HTTPS_PROXY: {why}")
    assert "canary" not in str(caught.value)


PROXY = Proxy("http", "proxy", 3128, "HTTPS_PROXY")
STAGES = [
    pytest.param(Stage.REACH_PROXY, "Connection refused", "cannot reach the proxy proxy:3128 (Connection refused); RPM was not asked", True, False, id="F20-down"),
    pytest.param(Stage.REACH_PROXY, "[SSL: CERTIFICATE_VERIFY_FAILED]", "no trusted connection to the proxy proxy:3128", False, False, id="F20-untrusted"),
    pytest.param(Stage.TUNNEL, "407 Proxy Authentication Required", "the proxy proxy:3128 refused to connect to rpm.example (407", False, True, id="F20-407"),
    pytest.param(Stage.TUNNEL, "403 Forbidden", "the proxy proxy:3128 refused to connect to rpm.example (403", False, True, id="F20-403"),
    pytest.param(Stage.TUNNEL, "502 Bad Gateway", "the proxy proxy:3128 refused to connect to rpm.example (502", True, False, id="F20-502"),
    pytest.param(Stage.TUNNEL, "the call's time is over", "the proxy proxy:3128 did not connect to rpm.example (the call's", True, False, id="F20-silent"),
    pytest.param(Stage.SECURE, "[SSL: CERTIFICATE_VERIFY_FAILED]", "no trusted connection to rpm.example through the proxy proxy:3128", False, False, id="F20-intercepts"),
    pytest.param(Stage.SECURE, "Connection reset by peer", "cannot reach rpm.example through the proxy proxy:3128", True, False, id="F20-reset"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "said", "happened", "again", "ends"), STAGES)
def test_whose_doing_it_is(stage: Stage, said: str, happened: str, *, again: bool, ends: bool) -> None:
    """A proxy that fails is what failed; what it refuses is asked once."""
    error = not_sent("Info", "rpm.example", NotConnected(stage, httpx.ConnectError(said)), said, PROXY)
    assert error.happened.startswith(happened)
    assert (error.retryable, error.ends_run) == (again, ends)
    assert error.advice
