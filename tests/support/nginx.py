"""The gateway's nginx before a server that stands for every service."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from deploy.local import gateway
from deploy.local.children import Child, free_port
from deploy.nginx.routes import SERVICES


class Echo(BaseHTTPRequestHandler):
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


@contextmanager
def running_nginx(
    folder: Path, echo: ThreadingHTTPServer, options: gateway.GatewayOptions | None = None
) -> Iterator[str]:
    """The gateway as `make run` configures it; answers its address."""
    port = free_port()
    ports = {service: int(echo.server_address[1]) for service in SERVICES}
    ports["flags"] = free_port()
    configuration = gateway.configure(folder, port, ports, options or gateway.GatewayOptions())
    with nginx_on(configuration, port, folder) as url:
        yield url


@contextmanager
def nginx_on(configuration: Path, port: int, folder: Path) -> Iterator[str]:
    """A gateway with this configuration; answers its address."""
    url = f"http://127.0.0.1:{port}"
    child = Child("nginx", folder / "nginx.log")

    def answers() -> bool:
        try:
            return requests.get(f"{url}/api/none", timeout=1).status_code == 404
        except requests.RequestException:
            return False

    child.start([gateway.binary(), "-e", "stderr", "-c", configuration], answers, seconds=20)
    try:
        yield url
    finally:
        # Not SIGKILL: the master would leave its workers behind.
        child.stop(signal.SIGTERM, 10)
