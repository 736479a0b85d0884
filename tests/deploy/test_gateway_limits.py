"""What one client can take from the others at the gateway: connections, disk, questions."""

from __future__ import annotations

import re
import resource
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest
import requests
import yaml

from deploy.local import gateway
from deploy.nginx import limits, template
from deploy.nginx.limits import (
    CHUNKED_BODIES,
    LARGE_BODIES,
    MEDIUM_BODIES,
    MEDIUM_BODIES_OF_ALL,
)
from tests.support.nginx import running_nginx

_MB = 1_000_000
_KEY = "X-API-Key: pk_made_up\r\n"


def post(length: int, headers: str = "") -> bytes:
    return f"POST /e/ HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {length}\r\n\r\n".encode()


@contextmanager
def connections(url: str, count: int, first: bytes) -> Iterator[list[socket.socket]]:
    """Open connections that say this and no more."""
    host, _, port = url.removeprefix("http://").partition(":")
    with ExitStack() as stack:
        opened = []
        for _ in range(count):
            opened.append(stack.enter_context(socket.create_connection((host, int(port)), 10)))
            opened[-1].sendall(first)
        yield opened


def answered(sockets: list[socket.socket]) -> list[int]:
    """Return the statuses of the connections that were answered or (0) closed."""
    statuses = []
    for one in sockets:
        one.setblocking(False)
        try:
            answer = one.recv(4096)
        except BlockingIOError:
            continue
        except ConnectionError:
            answer = b""
        statuses.append(int(answer.split()[1]) if answer else 0)
    return statuses


def kept_in_files(folder: Path) -> int:
    """Count the bytes of bodies that the gateway keeps in files, which it has unlinked already."""
    master = int((folder / "nginx.pid").read_text())
    kept = 0
    for worker in psutil.Process(master).children():
        for descriptor in Path(f"/proc/{worker.pid}/fd").iterdir():
            try:
                if f"{folder}/body/" in str(descriptor.readlink()):
                    kept += descriptor.stat().st_size
            except FileNotFoundError:
                continue
    return kept


def send(sockets: list[socket.socket], block: bytes) -> None:
    for one in sockets:
        one.settimeout(1)
        try:
            one.sendall(block)
        except OSError:
            continue


def test_bodies_that_never_end_take_little_of_the_disk_and_are_dropped(
    tmp_path: Path, echo: ThreadingHTTPServer
) -> None:
    with running_nginx(tmp_path, echo) as url:
        with (
            connections(url, 30, post(20 * _MB, _KEY)) as large,
            connections(url, 60, post(1_900_000, _KEY)) as medium,
        ):
            for _ in range(4):
                send(large, b"x" * 2 * _MB)
            send(medium, b"x" * 1_800_000)
            time.sleep(1)
            kept = kept_in_files(tmp_path)
            # Not one megabyte of what was refused, and room for more than a few.
            assert 40 * _MB < kept <= (LARGE_BODIES * 8 + MEDIUM_BODIES * 1.8) * _MB
            small = requests.post(f"{url}/e/", data=b"x" * 100_000, timeout=5)
            assert small.status_code == 200
            refused = requests.post(f"{url}/e/", data=b"x" * 2 * _MB, timeout=5)
            assert refused.status_code == 429
            assert refused.json()["code"] == "rate_limited"
            assert int(refused.headers["Retry-After"]) > 0
            time.sleep(12)
            assert kept_in_files(tmp_path) == 0
        # Who is done makes room.
        assert requests.post(f"{url}/e/", data=b"x" * 5 * _MB, timeout=5).status_code == 200


_KINDS = ("MEDIUM", "LARGE", "CHUNKED")


