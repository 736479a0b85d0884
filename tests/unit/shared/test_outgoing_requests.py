"""Requests to addresses that people type in: which are refused, and that then nothing leaves."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from shared.outgoing.client import OutgoingClient, RequestFailed
from shared.outgoing.networks import AllowedTargets, parse_targets
from shared.outgoing.urls import RefusedTarget, check_address
from tests.support.receiver import Receiver, receiver

NAMES = {
    "rebound.example.com": ["127.0.0.1"],
    "ten.example.com": ["10.1.2.3"],
    "one-of-two.example.com": ["93.184.215.14", "192.168.1.1"],
    "link.example.com": ["169.254.169.254"],
    "six.example.com": ["::1"],
    "unique-local.example.com": ["fd00:ec2::254"],
    "mapped.example.com": ["::ffff:127.0.0.1"],
    "nat64.example.com": ["64:ff9b::7f00:1"],
    "sixtofour.example.com": ["2002:7f00:1::1"],
    "carrier.example.com": ["100.100.100.200"],
    "zone.example.com": ["fe80::1%2"],
    "none.example.com": ["0.0.0.0"],
}
REFUSED = [
    # Loopback, private, link-local and otherwise not on the internet.
    *("http://127.0.0.1/", "https://127.0.0.1/", "http://127.8.8.8/", "http://0.0.0.0/"),
    *("http://10.0.0.1/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.0.1/"),
    *("http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/v2/credentials"),
    *("http://100.64.0.1/", "http://100.127.255.254/", "http://192.0.0.192/opc/v2/instance/"),
    *("http://168.63.129.16/machine", "http://192.0.2.1/", "http://198.18.0.1/"),
    *("http://198.51.100.7/", "http://203.0.113.7/", "http://192.88.99.1/"),
    *("http://224.0.0.1/", "http://240.0.0.1/", "http://255.255.255.255/"),
    # IPv6, and IPv4 within it.
    *("http://[::1]/", "http://[::]/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/"),
    *("http://[fc00::1]/", "http://[fd00:ec2::254]/", "http://[ff02::1]/", "http://[fec0::1]/"),
    *("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::ffff:8.8.8.8]/"),
    *("http://[::127.0.0.1]/", "http://[64:ff9b::127.0.0.1]/", "http://[64:ff9b:1::1]/"),
    *("http://[2002:7f00:1::]/", "http://[2001::1]/", "http://[2001:db8::1]/"),
    *("http://[3fff::1]/", "http://[5f00::1]/", "http://[100::1]/"),
    # Other spellings.
    *("http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://0x7f.0.0.1/"),
    *("http://127.1/", "http://127.0.1/", "http://017700000001/", "http://127.0.0.1./"),
    *("http://①②⑦.⓪.⓪.①/", "http://１２７.０.０.１/", "http://127。0。0。1/", "http://৭.0.0.1/"),
    *("http://127%2e0%2e0%2e1/", "http://LOCALHOST/", "http://localhost./", "http://[::1]./"),
    *("http://ⓛocalhost/", "http://0x7f.1./", "http://256.256.256.256/"),
    # Names of one's own network.
    *("http://localhost/", "http://redis:80/", "http://printer.local/", "http://a.localhost/"),
    *("http://metadata.google.internal/computeMetadata/v1/", "http://nas.home.arpa/"),
    *("http://router.lan/", "http://x.localdomain/", "http://wiki.intranet/"),
    # User names, ports, schemes, and what parsers disagree on.
    *("http://example.com@127.0.0.1/", "http://a:b@example.com/", "http://example.com:@10.0.0.1/"),
    *("http://example.com:22/", "https://example.com:6379/", "http://example.com:0/"),
    *("http://example.com:99999/", "http://example.com:port/", "http://example.com:-80/"),
    *("file:///etc/passwd", "gopher://127.0.0.1:6379/_FLUSHALL", "ftp://example.com/", "dict://a/"),
    *("//127.0.0.1/", "127.0.0.1", "http:127.0.0.1", "http:///127.0.0.1/", "http://", ""),
    *("http://127.0.0.1\\@example.com/", "http://example.com\\@127.0.0.1/", "http://exa mple.com/"),
    *("http://example.com/\r\nX: y", "http://example.com\t.evil.com/", "http://example.com/\x00"),
    *("http://-.example.com/", "http://exa$mple.com/", "http://[::1", "http://a..b.com/"),
    "http://" + "a" * 2_000 + ".com/",
    *(f"http://{name}/" for name in NAMES),
]
connected: list[Any] = []
_watching = False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event == "socket.connect":
        connected.append(arguments[1])


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def _watched() -> Iterator[None]:
    """Note every connection that Python opens, wherever it goes."""
    global _watching  # noqa: PLW0603
    connected.clear()
    _watching = True
    yield
    _watching = False


@pytest.fixture
def listener() -> Iterator[Receiver]:
    with receiver() as listening:
        yield listening


def resolve(host: str, _port: int) -> Sequence[str]:
    if host not in NAMES:
        raise OSError("unknown")
    return NAMES[host]


def with_port(url: str, port: int) -> str:
    """The address with the port of the listener, where it names none."""
    scheme, slashes, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    is_bare = ":" not in host.rpartition("]")[2] and host and "@" not in host
    return f"{scheme}{slashes}{host}:{port}{slash}{path}" if is_bare else url


def test_there_are_sixty_cases() -> None:
    assert len(set(REFUSED)) == len(REFUSED) >= 60


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_is_not_on_the_internet_is_refused_when_it_is_saved(url: str) -> None:
    with pytest.raises(RefusedTarget):
        check_address(url, AllowedTargets(), resolve)
    assert connected == []


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_is_not_on_the_internet_is_refused_when_it_is_sent_to(
    url: str, listener: Receiver
) -> None:
    client = OutgoingClient(replace(AllowedTargets(), ports=frozenset({80, 443, listener.port})))
    for address in {url, with_port(url, listener.port)}:
        with pytest.raises(RefusedTarget):
            replace(client, resolve=resolve).post(address, b"{}", {})
    assert connected == []
    assert listener.connections == 0


def test_a_name_that_leads_elsewhere_after_it_was_saved_is_not_sent_to(listener: Receiver) -> None:
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    allowed = replace(AllowedTargets(), ports=frozenset({listener.port}))
    url = f"http://rebinding.example.com:{listener.port}/"
    check_address(url, allowed, lambda *_: next(answers))
    with pytest.raises(RefusedTarget, match="private network"):
        OutgoingClient(allowed, lambda *_: next(answers)).post(url, b"", {})
    assert (connected, listener.connections) == ([], 0)


def test_the_connection_goes_to_the_address_that_was_checked(listener: Receiver) -> None:
    """A name server whose second answer differs is not asked a second time."""
    asked = []

    def rebind(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    url = f"http://rebinding.example.com:{listener.port}/x?y=1"
    answer = listener.client(resolve=rebind).post(url, b"{}", {})
    assert (answer.status, answer.text, len(asked)) == (200, "ok", 1)
    assert connected == [("127.0.0.1", listener.port)]
    [request] = listener.requests
    assert request.path == "/x?y=1"
    assert request.headers["host"] == f"rebinding.example.com:{listener.port}"


def test_a_redirect_is_not_followed(listener: Receiver) -> None:
    with receiver() as inner:
        listener.statuses = [302]
        listener.headers = {"Location": f"http://127.0.0.1:{inner.port}/secret?token=1"}
        answer = listener.client().post(listener.url, b"{}", {})
        assert (answer.status, answer.location) == (302, f"http://127.0.0.1:{inner.port}")
        assert (inner.connections, len(listener.requests)) == (0, 1)


def test_proxies_of_the_environment_are_not_used(
    listener: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert listener.client().post(listener.url, b"", {}).status == 200
        assert (proxy.connections, listener.connections) == (0, 1)


def test_an_answer_that_never_ends_is_cut_off(listener: Receiver) -> None:
    listener.drips = True
    failures: list[str] = []

    def post() -> None:
        try:
            listener.client(max_seconds=0.5).post(listener.url, b"{}", {})
        except RequestFailed as error:
            failures.append(str(error))

    posting = threading.Thread(target=post, daemon=True)
    posting.start()
    # The whole answer would take 100 seconds.
    posting.join(timeout=30)
    assert failures == ["127.0.0.1 did not finish its answer within 0.5 seconds."]


def test_a_host_that_accepts_and_says_nothing_is_cut_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        client = OutgoingClient(parse_targets("127.0.0.1", str(port)), max_seconds=0.5)
        for scheme in ("http", "https"):
            with pytest.raises(RequestFailed, match="did not finish"):
                client.post(f"{scheme}://127.0.0.1:{port}/", b"{}", {})


def test_an_operator_allows_hosts_of_the_own_network(listener: Receiver) -> None:
    port = listener.port
    for hosts, ports in (
        ("127.0.0.0/8", f"443 {port}"),
        ("127.0.0.1", f"{port}"),
        (f"127.0.0.1:{port}", "443"),
        (f"chat.internal:{port}, 10.0.0.0/8", "443"),
        ("chat.internal", f"443,{port}"),
    ):
        url = f"http://{'chat.internal' if 'chat' in hosts else '127.0.0.1'}:{port}/"
        client = OutgoingClient(parse_targets(hosts, ports), lambda *_: ["127.0.0.1"])
        assert client.post(url, b"", {}).status == 200
    for hosts in ("10.0.0.0/8", "chat.internal:81", "other.internal", "::/0"):
        client = OutgoingClient(parse_targets(hosts, str(port)), lambda *_: ["127.0.0.1"])
        with pytest.raises(RefusedTarget):
            client.post(f"http://chat.internal:{port}/", b"", {})
    assert listener.connections == 5


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "a/b", "host:port", "host:0", ":80", "a:70000"])
def test_a_wrong_entry_of_an_operator_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="is none of"):
        parse_targets(entry, "443")


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://Hooks.Example.COM:443/a?b=c#d", "https://hooks.example.com"),
        ("http://bücher.example/x", "http://xn--bcher-kva.example"),
        ("https://93.184.215.14/", "https://93.184.215.14"),
        (
            "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
            "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]",
        ),
        ("https://example.com./x", "https://example.com"),
    ],
)
def test_an_address_on_the_internet_is_accepted_in_one_spelling(text: str, origin: str) -> None:
    assert check_address(text, AllowedTargets(), resolve).origin == origin
