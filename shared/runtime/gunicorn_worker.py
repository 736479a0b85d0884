"""A gunicorn worker that stops as soon as the requests in hand are answered.

Also when the arbiter, its parent, was killed: a new one cannot listen on the port before the old
one's workers have let go of it.
"""

from __future__ import annotations

import signal

from gunicorn.workers.gthread import ThreadWorker

_LOOK_SECONDS = 0.2


class DrainingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's own waits for idle connections too, as long as a graceful stop may take.

    The gateway keeps connections open for the next request, so every stop would take that long.
    """

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """One turn of the worker's loop; once it is to stop, idle connections are closed."""
        if not self.is_parent_alive():
            self.handle_exit(signal.SIGTERM, None)
        if not self.alive:
            for connection in self.keepalived_conns:
                connection.timeout = 0.0
            self.murder_keepalived()
            timeout = min(timeout, _LOOK_SECONDS)
        super().wait_for_and_dispatch_events(timeout)
