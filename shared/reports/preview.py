"""Name where the processor leaves a rendered report for the query service."""

from __future__ import annotations

PREVIEW_SECONDS = 60


def preview_key(project_id: int, report_id: int) -> str:
    """Return the key in the Redis of what may be lost."""
    return f"report-preview:{project_id}:{report_id}"
