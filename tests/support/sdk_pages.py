"""Pages of somebody's site that use a browser SDK: served from an origin of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

from tests.conftest import ROOT
from tests.support.http_server import HttpServer

_MODULES = ROOT / "tests" / "clients" / "node_modules"
_SCRIPTS = {
    "/posthog.mjs": _MODULES / "posthog-js" / "dist" / "module.js",
    **{
        f"/segment/{script.name}": script
        for script in (_MODULES / "@segment" / "analytics-next" / "dist" / "umd").glob("*.js")
    },
}
_PAGE = b"""<!doctype html>
<meta charset="utf-8">
<title>A shop</title>
<h1>A shop</h1>
<button id="buy">Buy <b>hats</b></button>
<a id="away" href="/away">Away</a>
"""


def _module(path: str) -> Path | None:
    """Return a file of an installed package, for ``/modules/PACKAGE/…``."""
    if not path.startswith("/modules/"):
        return None
    script = (_MODULES / path.removeprefix("/modules/")).resolve()
    return script if script.is_relative_to(_MODULES.resolve()) and script.is_file() else None


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        script = _SCRIPTS.get(path) or _module(path)
        content = script.read_bytes() if script else _PAGE
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Say nothing."""


@contextmanager
def running_site() -> Iterator[str]:
    """A site whose every path is a page; answers its origin."""
    server = HttpServer(("127.0.0.1", 0), _Site)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
