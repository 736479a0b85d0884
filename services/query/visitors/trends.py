"""Visitors over time: for charts, and as a table to take away."""

from __future__ import annotations

import csv
import io
from typing import Any

from services.query.execution.read_session import Answer, reading
from services.query.records.export import neutral
from services.query.visitors.engine import Visits, counted, page_views

CSV_COLUMNS = (
    "date", "total_visitors", "authenticated_visitors", "anonymous_visitors", "page_views"
)  # fmt: skip


def visitor_trends(plan: Visits) -> dict[str, Any]:
    """Visitors by interval, every interval present.

    Labels are local dates, of hours instants with their offset. A week begins on Monday; one that
    the range cuts is labelled with its Monday, and counts what lies in the range.
    """
    answer = Answer(plan.span)
    with reading() as session:
        found = counted(session, plan, answer)
    return answer.frame(
        {
            "labels": labels(plan),
            "total": [one.total for one in found],
            "authenticated": [one.authenticated for one in found],
            "anonymous": [one.anonymous for one in found],
        }
    )


def visitor_table(plan: Visits) -> dict[str, Any]:
    """The same with page views, as the text of a CSV file."""
    answer = Answer(plan.span)
    with reading() as session:
        found = counted(session, plan, answer)
        views = page_views(session, plan, answer)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows(
        (neutral(label), one.total, one.authenticated, one.anonymous, viewed)
        for label, one, viewed in zip(labels(plan), found, views, strict=True)
    )
    return answer.frame({"csv": buffer.getvalue(), "last_day": labels(plan)[-1]})


def labels(plan: Visits) -> list[str]:
    """A name for each interval."""
    if plan.by_days:
        return [start.date().isoformat() for start in plan.starts]
    return [start.isoformat() for start in plan.starts]
