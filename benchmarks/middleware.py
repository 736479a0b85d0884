"""Measure what recording visits adds to a request: ``make bench-middleware``, on its own servers.

An app of Flask, Django and Starlette each runs twice, with and without Tidemark's middleware. A few
connections send the same request to both, in turns, at a steady rate, so that both meet the same
noise of the machine. That is done while Tidemark answers, while nothing listens on its port, and
while it accepts connections and never answers.

``SECONDS=10 RATE=200 CONNECTIONS=4``, of each app and state.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.load import percentile

_ROOT = Path(__file__).parents[1]
_APPS = ("flask", "django", "starlette")
_ALLOWED_MS = 1.0
_HEADERS = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "Host": "app.example"}


class _Answering(BaseHTTPRequestHandler):
    """Accepts every batch, as Tidemark does."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"accepted": 100, "dropped": 0, "results": []}'
        self.send_response(202)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write nothing: the console is for figures."""


@contextmanager
def _tidemark(state: str) -> Iterator[str]:
    """Yield the address of a Tidemark that answers, hangs or is away."""
    listening = socket.create_server(("127.0.0.1", 0))
    host = f"http://127.0.0.1:{listening.getsockname()[1]}"
    if state == "hanging":
        with listening:
            yield host
        return
    if state == "away":
        listening.close()
        yield host
        return
    server = ThreadingHTTPServer(listening.getsockname(), _Answering, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    # A process of its own: a thread here would take time from those that measure.
    process = multiprocessing.Process(target=server.serve_forever, daemon=True)
    process.start()
    try:
        yield host
    finally:
        process.terminate()
        process.join()
        listening.close()


@contextmanager
def _app(name: str, host: str, *, records: bool) -> Iterator[int]:
    """Yield the port of an app that the tests of the middleware use, too."""
    frameworks = Path(sys.prefix) / "sdks" / "frameworks"
    environment = {
        "PYTHONPATH": f"{_ROOT / 'sdk/python/src'}:{frameworks}",
        "HOST": host,
        "KEY": "sk_benchmark",
        "EXIT_SECONDS": "0",
        "RECORD": "1" if records else "",
    }
    with subprocess.Popen(
        [sys.executable, f"tests/clients/sdks/tidemark_{name}.py"],
        cwd=_ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.stdin.close()


def _measure(ports: tuple[int, int], until: float, pause: float, times: list[list[float]]) -> None:
    """Send requests to both ports in turns; add their milliseconds."""
    number = 0
    while time.monotonic() < until:
        # Each comes first as often as the other.
        for index in (0, 1) if number % 2 else (1, 0):
            began = time.perf_counter()
            connection = http.client.HTTPConnection("127.0.0.1", ports[index], timeout=30)
            connection.request("GET", "/", headers=_HEADERS)
            answer = connection.getresponse()
            answer.read()
            times[index].append((time.perf_counter() - began) * 1000)
            connection.close()
            if answer.status != 200:
                raise SystemExit(f"An app answered {answer.status}.")
            time.sleep(pause)
        number += 1


def _compare(name: str, state: str) -> float:
    """Print what recording adds to a request of an app; return it in milliseconds."""
    seconds = float(os.environ.get("SECONDS", "10"))
    connections = int(os.environ.get("CONNECTIONS", "4"))
    pause = connections / float(os.environ.get("RATE", "200"))
    times: list[list[float]] = [[], []]
    with ExitStack() as stack:
        host = stack.enter_context(_tidemark(state))
        ports = (
            stack.enter_context(_app(name, host, records=False)),
            stack.enter_context(_app(name, host, records=True)),
        )
        # Imports and first connections are not what is measured.
        _measure(ports, time.monotonic() + 1, 0, [[], []])
        until = time.monotonic() + seconds
        threads = [
            threading.Thread(target=_measure, args=(ports, until, pause, times))
            for _ in range(connections)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    without, recording = (sorted(one) for one in times)
    middle = [percentile(one, 0.5) for one in (without, recording)]
    print(
        f"  {name:<10} {state:<10} {len(recording):>6,} requests each"
        f"   without p50 {middle[0]:.2f} p99 {percentile(without, 0.99):.2f} ms"
        f"   with p50 {middle[1]:.2f} p99 {percentile(recording, 0.99):.2f} ms"
        f"   adds {middle[1] - middle[0]:+.2f} ms",
        flush=True,
    )
    return middle[1] - middle[0]


def main() -> int:
    """Compare each app in each state of Tidemark."""
    added = [_compare(name, state) for state in ("answering", "away", "hanging") for name in _APPS]
    print(f"at most {max(added):+.2f} ms, allowed {_ALLOWED_MS:.2f} ms")
    return 1 if max(added) > _ALLOWED_MS else 0


if __name__ == "__main__":
    sys.exit(main())