def test_all_bodies_fit_in_their_file_system() -> None:
    """Every kind of body that nginx writes to a file, at its longest, at the same time."""
    generated = template.generate()
    directives = re.findall(r"limit_conn_zone \$tidemark_(\w+)_of_all ", generated)
    assert sorted(directives) == sorted(kind.lower() for kind in _KINDS)
    of_client, of_all = (
        sum(
            getattr(limits, f"{k}_BODY_BYTES") * getattr(limits, f"{k}_BODIES{who}") for k in _KINDS
        )
        for who in ("", "_OF_ALL")
    )
    assert of_client <= 200 * _MB
    mounts = yaml.safe_load(Path("docker-compose.yml").read_text())["services"]["gateway"]["tmpfs"]
    (size,) = (
        re.findall(r"BODIES:-(\d+)m", mount) for mount in mounts if "GATEWAY_BODIES" in mount
    )
    assert of_all <= int(size[0]) * 2**20
    # No body is long enough for a file and short enough to be counted as none of these kinds.
    buffer = re.search(r"client_body_buffer_size (\d+)k;", generated)
    assert buffer is not None
    assert int(buffer[1]) * 1024 >= 300_000


def test_dribbled_bodies_of_unknown_length_take_little_of_the_disk(
    tmp_path: Path, echo: ThreadingHTTPServer
) -> None:
    options = gateway.GatewayOptions(trusted_proxies="127.0.0.1")
    head = (
        b"POST /m/in HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.1\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    with (
        running_nginx(tmp_path, echo, options) as url,
        connections(url, 12, head + b"1300000\r\n") as long,
        connections(url, 12, head + b"f0000\r\n") as short,
    ):
        send(short, b"x" * 900_000)
        for _ in range(9):
            send(long, b"x" * 2 * _MB)
        time.sleep(0.5)
        assert set(answered(long)) <= {413, 0}
        assert not answered(short)
        assert 5 * _MB < kept_in_files(tmp_path) <= 12 * _MB
        for address in ("198.51.100.1", "198.51.100.2"):
            for length in (10, 400_000):
                taken = requests.post(
                    f"{url}/m/in",
                    params={"a": "b"},
                    data=iter([b"x" * length]),
                    headers={"X-Forwarded-For": address},
                    timeout=10,
                )
                assert taken.json()["bytes"] == length
                assert taken.json()["path"] == "/api/v1/events/ingest?a=b"
        refused = requests.post(f"{url}/e/", data=iter([b"x" * 1_100_000]), timeout=10)
        assert refused.status_code == 413
        assert "Content-Length" in refused.json()["message"]


def test_bodies_of_unknown_length_have_a_limit_of_their_own(
    tmp_path: Path, echo: ThreadingHTTPServer
) -> None:
    head = b"POST /e/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n"
    with (
        running_nginx(tmp_path, echo) as url,
        connections(url, CHUNKED_BODIES + 4, head) as sockets,
    ):
        time.sleep(0.5)
        assert answered(sockets) == [429] * 4


def test_a_long_body_names_its_key_before_it_is_read(
    tmp_path: Path, echo: ThreadingHTTPServer
) -> None:
    with running_nginx(tmp_path, echo) as url:
        with connections(url, 20, post(7 * _MB)) as sockets:
            time.sleep(0.5)
            assert answered(sockets) == [413] * 20
        body = b"x" * 7 * _MB
        for path, headers in (
            ("/e/?api_key=pk_a", {}),
            ("/batch/?token=pk_a", {}),
            ("/api/v1/events/ingest", {"X-API-Key": "pk_a"}),
            ("/v1/batch", {"Authorization": "Basic cGtfYTo="}),
        ):
            taken = requests.post(url + path, data=body, headers=headers, timeout=10)
            assert taken.json()["bytes"] == len(body), path
        # PostHog's SDKs send up to 5 MiB with the key inside.
        inside = requests.post(f"{url}/batch/", data=b"x" * (5 << 20), timeout=10)
        assert inside.json()["bytes"] == 5 << 20


def test_requests_that_never_finish_do_not_block_others(
    tmp_path: Path, echo: ThreadingHTTPServer
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20_000, hard), hard))
    try:
        with running_nginx(tmp_path, echo) as url:
            unfinished = b"GET / HTTP/1.1\r\nHost: x\r\n"
            with connections(url, min(8_500, hard - 1_000), unfinished) as sockets:
                for _ in range(8):
                    assert requests.get(f"{url}/api/stats", timeout=5).status_code == 200
                time.sleep(12)
                # Each has as long for all its headers, whatever it dribbles.
                assert len(answered(sockets)) == len(sockets)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory, echo: ThreadingHTTPServer) -> Iterator[str]:
    """A gateway that is told the client's address, and takes little from each."""
    options = gateway.GatewayOptions(
        trusted_proxies="127.0.0.1", client_connections="4", client_requests_per_second="5"
    )
    with running_nginx(tmp_path_factory.mktemp("limited"), echo, options) as url:
        yield url


