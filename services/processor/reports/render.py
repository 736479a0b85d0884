"""Have a report written in a child process, with limits on its memory and its time.

The libraries that draw take 90 MB, which the worker would keep. A report that needs too much ends
its child, and nothing else.
"""

from __future__ import annotations

import logging
import subprocess
import sys

import msgspec

from services.processor.reports.content import Content, Rendered

log = logging.getLogger(__name__)

MEMORY_MB = 512
SECONDS = 240


class RenderingFailed(Exception):
    """The child process ended, or took too long."""


def render(content: Content, *, memory_mb: int = MEMORY_MB, seconds: float = SECONDS) -> Rendered:
    """Return a report as it is sent.

    Raises:
        RenderingFailed: it needs too much memory or time.
    """
    try:
        done = subprocess.run(  # noqa: S603 (our own command)
            [sys.executable, "-m", "services.processor.reports.child", str(memory_mb)],
            input=msgspec.msgpack.encode(content),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RenderingFailed(
            f"Drawing the report took longer than {seconds:.0f} seconds. Use fewer tiles."
        ) from None
    if done.returncode != 0:
        log.error("a report was not drawn: %s", done.stderr.decode(errors="replace")[-2000:])
        raise RenderingFailed(
            f"Drawing the report failed (exit code {done.returncode}); it may need more than "
            f"{memory_mb} MB. Use fewer tiles."
        )
    return msgspec.msgpack.decode(done.stdout, type=Rendered)
