"""Order the messages about an alert, in the transaction that decided it."""

from __future__ import annotations

from psycopg2.extensions import cursor as Cursor

from services.processor.alerts.store import StoredAlert
from shared.alerts.judge import Verdict
from shared.alerts.state import Change


def announce(
    cursor: Cursor, alert: StoredAlert, event_id: int, change: Change, verdict: Verdict
) -> None:
    """Order one message to each channel of the alert. Does not commit."""
