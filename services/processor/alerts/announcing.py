"""Order the messages about an alert, in the transaction that decided it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg2.extensions import cursor as Cursor

from services.processor.alerts.store import StoredAlert
from services.processor.delivery.message import Message
from services.processor.delivery.outbox import enqueue
from shared.alerts.judge import Verdict
from shared.alerts.state import Change
from shared.alerts.watches.registry import unit_of, watch_kind_of
from shared.alerts.watches.watch_kind import Unit
from shared.runtime.settings import get_settings

_TITLES = {
    Change.FIRED: "Firing: {name}",
    Change.RESOLVED: "Resolved: {name}",
    Change.WITHDRAWN: "Withdrawn: {name}",
}
_WITHDRAWN = "Events that came late show that the condition was not met."
_LATE = "Events that came late changed the verdict of this time."
_MAX_ROW_NAME = 200
_MAX_DIGITS = 1e15
"""From here on numbers are powers of ten; doubles have no more digits."""
_NOT_SET, _EMPTY = "(not set)", "(empty text)"


def announce(
    cursor: Cursor,
    alert: StoredAlert,
    event_id: int,
    change: Change,
    verdict: Verdict,
    *,
    at: datetime,
    is_late: bool = False,
) -> int:
    """Order one message to each channel of the alert; return how many. Does not commit.

    Its key names the change, so a change that is decided twice is sent once. Where events that
    came late have led to it, ``is_late``, the message says so.
    """
    return enqueue(
        cursor,
        alert.project_id,
        alert.channel_ids,
        _message(alert, event_id, change, at, verdict, is_late=is_late),
        f"alert:{alert.id}:{event_id}:{change}",
    )


def _message(
    alert: StoredAlert,
    event_id: int,
    change: Change,
    at: datetime,
    verdict: Verdict,
    *,
    is_late: bool,
) -> Message:
    local = at.astimezone(alert.zone)
    lines = [
        f"Project: {_one_line(alert.project_name)}",
        *([_WITHDRAWN] if change is Change.WITHDRAWN else []),
        *([_LATE] if is_late else []),
        *figures_of(alert, verdict),
        f"Time: {local:%Y-%m-%d %H:%M} ({alert.zone.key})",
    ]
    return Message(
        kind="alert",
        title=_TITLES[change].format(name=_one_line(alert.name)),
        text="\n".join(lines),
        link=f"{get_settings().public_url.rstrip('/')}/inbox",
        data={
            "alert_id": alert.id,
            "alert_name": alert.name,
            "event_id": event_id,
            "project_id": alert.project_id,
            "change": change.value,
            "at": at.isoformat(),
            **_values(verdict),
        },
    )


def _values(verdict: Verdict) -> dict[str, Any]:
    return {
        "value": verdict.value,
        "baseline": verdict.baseline,
        "low": verdict.low,
        "high": verdict.high,
        "row": verdict.row,
    }


def figures_of(alert: StoredAlert, verdict: Verdict) -> list[str]:
    """Return the lines of a message that say what an evaluation found."""
    is_share = unit_of(alert.definition) is Unit.SHARE

    def figure(value: float) -> str:
        return f"{_digits(100 * value)}%" if is_share else _digits(value)

    named = {
        "Row": _row_name(alert, verdict),
        "Value": None if verdict.value is None else figure(verdict.value),
        "Compared with": None if verdict.baseline is None else figure(verdict.baseline),
        "Fires above": None if verdict.high is None else figure(verdict.high),
        "Fires below": None if verdict.low is None else figure(verdict.low),
    }
    return [f"{name}: {text}" for name, text in named.items() if text is not None]


def _digits(value: float) -> str:
    """Return a number with all its digits before the point, and two or more after it."""
    is_long = 10_000 <= abs(value) < _MAX_DIGITS
    return f"{round(value, 2):,.15g}" if is_long else f"{value or 0:,.6g}"  # never -0


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _row_name(alert: StoredAlert, verdict: Verdict) -> str | None:
    """Return the name of the row that decided; None: there are no rows, or none decided."""
    if verdict.row is not None:
        # On one line, and not a long one: whoever sends events chooses it, and could write lines
        # of this message, or push those after it beyond what chats show.
        name = _one_line(verdict.row) or _EMPTY
        return name if len(name) <= _MAX_ROW_NAME else f"{name[: _MAX_ROW_NAME - 1]}…"
    has_rows = watch_kind_of(alert.definition).has_rows(alert.definition)
    return _NOT_SET if has_rows and verdict.value is not None else None
