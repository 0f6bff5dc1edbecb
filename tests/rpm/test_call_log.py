"""What `-v` logs of a call: endpoint, id, time and outcome, and never a word of an answer."""

from __future__ import annotations

import logging

import httpx
import pytest

from reconciler.core.clock import Clock
from reconciler.rpm.client import Bounds, Client
from reconciler.rpm.endpoint import Address
from reconciler.rpm.errors import CallError
from reconciler.rpm.key import ApiKey

SAID = "c4nary"
QUOTED = [
    pytest.param(httpx.Response(200, text=f"<html>{SAID}"), id="page"),
    pytest.param(httpx.Response(200, json={SAID: 1}), id="wrapper"),
    pytest.param(httpx.Response(200, text=f'{{"Result": {{"{SAID}": NaN}}}}'), id="nan"),
    pytest.param(httpx.Response(200, json={"Result": {"Error": SAID}}), id="unexplained"),
    pytest.param(httpx.Response(200, json={"Result": {"Error": f"permission denied: {SAID}"}}), id="denied"),
    pytest.param(httpx.Response(200, json={"Result": {"Error": SAID, "Name": SAID}}), id="both"),
    pytest.param(httpx.Response(500, text=SAID), id="status"),
    pytest.param(httpx.Response(302, headers={"Location": f"http://x.example/{SAID}"}), id="redirect"),
    pytest.param(httpx.RemoteProtocolError(f"illegal status line: {SAID}"), id="not-http"),
    pytest.param(ValueError(f"unknown encoding {SAID}"), id="encoding"),
]


@pytest.mark.parametrize("answer", QUOTED)
def test_a_failed_call_is_logged_without_words_of_its_answer(
    answer: httpx.Response | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """A value that was sent or read may stand in any of them; the error itself quotes what is needed."""

    def answering(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    address = Address("https://rpm.example/rpm/api2.svc/", "rpm.example", loopback=False)
    client = Client(address, ApiKey("k-1"), httpx.MockTransport(answering), Bounds(), Clock())
    body = {"Customer": {"CustomerID": 7, "Website": SAID}}
    with caplog.at_level(logging.INFO, logger="reconciler.calls"), pytest.raises(CallError):
        client.call("CustomerEdit", body, subject=" 7")
    (line,) = caplog.messages
    assert line.startswith("CustomerEdit 7: ")
    assert not line.endswith(": ok")
    assert SAID not in line
