"""Summarise a day: rows of the tables in ``shared.models.summary``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from services.processor.sealing.aggregate import MAX_VALUES, Rows, distinct_persons, group, rank
from services.processor.sealing.rows import Codes, Column, DayRows
from shared.events.buckets import BUCKET_SECONDS
from shared.events.dimensions import PAGE_EVENTS
from shared.events.person_bitmaps import person_bitmap
from shared.models import ANY_EVENT

_QUARTER = timedelta(seconds=BUCKET_SECONDS)


@dataclass(frozen=True, slots=True)
class Totals:
    """Events, and the numbers of their different persons and sessions."""

    events: int
    persons: int
    sessions: int


@dataclass(frozen=True, slots=True)
class PageViews:
    """Views of one page; rank 0 combines all pages beyond the limit."""

    rank: int
    page_path: str | None
    views: int
    visitors: int
    authenticated: int


@dataclass(frozen=True, slots=True)
class Summaries:
    """All summaries of a day."""

    day: Totals
    event_names: int
    by_source: dict[str, int]
    by_hour: list[tuple[datetime, str, Totals]]
    by_name_and_source: list[tuple[str, str, Totals]]
    by_page: list[PageViews]
    by_community: list[tuple[str, str, Totals]]
    by_division: list[tuple[str, Totals]]


def summarise(day: DayRows, start: datetime, zone: ZoneInfo, identified: BitMap) -> Summaries:
    """Summarise a day.

    Args:
        day: its rows.
        start: its first instant.
        zone: the project's time zone, which defines the hours.
        identified: persons who had been identified by the end of the day.
    """
    by_name_and_source = [
        (name or "", source or "", totals)
        for (name, source), totals in _grouped(day, [day.names, day.dimensions["source"]])
    ]
    by_source: dict[str, int] = defaultdict(int)
    for _, source, totals in by_name_and_source:
        by_source[source] += totals.events
    return Summaries(
        day=_totals(day, np.arange(len(day))),
        event_names=len({name for name, _, _ in by_name_and_source}),
        by_source=dict(by_source),
        by_hour=_by_hour(day, start, zone),
        by_name_and_source=by_name_and_source,
        by_page=_by_page(day, identified),
        by_community=[
            (community, division or "", totals)
            for (community, division), totals in _grouped(
                day, [day.dimensions["community_id"], day.dimensions["division_id"]]
            )
            if community is not None
        ],
        by_division=[
            (division, totals)
            for (division,), totals in _grouped(day, [day.dimensions["division_id"]])
            if division is not None
        ],
    )


def hour_starts(start: datetime, quarters: int, zone: ZoneInfo) -> list[datetime]:
    """Return the start of the local hour that each quarter of a day belongs to.

    A shift of the clocks starts a new hour, wherever in the hour it happens.
    """
    starts: list[datetime] = []
    last: tuple[int, timedelta | None] | None = None
    for number in range(quarters):
        instant = start + number * _QUARTER
        local = instant.astimezone(zone)
        clock = (local.hour, local.utcoffset())
        starts.append(starts[-1] if clock == last else instant)
        last = clock
    return starts


def _by_hour(day: DayRows, start: datetime, zone: ZoneInfo) -> list[tuple[datetime, str, Totals]]:
    if not len(day):
        return []
    starts = hour_starts(start, int(day.quarters.max()) + 1, zone)
    hours = sorted(set(starts))
    hour_of_quarter = np.array([hours.index(hour) for hour in starts], dtype=np.int32)
    hour_codes = hour_of_quarter[day.quarters]
    everything = group(hour_codes, len(hours))
    found = [
        (hour, ANY_EVENT, _totals(day, everything.of(code)))
        for code, hour in enumerate(hours)
        if everything.size(code)
    ]
    labels: list[str | None] = [str(number) for number in range(len(hours))]
    for (number, name), totals in _grouped(day, [Column(hour_codes, labels), day.names]):
        found.append((hours[int(number or 0)], name or "", totals))
    return found


def _by_page(day: DayRows, identified: BitMap) -> list[PageViews]:
    codes = [code for code, name in enumerate(day.names.values) if name in PAGE_EVENTS]
    views: Rows = np.flatnonzero(np.isin(day.names.codes, codes))
    pages = day.dimensions["page_path"]
    grouping = group(pages.codes, len(pages.values), views)
    ranked = rank(pages, grouping)
    found = [
        _page_views(position, pages.values[code], day, grouping.of(code), identified)
        for position, code in enumerate(ranked[:MAX_VALUES], start=1)
    ]
    if len(ranked) > MAX_VALUES:
        others = np.sort(np.concatenate([grouping.of(code) for code in ranked[MAX_VALUES:]]))
        found.append(_page_views(0, None, day, others, identified))
    return found


def _page_views(
    position: int, path: str | None, day: DayRows, rows: Rows, identified: BitMap
) -> PageViews:
    visitors = person_bitmap(day.persons[rows])
    return PageViews(
        position, path, len(rows), len(visitors), visitors.intersection_cardinality(identified)
    )


def _grouped(
    day: DayRows, columns: Sequence[Column]
) -> Iterator[tuple[tuple[str | None, ...], Totals]]:
    """Yield every combination of values that occurs, with its totals."""
    combined: npt.NDArray[np.int64] = np.zeros(len(day), dtype=np.int64)
    for column in columns:
        combined = combined * len(column.values) + column.codes
    occurring, codes = np.unique(combined, return_inverse=True)
    grouping = group(_as_codes(codes), len(occurring))
    for code, key in enumerate(occurring.tolist()):
        values: list[str | None] = []
        for column in reversed(columns):
            key, position = divmod(key, len(column.values))  # noqa: PLW2901 (digits of a number)
            values.append(column.values[position])
        yield tuple(reversed(values)), _totals(day, grouping.of(code))


def _as_codes(codes: npt.NDArray[np.intp]) -> Codes:
    return codes.reshape(-1).astype(np.int32)


def _totals(day: DayRows, rows: Rows) -> Totals:
    sessions = np.unique(day.sessions[rows])
    return Totals(
        events=len(rows),
        persons=distinct_persons(day, rows),
        sessions=len(sessions) - int(len(sessions) > 0 and sessions[0] < 0),
    )