def asked(url: str, path: str, address: str, **headers: str) -> int:
    headers = {"X-Forwarded-For": address, **headers}
    return requests.get(url + path, headers=headers, timeout=5).status_code


@pytest.mark.parametrize(
    ("client", "same", "other"),
    [
        ("198.51.100.1", "198.51.100.1", "198.51.100.2"),
        ("2001:db8:1:1::1", "2001:db8:1:1:ffff:0:1:a", "2001:db8:1:2::1"),
        # nginx sees the last bytes as they are, a line feed (0a) among them.
        ("198.51.100.10", "::ffff:198.51.100.10", "::ffff:198.51.100.11"),
        ("2001:db8:a0a:a0a::a0a", "2001:db8:a0a:a0a::1", "2001:db8:a0a:a0b::a0a"),
    ],
)
def test_one_client_is_an_address_or_a_network_of_64_bits(
    proxied: str, client: str, same: str, other: str
) -> None:
    with connections(proxied, 6, post(100, f"X-Forwarded-For: {client}\r\n")) as sockets:
        time.sleep(0.3)
        assert answered(sockets) == [429, 429]
        assert asked(proxied, "/e/", same) == 429
        assert asked(proxied, "/e/", other) == 200
    deadline = time.monotonic() + 5
    while asked(proxied, "/e/", client) != 200:
        assert time.monotonic() < deadline


def test_questions_of_one_address_are_limited_and_events_are_not(proxied: str) -> None:
    many = [asked(proxied, "/api/v1/analytics/1/overview", "203.0.113.1") for _ in range(40)]
    assert many[:20] == [200] * 20
    assert many.count(429) >= 10
    # Every path of the API together, and nobody else.
    assert asked(proxied, "/api/v1/projects", "203.0.113.1") == 429
    assert asked(proxied, "/api/v1/projects", "203.0.113.2") == 200
    assert {asked(proxied, "/e/", "203.0.113.1") for _ in range(40)} == {200}
    time.sleep(0.5)
    assert asked(proxied, "/api/v1/projects", "203.0.113.1") == 200


@pytest.mark.parametrize(
    "who",
    [
        {"X-API-Key": "sk_one"},
        {"Authorization": "Bearer one"},
        {"Cookie": "refresh_token=r; access_token=a.b.c; csrf=1"},
    ],
)
def test_questions_of_one_login_or_key_are_limited_over_all_addresses(
    proxied: str, who: dict[str, str]
) -> None:
    many = [asked(proxied, "/api/stats", f"192.0.2.{n}", **who) for n in range(40)]
    assert many[:20] == [200] * 20
    assert many.count(429) >= 10
    assert asked(proxied, "/api/stats", "192.0.2.250", **{"X-API-Key": "sk_another"}) == 200


def test_made_up_keys_do_not_lift_the_limit_of_an_address(proxied: str) -> None:
    many = [
        asked(proxied, "/api/stats", "203.0.113.40", **{"X-API-Key": f"sk_{n}"}) for n in range(400)
    ]
    # As many as six logins: 30 a second, 120 of them at once.
    assert many[:120] == [200] * 120
    assert many.count(429) >= 10


def test_loops_on_health_are_refused_before_they_cost_anything(
    tmp_path: Path, echo: ThreadingHTTPServer
) -> None:
    options = gateway.GatewayOptions(trusted_proxies="127.0.0.1")
    with running_nginx(tmp_path, echo, options) as url:
        began = time.monotonic()
        many = [asked(url, "/api/v1/health/", "203.0.113.9") for _ in range(200)]
        passed = 21 + 10 * (time.monotonic() - began)
        assert 20 <= many.count(200) <= passed
        assert many.count(200) + many.count(429) == 200
        assert asked(url, "/api/v1/health/", "203.0.113.10") == 200
        # Asking for health does not use up the questions.
        assert asked(url, "/api/stats", "203.0.113.9") == 200


