"""Name places where crash tests kill the process, as if the machine had failed.

``TIDEMARK_CRASH_AT=between_commit_and_ack:3`` kills it the third time it gets there. Without the
variable each place costs one comparison.
"""

from __future__ import annotations

import os
import signal

AFTER_READ = "after_read"
AFTER_LEDGER = "after_ledger"
BEFORE_COMMIT = "before_commit"
BETWEEN_COMMIT_AND_ACK = "between_commit_and_ack"
AFTER_ACK = "after_ack"
IN_RECLAIM = "in_reclaim"
IN_DEAD_LETTER = "in_dead_letter"
SEAL_AFTER_READ = "seal_after_read"
SEAL_BEFORE_CLOSE = "seal_before_close"
DELETION_AFTER_TABLE = "deletion_after_table"

_wanted, _, _times = os.environ.get("TIDEMARK_CRASH_AT", "").partition(":")
_countdown = int(_times or 1)


def reach(point: str) -> None:
    """Die by SIGKILL if this is the configured place, at the configured time."""
    global _countdown  # noqa: PLW0603 (a process dies once)
    if point != _wanted:
        return
    _countdown -= 1
    if _countdown == 0:
        os.kill(os.getpid(), signal.SIGKILL)
