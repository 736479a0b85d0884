"""Ordinary requests are answered before Flask, exactly as Flask would answer them."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from deploy.local.backends import Backends
from shared.web.metrics_access import metrics_token
from tests.conftest import SECRET_KEY
from tests.support.edge import INGEST, Edge, running_edge

_TOKEN = "f" * 40
_SENT_AT = int(time.time()) - 60
_FIRST = {"event_name": "bought", "event_id": "e1", "distinct_id": "ann", "timestamp": _SENT_AT}
_EVENTS = [{**_FIRST, "properties": {"price": 3.5}}, {"event_name": 5, "event_id": "e2"}]
_JSON = json.dumps(_EVENTS).encode()
_FROM_GATEWAY = {"X-Gateway-Token": _TOKEN, "X-Real-IP": "203.0.113.9", "X-Country": "NZ"}

_REQUESTS: dict[str, tuple[bytes, dict[str, str]]] = {
    "a list": (_JSON, {}),
    "an envelope with a clock": (json.dumps({"events": _EVENTS, "sent_at": 1}).encode(), {}),
    "compressed": (gzip.compress(_JSON), {"Content-Encoding": "gzip"}),
    "a page": (_JSON, {"Origin": "https://shop.example", "User-Agent": "Mozilla/5.0 \xfc"}),
    "a page of another origin": (_JSON, {"Origin": "https://other.example"}),
    "with cookies": (json.dumps(_FIRST).encode(), {"Cookie": "user_id=c1"}),
    "not to be tracked": (_JSON, {"DNT": "1"}),
    "through the gateway": (_JSON, {**_FROM_GATEWAY, "X-Request-ID": "request-17"}),
    "a forged address": (_JSON, {**_FROM_GATEWAY, "X-Gateway-Token": "g" * 40}),
    "a single invalid event": (b'{"event_name":5,"event_id":"e1"}', {}),
    "no JSON": (b"{", {}),
    "no event": (b"[]", {}),
    "nothing": (b"", {}),
    "an unknown key": (_JSON, {"X-API-Key": "tm_public_" + "x" * 32}),
    "no key": (_JSON, {"X-API-Key": ""}),
    "too many events": (b"[" + b"1," * 10_000 + b"1]", {}),
}


@pytest.fixture(scope="module")
def edge(backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with running_edge(backends.database_url, tmp_path_factory.mktemp("edge")) as made:
        made.stop("ingest")
        made.settings["GATEWAY_TOKEN"] = _TOKEN
        made.start("ingest")
        yield made


def answer(url: str, key: str, body: bytes, headers: dict[str, str]) -> tuple[Any, ...]:
    """Send a request; answers what is the same for equal requests."""
    sent = {"X-API-Key": key, "X-Request-ID": "equal-17", **headers}
    got = requests.post(url, data=body, headers=sent, timeout=30)
    found = {name: value for name, value in got.headers.items() if name != "Date"}
    found["RateLimit"] = found.get("RateLimit", "").partition(";")[0]  # then what is left
    return got.status_code, got.json(), found


@pytest.mark.parametrize("name", _REQUESTS)
def test_an_answer_is_the_one_of_flask(edge: Edge, name: str) -> None:
    body, headers = _REQUESTS[name]
    sender = edge.project(
        allowed_origins=["https://shop.example"], ip_mode="full", do_not_track="anonymise"
    )
    direct = answer(f"{edge.url}{INGEST}", sender.key, body, headers)
    # The query string has no meaning, and makes the request one for Flask.
    by_flask = answer(f"{edge.url}{INGEST}?nothing=1", sender.key, body, headers)
    assert direct == by_flask
    held = [
        (batch.events, batch.drops, batch.warnings, batch.user_agent)
        for batch in edge.batches(sender)
    ]
    assert len(held) == (0 if direct[0] == 401 else 2)
    assert held[:1] == held[1:]


def test_each_answer_is_counted_once(edge: Edge) -> None:
    def counted(status: int) -> float:
        token = {"Authorization": f"Bearer {metrics_token(SECRET_KEY)}"}
        text = requests.get(f"{edge.url}/metrics", headers=token, timeout=10).text
        labels = f'method="POST",route="{INGEST}",service="ingest",status="{status}"'
        name = f"tidemark_http_requests_total{{{labels}}}"
        return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))

    before = counted(202), counted(400)
    sender = edge.project()
    edge.send(sender, _EVENTS)
    edge.send(sender, "no event")
    assert (counted(202), counted(400)) == (before[0] + 1, before[1] + 1)


def test_a_client_may_wait_until_it_is_told_to_continue(edge: Edge) -> None:
    sender = edge.project()
    head = (
        f"POST {INGEST} HTTP/1.1\r\nHost: edge\r\nX-API-Key: {sender.key}\r\n"
        f"Content-Length: {len(_JSON)}\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", edge.ports["ingest"]), timeout=10) as client:
        client.sendall(head.encode())
        assert client.recv(1000).startswith(b"HTTP/1.1 100 ")
        client.sendall(_JSON)
        assert client.recv(1000).startswith(b"HTTP/1.1 202 ")
    assert len(edge.batches(sender)) == 1
