"""The page views of an audience in each interval."""

from __future__ import annotations

from sqlalchemy import func, select

from services.query.execution.context import QueryContext
from services.query.sources.conditions import matches_query
from services.query.sources.event_columns import interval_index
from services.query.sources.event_counts import count_by_interval
from services.query.visitors.divisions import DIVISION_COLUMNS, read_division_index
from services.query.visitors.query import Audience
from shared.events.dimensions import PAGE_EVENTS
from shared.models import Event


def count_page_views(context: QueryContext, audience: Audience) -> list[int]:
    """Return the number of page views in each interval, by the same names as the overview's."""
    if audience.is_everybody:
        return count_by_interval(context, PAGE_EVENTS)
    context.note_raw_rows()
    columns = [] if audience.division_id is None else list(DIVISION_COLUMNS)
    conditions = [*matches_query(context.query), Event.event_name.in_(PAGE_EVENTS)]
    if audience.community_id is not None:
        conditions.append(Event.community_id == audience.community_id)
    interval = interval_index(context.starts).label("interval_index")
    statement = (
        select(interval, *columns, func.count())
        .where(*conditions)
        .group_by("interval_index", *columns)
    )
    divisions = read_division_index(context.session, audience.project_id)
    wanted = set(divisions.within(audience.division_id or ""))
    counts = [0] * len(context.starts)
    for index, *values, events in context.session.execute(statement):
        if not columns or divisions.division_of(*values) in wanted:
            counts[index] += events
    return counts
