"""The gateway: what it routes, what it overwrites, what it answers itself."""

from __future__ import annotations

import re
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import ThreadingHTTPServer
from importlib import import_module
from pathlib import Path

import pytest
import requests
import yaml

from deploy.local import gateway
from deploy.local.children import free_port
from deploy.local.games import GamePorts
from deploy.local.games import configure as configure_games
from deploy.local.problems import CannotStart
from deploy.nginx.games import GAMES
from deploy.nginx.routes import ROUTES, SERVICES
from deploy.nginx.template import TEMPLATE, fill, generate
from services.live.server import create_server
from tests.conftest import ROOT, Installation
from tests.support.nginx import nginx_on, running_nginx


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory, echo: ThreadingHTTPServer) -> Iterator[str]:
    """A real nginx before an echo; the flags service is away."""
    with running_nginx(tmp_path_factory.mktemp("a gateway"), echo) as url:
        yield url


def test_the_template_is_what_the_route_table_makes() -> None:
    assert TEMPLATE.read_text() == generate(), "run: make gateway"


def test_every_public_route_is_reachable_and_no_location_is_orphaned(backends: object) -> None:
    prefixes = {route.prefix: route.service for route in ROUTES}
    used = set()
    for service in SERVICES:
        app = import_module(f"services.{service}.app").create_app()
        paths = [str(rule) for rule in app.url_map.iter_rules()]
        if service == "live":
            resources = create_server().router.resources()
            paths += [one.canonical for one in resources if one.canonical != "/{path}"]
        for path in (path.replace("<int:project_id>", "1") for path in paths):
            if path.split("/")[1] in {"healthz", "readyz", "metrics", "internal"}:
                continue
            covering = [p for p in prefixes if path == p or path.startswith((p, p + "/"))]
            best = max(covering, key=len, default=None)
            assert best is not None, f"{path} of {service} is not routed"
            assert prefixes[best] == service, f"{path} of {service} goes to {prefixes[best]}"
            used.add(best)
    assert used == set(prefixes), "routes that lead nowhere"


def test_a_claimed_client_address_is_overwritten(nginx: str) -> None:
    forged = {"X-Forwarded-For": "1.2.3.4", "X-Real-IP": "1.2.3.4", "X-Request-ID": "x y"}
    forged["X-Gateway-Token"] = "made-up"
    seen = requests.get(f"{nginx}/api/stats", headers=forged, timeout=5).json()["headers"]
    assert seen["X-Real-IP"] == "127.0.0.1"
    assert "X-Forwarded-For" not in seen
    assert "X-Gateway-Token" not in seen
    assert len(seen["X-Request-ID"]) == 32


def test_a_proper_request_id_and_the_query_string_get_through(nginx: str) -> None:
    wanted = str(uuid.uuid4())
    seen = requests.get(
        f"{nginx}/api/events/?limit=3&cursor=a%2Fb", headers={"X-Request-ID": wanted}, timeout=5
    ).json()
    assert seen["path"] == "/api/events/?limit=3&cursor=a%2Fb"
    assert seen["headers"]["X-Request-ID"] == wanted


def test_bodies_are_bounded_by_route(nginx: str) -> None:
    body = b"x" * 2_000_000
    taken = requests.post(f"{nginx}/api/v1/events/ingest", data=body, timeout=10)
    assert taken.json()["bytes"] == len(body)
    refused = requests.post(f"{nginx}/api/v1/auth/login", data=body, timeout=10)
    assert refused.status_code == 413
    assert refused.json()["code"] == "payload_too_large"


