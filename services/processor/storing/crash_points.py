"""Define the points at which crash tests kill the process, as if the machine had failed.

``TIDEMARK_CRASH_AT=between_commit_and_ack:3`` kills it the third time it reaches the point. Without
the variable each point costs one comparison.
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
DAY_FILE_HALF_WRITTEN = "day_file_half_written"
DAY_FILE_BEFORE_RENAME = "day_file_before_rename"
DAY_FILE_BEFORE_COMMIT = "day_file_before_commit"
DELETION_AFTER_TABLE = "deletion_after_table"
ALERT_BEFORE_COMMIT = "alert_before_commit"
ALERT_AFTER_COMMIT = "alert_after_commit"
REPORT_BEFORE_COMMIT = "report_before_commit"
REPORT_AFTER_COMMIT = "report_after_commit"
IMPORT_BEFORE_SETTLING = "import_before_settling"
IMPORT_AFTER_SETTLING = "import_after_settling"

_configured_point, _, _times = os.environ.get("TIDEMARK_CRASH_AT", "").partition(":")
_countdown = int(_times or 1)


def reach(point: str) -> None:
    """Kill this process if this is the configured point, and the configured time of reaching it."""
    global _countdown  # noqa: PLW0603 (a process dies once)
    if point != _configured_point:
        return
    _countdown -= 1
    if _countdown == 0:
        os.kill(os.getpid(), signal.SIGKILL)