def test_a_dashboard_never_meets_the_limit(tmp_path: Path, echo: ThreadingHTTPServer) -> None:
    options = gateway.GatewayOptions(trusted_proxies="127.0.0.1")
    with running_nginx(tmp_path, echo, options) as url:
        # A page with fifty tiles, opened four times in a row.
        many = [asked(url, "/api/v1/analytics/1/x", "203.0.113.20", Cookie="access_token=t")
                for _ in range(200)]  # fmt: skip
        assert set(many) == {200}


def test_sixty_dashboards_behind_one_address_never_meet_the_limit(
    tmp_path: Path, echo: ThreadingHTTPServer
) -> None:
    """Everybody opens a page in the same moment, and live figures are fetched twice."""
    with running_nginx(tmp_path, echo, gateway.GatewayOptions()) as url:
        logins = [{"Cookie": f"access_token=login-{n}"} for n in range(60)]
        with ThreadPoolExecutor(8) as pool:
            asks = (
                pool.submit(requests.get, f"{url}/api/v1/analytics/1/x", headers=who, timeout=20)
                for _ in range(16)
                for who in logins
            )
            statuses = [ask.result().status_code for ask in list(asks)]
        assert set(statuses) == {200}


def test_an_office_behind_one_address_opens_the_dashboard(
    tmp_path: Path, echo: ThreadingHTTPServer
) -> None:
    options = gateway.GatewayOptions(client_connections="4")
    with running_nginx(tmp_path, echo, options) as url:
        page = b"GET /demo/ HTTP/1.1\r\nHost: x\r\n\r\n"
        # Files in the middle of being sent, as over slow lines: nobody reads the answers.
        with connections(url, 4, post(100)) as busy, connections(url, 360, page) as files:
            time.sleep(0.5)
            assert answered(files) == [200] * 360
            assert not answered(busy)
            # Files take no room from requests, nor requests from files.
            assert requests.post(f"{url}/e/", data=b"x", timeout=5).status_code == 429
            assert requests.get(f"{url}/demo/", timeout=5).status_code == 200


def test_bodies_sent_a_byte_at_a_time_hold_the_places_of_their_client_only(
    tmp_path: Path, echo: ThreadingHTTPServer
) -> None:
    options = gateway.GatewayOptions(trusted_proxies="127.0.0.1")
    slow, other = {"X-Forwarded-For": "198.51.100.1"}, {"X-Forwarded-For": "198.51.100.2"}
    head = post(1_000_000, f"X-Forwarded-For: {slow['X-Forwarded-For']}\r\n")
    with (
        running_nginx(tmp_path, echo, options) as url,
        connections(url, MEDIUM_BODIES, head) as sockets,
    ):
        # Longer than client_body_timeout, which is the time between two parts.
        for _ in range(4):
            send(sockets, b"x")
            time.sleep(3)
        assert not answered(sockets)
        body = b"x" * 1_000_000
        refused = requests.post(f"{url}/e/", data=body, headers=slow, timeout=10)
        assert refused.status_code == 429
        assert requests.post(f"{url}/e/", data=b"x", headers=slow, timeout=10).status_code == 200
        taken = requests.post(f"{url}/e/", data=body, headers=other, timeout=10)
        assert taken.status_code == 200


def test_many_clients_together_have_a_limit_of_medium_bodies(
    tmp_path: Path, echo: ThreadingHTTPServer
) -> None:
    options = gateway.GatewayOptions(trusted_proxies="127.0.0.1")
    with running_nginx(tmp_path, echo, options) as url, ExitStack() as stack:
        sockets = []
        for client in range(8):
            head = post(1_000_000, f"X-Forwarded-For: 198.51.100.{client}\r\n")
            sockets += stack.enter_context(connections(url, 20, head))
        time.sleep(0.5)
        assert answered(sockets) == [429] * (160 - MEDIUM_BODIES_OF_ALL)
        small = requests.post(f"{url}/e/", data=b"x" * 100_000, timeout=5)
        assert small.status_code == 200