def test_an_address_that_is_too_long_is_refused_in_the_shape_of_every_error(nginx: str) -> None:
    answer = requests.get(f"{nginx}/api/stats?x={'x' * 20_000}", timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (414, "uri_too_long")


def test_no_log_names_a_visitor_a_key_or_a_code(tmp_path: Path, echo: ThreadingHTTPServer) -> None:
    options = gateway.GatewayOptions(trusted_proxies="127.0.0.1")
    request_id = uuid.uuid4().hex
    visitor = {"X-Forwarded-For": "203.0.113.77", "X-Request-ID": request_id}
    with running_nginx(tmp_path, echo, options) as url:
        # nginx tells of bodies it keeps in files, of services that are away, of what is too long.
        requests.post(f"{url}/e/?api_key=pk_abc", data=b"x" * 600_000, headers=visitor, timeout=10)
        away = requests.get(f"{url}/flags/?token=pk_abc", headers=visitor, timeout=10)
        requests.get(f"{url}/api/v1/auth/oidc/callback?code=c0de", headers=visitor, timeout=10)
        requests.post(f"{url}/flags/?api_key=pk_abc", data=b"x" * 2_000_000, timeout=10)
        requests.get(f"{url}/api/stats?api_key=pk_abc{'x' * 20_000}", headers=visitor, timeout=10)
    log = (tmp_path / "nginx.log").read_text()
    for secret in ("203.0.113.77", "127.0.0.1", "pk_abc", "c0de", "api_key"):
        assert secret not in log, log
    assert away.status_code == 503
    assert re.search(f"gateway: flags answered 502 after [0-9.]+ s, request {request_id}", log)


def test_no_log_of_the_games_names_a_player_or_a_key(
    tmp_path: Path, echo: ThreadingHTTPServer
) -> None:
    game_ports, away = {game: free_port() for game in GAMES}, free_port()
    for folder, tidemark in (("there", int(echo.server_address[1])), ("away", away)):
        configuration = configure_games(tmp_path / folder, GamePorts(game_ports, tidemark))
        path = "/api/v1/events/ingest?api_key=pk_abc"
        with nginx_on(configuration, game_ports["snake"], tmp_path / folder) as url:
            sent = requests.post(url + path, data=b"x" * 600_000, timeout=10)
            assert sent.status_code == (502 if tidemark == away else 200)
            requests.post(url + path, data=b"x" * 21_000_000, timeout=10)
            requests.get(f"{url}/demo/snake/absent?api_key=pk_abc", timeout=10)
        log = (tmp_path / folder / "nginx.log").read_text()
        for secret in ("127.0.0.1", "pk_abc", "api_key"):
            assert secret not in log, log


def test_one_player_takes_only_some_of_the_games_connections(
    tmp_path: Path, echo: ThreadingHTTPServer
) -> None:
    ports = {game: free_port() for game in GAMES}
    configuration = configure_games(tmp_path, GamePorts(ports, int(echo.server_address[1])))
    head = b"POST /api/v1/events/ingest HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
    with nginx_on(configuration, ports["flappy"], tmp_path), ExitStack() as stack:
        for _ in range(128):
            unfinished = socket.create_connection(("127.0.0.1", ports["flappy"]), 5)
            stack.enter_context(unfinished).sendall(head)
        url = f"http://127.0.0.1:{ports['flappy']}/demo/flappy/"
        deadline = time.monotonic() + 5
        while requests.get(url, timeout=5).status_code != 429:
            assert time.monotonic() < deadline


def test_an_unavailable_service_gives_503_with_retry_after(nginx: str) -> None:
    answer = requests.get(f"{nginx}/api/v1/openapi/flags.json", timeout=10)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["code"] == "unavailable"


@pytest.mark.parametrize("path", ["/api", "/api/v2/x", "/internal/lag", "/metrics", "/healthz"])
def test_what_is_not_in_the_table_is_not_reachable(nginx: str, path: str) -> None:
    answer = requests.get(nginx + path, timeout=5)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


def test_a_route_covers_whole_path_segments_only(nginx: str) -> None:
    for path in ("/api/stats", "/api/stats/", "/api/stats/.a-name-with-a-dot?x=/.y"):
        assert requests.get(nginx + path, timeout=5).json()["path"] == path
    assert requests.get(f"{nginx}/api/statsabc", timeout=5).status_code == 404


def test_only_a_websocket_is_upgraded(nginx: str) -> None:
    offered = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c"}
    seen = requests.get(f"{nginx}/api/stats", headers=offered, timeout=5).json()["headers"]
    assert "Upgrade" not in seen


def test_a_proxy_that_is_trusted_may_name_the_client(
    tmp_path: Path, echo: ThreadingHTTPServer
) -> None:
    trusting = gateway.GatewayOptions(
        gateway_token="shown", trusted_proxies="127.0.0.1", country_header="X-CDN-Country"
    )
    with running_nginx(tmp_path, echo, trusting) as url:
        forwarded = {"X-Forwarded-For": "9.9.9.9, 203.0.113.7", "X-CDN-Country": "NZ"}
        seen = requests.get(f"{url}/api/stats", headers=forwarded, timeout=5).json()["headers"]
    # The last hop that is not ours: what stands further left anybody may have written.
    assert seen["X-Real-IP"] == "203.0.113.7"
    assert seen["X-Country"] == "NZ"
    assert seen["X-Gateway-Token"] == "shown"


def test_a_proxy_that_is_not_declared_is_noticed(
    tmp_path: Path, echo: ThreadingHTTPServer, nginx: str
) -> None:
    def undeclared(url: str, **headers: str) -> str | None:
        seen = requests.get(f"{url}/api/stats", headers=headers, timeout=5).json()["headers"]
        found: str | None = seen.get("X-Undeclared-Proxy")
        return found

    forwarded = {"X-Forwarded-For": "203.0.113.7"}
    assert undeclared(nginx, **forwarded) == "127.0.0.1"
    assert not undeclared(nginx, **{"X-Undeclared-Proxy": "127.0.0.1"})
    trusting = gateway.GatewayOptions(trusted_proxies="127.0.0.1")
    with running_nginx(tmp_path, echo, trusting) as url:
        assert not undeclared(url, **forwarded)


def test_tls_is_demanded_from_then_on_where_a_trusted_proxy_ends_it(
    tmp_path: Path, echo: ThreadingHTTPServer, nginx: str
) -> None:
    by_tls = {"X-Forwarded-Proto": "https"}
    with running_nginx(tmp_path, echo, gateway.GatewayOptions(trusted_proxies="127.0.0.1")) as url:
        for path in ("/api/stats", "/api/nothing", "/demo/"):
            answer = requests.get(url + path, headers=by_tls, timeout=5)
            assert "max-age=31536000" in answer.headers["Strict-Transport-Security"], path
        seen = requests.get(f"{url}/api/stats", headers=by_tls, timeout=5).json()["headers"]
        assert seen["X-Forwarded-Proto"] == "https"
        plain = requests.get(f"{url}/api/stats", timeout=5)
        assert "Strict-Transport-Security" not in plain.headers
    forged = requests.get(f"{nginx}/api/stats", headers=by_tls, timeout=5)
    assert "Strict-Transport-Security" not in forged.headers
    assert forged.json()["headers"]["X-Forwarded-Proto"] == "http"


def test_pages_that_are_not_built_are_named(
    tmp_path: Path, echo: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "ROOT", tmp_path / "nothing built")
    with running_nginx(tmp_path / "gateway", echo) as url:
        answer = requests.get(f"{url}/", timeout=5)
    assert answer.status_code == 404
    assert "make build" in answer.text


def test_nobody_else_says_in_which_country_a_client_is(nginx: str) -> None:
    forged = {"CF-IPCountry": "NZ", "X-Country": "NZ"}
    seen = requests.get(f"{nginx}/api/stats", headers=forged, timeout=5).json()["headers"]
    assert "X-Country" not in seen


def test_the_endpoint_and_the_script_have_paths_of_the_operators_choice(
    tmp_path: Path, echo: ThreadingHTTPServer
) -> None:
    options = gateway.GatewayOptions(events_path="/shop/stock", script_path="/shop/cart.js")
    with running_nginx(tmp_path, echo, options) as url:
        sent = requests.post(f"{url}/shop/stock?a=b", data=b"{}", timeout=5).json()
        script = requests.get(f"{url}/shop/cart.js", timeout=5)
        module = requests.get(f"{url}/shop/cart.js/delivery.js", timeout=5)
    assert sent["path"] == "/api/v1/events/ingest?a=b"
    assert script.status_code == 200
    assert script.headers["Content-Type"] == "text/javascript"
    assert script.content == (ROOT / "sdk/javascript/dist/sdk.min.js").read_bytes()
    assert module.content == (ROOT / "sdk/javascript/dist/modules/delivery.js").read_bytes()
    assert module.headers["Content-Type"] == "text/javascript"


@pytest.mark.parametrize(
    "options",
    [
        {"events_path": "/a b"},
        {"script_path": "/x;return 200"},
        {"country_header": "X Country"},
        {"trusted_proxies": "10.0.0.1; include /etc/passwd"},
        {"client_connections": "1; return 200"},
        {"client_requests_per_second": "0"},
    ],
)
def test_an_option_that_nginx_would_misread_is_refused(
    tmp_path: Path, options: dict[str, str]
) -> None:
    with pytest.raises(CannotStart):
        gateway.configure(
            tmp_path, 1, dict.fromkeys(SERVICES, 1), gateway.GatewayOptions(**options)
        )


def test_an_ingest_container_that_is_gone_costs_no_event(
    tmp_path: Path, echo: ThreadingHTTPServer
) -> None:
    """Two containers behind the gateway, as --scale makes them; one of them does not answer."""
    ports = {service: int(echo.server_address[1]) for service in SERVICES}
    port, gone = free_port(), free_port()
    configuration = gateway.configure(tmp_path, port, ports)
    text = (tmp_path / "gateway.conf").read_text()
    alive = f"server 127.0.0.1:{ports['ingest']};"
    (tmp_path / "gateway.conf").write_text(
        text.replace(f"zone tidemark_ingest 64k;\n    {alive}",
                     f"zone tidemark_ingest 64k;\n    server 127.0.0.1:{gone};\n    {alive}")
    )  # fmt: skip
    assert f"server 127.0.0.1:{gone}" in (tmp_path / "gateway.conf").read_text()
    with nginx_on(configuration, port, tmp_path) as url:
        for _ in range(20):
            taken = requests.post(f"{url}/api/v1/events/ingest", data=b"{}", timeout=5)
            assert taken.status_code == 200


def test_nginx_accepts_the_configuration_that_compose_fills_in(tmp_path: Path) -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    values = {
        **compose["services"]["gateway"]["environment"],
        "GATEWAY_TOKEN": "",
        "REAL_IP": "",
        "TRUSTED_NETWORKS": "",
        "COUNTRY_HEADER": "cf_ipcountry",
        **gateway.client_limits(gateway.GatewayOptions()),
    }
    (tmp_path / "gateway.conf").write_text(fill(TEMPLATE.read_text(), values))
    (tmp_path / "nginx.conf").write_text(
        f'pid "{tmp_path}/pid"; error_log stderr; events {{}} '
        f'http {{ access_log off; client_body_temp_path "{tmp_path}/b"; '
        f'proxy_temp_path "{tmp_path}/p"; '
        f'fastcgi_temp_path "{tmp_path}/f"; scgi_temp_path "{tmp_path}/s"; '
        f'uwsgi_temp_path "{tmp_path}/u"; include gateway.conf; }}'
    )
    tested = subprocess.run(
        [str(gateway.binary()), "-t", "-e", "stderr", "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stderr


def test_the_dashboard_answers_every_address_of_its_own(installation: Installation) -> None:
    for path in ("/", "/projects/1", "/login"):
        answer = requests.get(installation.url + path, timeout=5)
        assert answer.status_code == 200
        assert '<div id="root">' in answer.text
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
    for path in (
        "/.git/config",
        "/.env",
        "/demo/.hidden",
        "/static/sdk/none.js",
        "/assets/none.js",
    ):
        assert requests.get(installation.url + path, timeout=5).status_code == 404, path


def test_the_sdk_may_be_loaded_by_other_sites(installation: Installation) -> None:
    answer = requests.get(f"{installation.url}/static/sdk/sdk.min.js", timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "javascript" in answer.headers["Content-Type"]


def test_nginx_never_writes_outside_its_folder(tmp_path: Path) -> None:
    ports = dict.fromkeys(SERVICES, 1)
    text = gateway.configure(tmp_path, 8000, ports).read_text()
    assert f'pid "{tmp_path}/nginx.pid"' in text
    assert f'client_body_temp_path "{tmp_path}/body"' in text


def test_whatever_the_gateway_lets_through_the_services_can_read(
    installation: Installation,
) -> None:
    """A long question gets an answer of ours, not a page of the server below it."""
    for size in (4_000, 8_180, 8_300, 12_000, 15_500):
        for path in ("/api/v1/analytics/1/timeseries", "/api/v1/auth/oidc/start", "/flags/", "/e/"):
            url = f"{installation.url}{path}?x={'x' * size}"
            answer = requests.get(url, headers=installation.secret_headers, timeout=10)
            assert answer.headers["Content-Type"].startswith("application/json"), (path, size)
