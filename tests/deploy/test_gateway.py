"""The gateway: what it routes, what it overwrites, what it answers itself."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import requests

from deploy.local import gateway
from deploy.local.children import Child, free_port
from deploy.nginx.routes import ROUTES, SERVICES
from deploy.nginx.template import TEMPLATE, make
from tests.conftest import Installation


class _Echo(BaseHTTPRequestHandler):
    """Answers with what reached it."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = {"path": self.path, "headers": dict(self.headers), "bytes": len(body)}
        text = json.dumps(seen).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real nginx before an echo; the live service is away."""
    echo = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    threading.Thread(target=echo.serve_forever, daemon=True).start()
    folder = tmp_path_factory.mktemp("a gateway")
    port = free_port()
    ports = {service: int(echo.server_address[1]) for service in SERVICES}
    ports["flags"] = free_port()
    configuration = gateway.configure(folder, port, ports)
    url = f"http://127.0.0.1:{port}"
    child = Child("nginx", folder / "nginx.log")

    def answers() -> bool:
        try:
            return requests.get(f"{url}/api/none", timeout=1).status_code == 404
        except requests.RequestException:
            return False

    child.start([gateway.binary(), "-e", "stderr", "-c", configuration], answers, seconds=20)
    yield url
    child.kill()
    echo.shutdown()
    echo.server_close()


def test_the_template_is_what_the_route_table_makes() -> None:
    assert TEMPLATE.read_text() == make(), "run: make gateway"


def test_every_public_route_is_reachable_and_no_location_is_orphaned(backends: object) -> None:
    prefixes = {route.prefix: route.service for route in ROUTES}
    used = set()
    for service in SERVICES:
        app = import_module(f"services.{service}.app").create_app()
        for rule in app.url_map.iter_rules():
            path = str(rule).replace("<int:project_id>", "1")
            if not path.startswith("/api"):
                assert path.split("/")[1] in {"healthz", "readyz", "metrics", "internal"}, path
                continue
            covering = [p for p in prefixes if path == p or path.startswith((p, p + "/"))]
            best = max(covering, key=len, default=None)
            assert best is not None, f"{path} of {service} is not routed"
            assert prefixes[best] == service, f"{path} of {service} goes to {prefixes[best]}"
            used.add(best)
    assert used == set(prefixes), "routes that lead nowhere"


def test_what_a_client_says_of_its_address_is_overwritten(nginx: str) -> None:
    forged = {"X-Forwarded-For": "1.2.3.4", "X-Real-IP": "1.2.3.4", "X-Request-ID": "x y"}
    seen = requests.get(f"{nginx}/api/stats", headers=forged, timeout=5).json()["headers"]
    assert seen["X-Forwarded-For"] == seen["X-Real-IP"] == "127.0.0.1"
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
    assert refused.json()["code"] == 413


def test_a_service_that_is_away_is_a_503_that_says_when_to_come_back(nginx: str) -> None:
    answer = requests.get(f"{nginx}/api/v1/openapi/flags.json", timeout=10)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["code"] == 503


@pytest.mark.parametrize("path", ["/api", "/api/v2/x", "/internal/lag", "/metrics", "/healthz"])
def test_what_is_not_in_the_table_is_not_reachable(nginx: str, path: str) -> None:
    answer = requests.get(nginx + path, timeout=5)
    assert "headers" not in answer.text or answer.status_code == 404
    if path.startswith("/api"):
        assert answer.status_code == 404
        assert answer.json()["code"] == 404


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
