"""The catalogue of events: every name with its volume, documentation, status, and where it is used.

Numbers are read from the rollup, which holds every event, sealed or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import limited_session
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import midnight
from services.query.sources.postgres import contains, index_among_starts
from shared.errors import NotFound
from shared.events.local_days import day_of
from shared.models import Dashboard, Definition, EventCount, SavedInsight
from shared.responses import Doc, Timestamp
from shared.web.pagination import decode_id, encode_cursor

DAYS = 30
_NEW_DAYS = 7
STATUSES = ("new", "verified", "stale", "hidden", "none")
SORTS = ("events", "name", "last_seen")

_EVENT_FIELDS = frozenset(
    {
        *("event", "steps", "series", "target", "returning", "start", "end"),
        *("exclusions", "progression_event", "resource_event"),
    }
)
"""Fields of requests whose text, or a text in whose list, is the name of an event."""

Status = Annotated[
    Literal["new", "verified", "stale", "hidden", "none"],
    Doc(
        "hidden: lists leave it out. verified: a member says that it is right. stale: no event in "
        "30 days. new: first seen in the last 7 days. none: nothing of these."
    ),
]


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """An event name with its volume and its documentation."""

    name: str
    events: Annotated[int, Doc("In the last 30 local days, today included.")]
    total_events: int
    daily: Annotated[list[int], Doc("Events of each of the 30 days; today is the last.")]
    first_seen: Annotated[Timestamp, Doc("Start of the quarter hour of the first event.")]
    last_seen: Annotated[Timestamp, Doc("Start of the quarter hour of the last event.")]
    status: Status
    description: str
    owner: Annotated[str, Doc("Who answers questions about it; empty: nobody is named.")]


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """A page of the catalogue."""

    items: list[CatalogEntry]
    total: Annotated[int, Doc("Names on all pages.")]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class EventUse:
    """A saved object that asks about an event."""

    kind: Literal["insight", "dashboard"]
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class CatalogEntryResponse:
    """An event name with everything that is known of it."""

    event: CatalogEntry
    days: Annotated[list[Timestamp], Doc("Starts of the 30 days of `daily`.")]
    verified: bool
    hidden: bool
    json_schema: Annotated[dict[str, Any] | None, Doc("JSON Schema of the properties; null: none.")]
    uses: Annotated[list[EventUse], Doc("Saved insights that name it, and their dashboards.")]


@dataclass(frozen=True, slots=True)
class _Window:
    """The 30 local days that end today."""

    starts: list[datetime]
    now: datetime

    @classmethod
    def of(cls, now: datetime, zone: str) -> _Window:
        """Return the days that end with the day of an instant."""
        local = ZoneInfo(zone)
        today = day_of(now, local)
        days = [today - timedelta(days=DAYS - 1 - index) for index in range(DAYS)]
        return cls([midnight(day, local) for day in days], now)


def list_catalog(request: UntypedRequest) -> CatalogPage:
    """List event names with their volume and documentation.

    Raises:
        Unprocessable: the cursor is invalid.
    """
    data, project_id = request.data, request.project_id
    window = _Window.of(request.now, request.timezone)
    offset = decode_id(data["cursor"]) or 0
    names = _names(project_id, window).subquery("names")
    chosen = select(names)
    if data["search"]:
        texts = (names.c.event_name, names.c.description, names.c.owner)
        chosen = chosen.where(or_(*(contains(text, data["search"]) for text in texts)))
    if data["status"]:
        chosen = chosen.where(names.c.status == data["status"])
    order = {
        "events": (names.c.events.desc(), names.c.event_name),
        "name": (names.c.event_name,),
        "last_seen": (names.c.last_seen.desc(), names.c.event_name),
    }[data["sort"]]
    with limited_session(project_id) as session:
        total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
        rows = session.execute(chosen.order_by(*order).limit(data["limit"]).offset(offset)).all()
        daily = _daily(session, project_id, window, [row.event_name for row in rows])
    end = offset + len(rows)
    return CatalogPage(
        [_entry(row, daily) for row in rows], total, encode_cursor(end) if end < total else None
    )


def get_catalog_entry(request: UntypedRequest) -> CatalogEntryResponse:
    """Return what is known of an event name.

    Raises:
        NotFound: no event of this name was ever stored.
    """
    project_id, name = request.project_id, request.data["name"]
    window = _Window.of(request.now, request.timezone)
    with limited_session(project_id) as session:
        row = session.execute(_names(project_id, window, name)).one_or_none()
        if row is None:
            raise NotFound("No event of this name was ever stored in this project.")
        daily = _daily(session, project_id, window, [name])
        defined = session.get(Definition, (project_id, "event", name))
        uses = list(_uses(session, project_id, name))
    return CatalogEntryResponse(
        event=_entry(row, daily),
        days=[start.isoformat() for start in window.starts],
        verified=defined.verified if defined else False,
        hidden=defined.hidden if defined else False,
        json_schema=defined.json_schema if defined else None,
        uses=uses,
    )


def _names(project_id: int, window: _Window, name: str | None = None) -> Select[Any]:
    """Select the names ever seen, or one of them, with counts, documentation and status."""
    counted = select(
        EventCount.event_name,
        func.sum(EventCount.events).label("total_events"),
        func.coalesce(
            func.sum(EventCount.events).filter(EventCount.bucket >= window.starts[0]), 0
        ).label("events"),
        func.min(EventCount.bucket).label("first_seen"),
        func.max(EventCount.bucket).label("last_seen"),
    ).where(EventCount.project_id == project_id)
    if name is not None:
        counted = counted.where(EventCount.event_name == name)
    counts = counted.group_by(EventCount.event_name).subquery("counts")
    defined = and_(
        Definition.project_id == project_id,
        Definition.kind == "event",
        Definition.name == counts.c.event_name,
    )
    return select(
        counts,
        func.coalesce(Definition.description, "").label("description"),
        func.coalesce(Definition.owner, "").label("owner"),
        _status(counts.c.first_seen, counts.c.last_seen, window).label("status"),
    ).select_from(counts.outerjoin(Definition, defined))


def _status(first_seen: Any, last_seen: Any, window: _Window) -> ColumnElement[str]:
    return case(
        (Definition.hidden, "hidden"),
        (last_seen < window.starts[0], "stale"),
        (Definition.verified, "verified"),
        (first_seen >= window.now - timedelta(days=_NEW_DAYS), "new"),
        else_="none",
    )


def _daily(
    session: Session, project_id: int, window: _Window, names: list[str]
) -> dict[str, list[int]]:
    """Return the events of each day by name."""
    index = index_among_starts(EventCount.bucket, window.starts).label("index")
    rows = session.execute(
        select(EventCount.event_name, index, func.sum(EventCount.events))
        .where(
            EventCount.project_id == project_id,
            EventCount.event_name.in_(names),
            EventCount.bucket >= window.starts[0],
        )
        .group_by(EventCount.event_name, index)
    )
    found = {name: [0] * DAYS for name in names}
    for name, day, events in rows:
        found[name][day] += int(events)
    return found


def _entry(row: Row[Any], daily: dict[str, list[int]]) -> CatalogEntry:
    return CatalogEntry(
        name=row.event_name,
        events=int(row.events),
        total_events=int(row.total_events),
        daily=daily[row.event_name],
        first_seen=row.first_seen.isoformat(),
        last_seen=row.last_seen.isoformat(),
        status=row.status,
        description=row.description,
        owner=row.owner,
    )


def _uses(session: Session, project_id: int, name: str) -> Iterator[EventUse]:
    """Yield the saved insights that name an event, then the dashboards that show one of them."""
    insights = session.execute(
        select(SavedInsight.id, SavedInsight.name, SavedInsight.query)
        .where(SavedInsight.project_id == project_id)
        .order_by(SavedInsight.name)
    ).all()
    using = {insight_id: title for insight_id, title, query in insights if _mentions(query, name)}
    for insight_id, title in using.items():
        yield EventUse("insight", insight_id, title)
    dashboards = session.execute(
        select(Dashboard.id, Dashboard.name, Dashboard.tiles)
        .where(Dashboard.project_id == project_id)
        .order_by(Dashboard.name)
    ).all()
    for dashboard_id, title, tiles in dashboards:
        if any(tile.get("insight_id") in using for tile in tiles.get("items", [])):
            yield EventUse("dashboard", dashboard_id, title)


def _mentions(query: object, name: str) -> bool:
    """Return whether a saved request names an event in one of the fields that name events."""
    if isinstance(query, list):
        return any(_mentions(part, name) for part in query)
    if not isinstance(query, dict):
        return False
    named = [value for key, value in query.items() if key in _EVENT_FIELDS]
    if any(name in (value if isinstance(value, list) else [value]) for value in named):
        return True
    return any(_mentions(value, name) for value in query.values())
