"""An HTTP server for tests that many clients may reach at once."""

from __future__ import annotations

from http.server import ThreadingHTTPServer


class HttpServer(ThreadingHTTPServer):
    """A server whose backlog does not run over when its threads wait for a busy machine.

    Python's default is 5 connections; with more, the kernel refuses or delays some of them.
    """

    daemon_threads = True
    request_queue_size = 256
