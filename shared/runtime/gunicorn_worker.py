"""A gunicorn worker that stops as soon as its current requests are answered.

It also stops when its parent (gunicorn's arbiter) was killed: a new arbiter cannot listen on the
port while workers of the old one still hold it.
"""

from __future__ import annotations

import signal

from gunicorn.workers.gthread import ThreadWorker

_POLL_SECONDS = 0.2


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
