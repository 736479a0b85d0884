"""A gunicorn worker that stops as soon as its current requests are answered.

It reads small bodies at once: gunicorn passes them on in pieces of 1 kB, and copies what is left of
its buffer for each. It also stops when its parent (gunicorn's arbiter) was killed: a new arbiter
cannot listen on the port while workers of the old one still hold it.
"""

from __future__ import annotations

import signal
from typing import Any

from gunicorn.http.body import LengthReader
from gunicorn.workers.gthread import ThreadWorker

_POLL_SECONDS = 0.2
_MAX_READ_AT_ONCE = 256 * 1024
"""The gateway keeps bodies up to this size in memory, and sends them without a pause."""


class DrainingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """Closes idle connections when it stops; gunicorn's own worker waits for them.

    The gateway keeps connections open, so every stop would otherwise take the whole grace period.
    """

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Run one iteration of the worker's loop; when stopping, close idle connections first."""
        if not self.is_parent_alive():
            self.handle_exit(signal.SIGTERM, None)
        if not self.alive:
            for connection in self.keepalived_conns:
                connection.timeout = 0.0
            self.murder_keepalived()
            timeout = min(timeout, _POLL_SECONDS)
        super().wait_for_and_dispatch_events(timeout)

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Answer a request, whose body is read first if it is small."""
        body, reader = req.body, req.body.reader
        is_small = isinstance(reader, LengthReader) and 0 < reader.length <= _MAX_READ_AT_ONCE
        # Who expects to be told to continue sends no body before that.
        if is_small and not req._expected_100_continue:  # noqa: SLF001 (gunicorn has no other name)
            conn.parser.unreader.mxchunk = _MAX_READ_AT_ONCE
            body.buf.write(reader.read(reader.length))
        keep_alive: bool = super().handle_request(req, conn)
        return keep_alive
