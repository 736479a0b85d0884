"""Visitors over time: for charts, and as a table to take away."""

from __future__ import annotations

import csv
import io
from typing import Any

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.records.export import escape_formula
from services.query.visitors.engine import VisitorQuery, counted, page_views

CSV_COLUMNS = (
    "date", "total_visitors", "authenticated_visitors", "anonymous_visitors", "page_views"
)  # fmt: skip


def visitor_trends(plan: VisitorQuery) -> dict[str, Any]:
    """Visitors by interval, every interval present.

    Labels are local dates, of hours instants with their offset. A week begins on Monday; one that
    the range cuts is labelled with its Monday, and counts what lies in the range.
    """
    meta = ResultMeta(plan.time_range)
    with read_only_session() as session:
        found = counted(session, plan, meta)
    return meta.wrap(
        {
            "labels": labels(plan),
            "total": [one.total for one in found],
            "authenticated": [one.authenticated for one in found],
            "anonymous": [one.anonymous for one in found],
        }
    )


def visitor_table(plan: VisitorQuery) -> dict[str, Any]:
    """The same with page views, as the text of a CSV file."""
    meta = ResultMeta(plan.time_range)
    with read_only_session() as session:
        found = counted(session, plan, meta)
        views = page_views(session, plan, meta)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows(
        (escape_formula(label), one.total, one.authenticated, one.anonymous, viewed)
        for label, one, viewed in zip(labels(plan), found, views, strict=True)
    )
    return meta.wrap({"csv": buffer.getvalue(), "last_day": labels(plan)[-1]})


def labels(plan: VisitorQuery) -> list[str]:
    """A name for each interval."""
    if plan.by_days:
        return [start.date().isoformat() for start in plan.starts]
    return [start.isoformat() for start in plan.starts]
