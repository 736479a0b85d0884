"""Questions of the reports and lists about a week of odd events, with the answers by an oracle."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from services.processor.sessions.joining import SYSTEM_EVENTS
from shared.events.dimensions import PAGE_EVENTS
from tests.support import value_form_oracle
from tests.support.insights import Sample
from tests.support.odd_events import FAST_CLOCK
from tests.support.questions import Days, Question, Visit, visits_of


def reports(rows: list[Sample], days: Days, project_id: int) -> Iterator[Question]:
    """Return questions about some days of all events of a project, named by their sessions."""
    last = Days(days.last, days.last, days.zone)
    yield _overview(rows, last)
    yield _top_events(rows, days)
    yield _timeseries(rows, days)
    yield _daily_summaries(rows, days)
    yield _aggregates(rows, days, project_id)
    yield _session_list(rows, days)
    yield _events(rows, days)
    yield _pages(rows, days)
    yield from _visitors(rows, days, project_id)


def _count(rows: list[Sample], days: Days) -> dict[str, int]:
    own = days.inside(rows)
    return {
        "total_events": len(own),
        "unique_users": len({row.person for row in own}),
        "unique_sessions": len(_started(rows, days)),
        "page_views": sum(row.name in PAGE_EVENTS for row in own),
    }


def _started(rows: list[Sample], days: Days) -> list[Visit]:
    return [one for one in visits_of(rows) if days.start <= one.rows[0].at < days.end]


def _overview(rows: list[Sample], day: Days) -> Question:
    before = Days(day.first - timedelta(1), day.first - timedelta(1), day.zone)
    now, previous = _count(rows, day), _count(rows, before)
    expected = {
        **now,
        "event_names": len({row.name for row in day.inside(rows)}),
        "previous": previous,
        "change": {
            name: round((now[name] - old) / old * 100, 1) if old else None
            for name, old in previous.items()
        },
    }
    return Question("overview", "v1/analytics/{id}/overview", lambda answer: (
        {name: answer[name] for name in expected}, expected
    ), parameters=day.fields)  # fmt: skip


def _top_events(rows: list[Sample], days: Days) -> Question:
    size = Counter(row.name for row in days.inside(rows))
    ranked = sorted(size.items(), key=lambda pair: (-pair[1], pair[0]))
    return Question("top events", "v1/analytics/{id}/top-events", lambda answer: (
        [(one["event_name"], one["count"]) for one in answer["items"]], ranked
    ), parameters={**days.fields, "limit": 100})  # fmt: skip


def _timeseries(rows: list[Sample], days: Days) -> Question:
    size = Counter((row.name, days.day_of(row)) for row in days.inside(rows))
    names = {name for name, _ in size}
    expected = {name: [size[name, day] for day in days.dates] for name in names}
    asked = {**days.fields, "interval": "day", "split": "event_name"}
    return Question("timeseries", "v1/analytics/{id}/timeseries", lambda answer: (
        {one["label"]: one["values"] for one in answer["series"] if not one["is_other"]},
        {name: expected[name] for name in
         {one["label"] for one in answer["series"] if not one["is_other"]}}
    ), parameters=asked)  # fmt: skip


def _daily_summaries(rows: list[Sample], days: Days) -> Question:
    expected = {}
    for day in days.dates:
        found = _count(rows, Days(day, day, days.zone))
        expected[day.isoformat()] = [found["total_events"], found["unique_users"],
                                     found["unique_sessions"]]  # fmt: skip
    return Question("daily summaries", "v1/analytics/{id}/daily-summaries", lambda answer: (
        {one["date"]: [one["total_events"], one["unique_users"], one["unique_sessions"]]
         for one in answer["items"]}, expected
    ), parameters=days.fields)  # fmt: skip


def _aggregates(rows: list[Sample], days: Days, project_id: int) -> Question:
    groups: defaultdict[tuple[date, str, str], list[Sample]] = defaultdict(list)
    for row in days.inside(rows):
        if row.name not in SYSTEM_EVENTS:
            groups[days.day_of(row), row.name, row.source or ""].append(row)
    expected = {
        (day.isoformat(), name, source): [
            len(own), len({row.person for row in own}), len({row.session for row in own})
        ]
        for (day, name, source), own in groups.items()
    }  # fmt: skip
    asked = {**days.fields, "project_id": project_id, "interval": "day", "limit": 1000}
    return Question("event aggregates", "v1/analytics/admin/event-aggregates/", lambda answer: (
        {(one["date"], one["event_name"], one["source"]):
            [one["count"], one["unique_users"], one["unique_sessions"]]
         for one in answer["items"] if one["event_name"] not in SYSTEM_EVENTS}, expected
    ), parameters=asked)  # fmt: skip


def _session_list(rows: list[Sample], days: Days) -> Question:
    visits = _started(rows, days)
    newest = sorted(visits, key=lambda one: one.rows[0].at, reverse=True)
    # Of visits that start with the last one of the page, any may be on it.
    last = newest[99].rows[0].at if len(newest) > 100 else None
    shown = [one for one in newest[:100] if one.rows[0].at != last]
    expected = {
        _key(one): [one.seconds, one.events, len(one.views), one.page(0), one.page(-1)]
        for one in shown
    }

    def compare(answer: Any) -> Any:
        found = {}
        for one in answer["items"]:
            start, own = datetime.fromisoformat(one["started_at"]), _client_id(one)
            # The start of a session by a wrong clock is not exact.
            known = [key for key in map(_key, visits) if key[:2] == own]
            key = min(known, key=lambda key: abs(key[2] - start), default=(*own, start))
            if key[2] == last:
                continue
            found[key] = [
                one["duration_seconds"], one["events"], one["pageviews"], one["entry_page"],
                one["exit_page"],
            ]  # fmt: skip
        return [answer["total_sessions"], found], [len(visits), expected]

    asked = {**days.fields, "limit": 100}
    return Question("sessions one by one", "v1/analytics/{id}/sessions", compare, parameters=asked)


def _key(visit: Visit) -> tuple[str, str, datetime]:
    """Return what tells a session: its id, without what tells it from others with the id."""
    first = visit.rows[0]
    client_id = str(first.session).partition("~")[0].partition(" from ")[0]
    return client_id, getattr(first, "distinct_id", ""), first.at


def _client_id(shown: Any) -> tuple[str, str]:
    return shown["session_id"].partition("~")[0], shown["distinct_id"]


def _events(rows: list[Sample], days: Days) -> Question:
    own = days.inside(rows)
    expected = Counter(_line(row, getattr(row, "distinct_id", "")) for row in own)

    def compare(answer: Any) -> Any:
        found: Counter[Any] = Counter()
        for one in answer:
            is_fast = one["distinct_id"] == f"person-{FAST_CLOCK}"
            at = None if is_fast else datetime.fromisoformat(one["timestamp"])
            found[at, one["event_name"], one["distinct_id"], one["source"], one["page_url"]] += 1
        return found, expected

    asked = {**days.fields, "format": "json"}
    return Question("export", "v1/analytics/{id}/exports/events", compare, parameters=asked)


def _line(row: Sample, distinct_id: str) -> tuple[Any, ...]:
    """Return an event as exports have it; of a wrong clock the corrected time is not exact."""
    at = None if row.person == FAST_CLOCK else row.at
    return at, row.name, distinct_id, row.source, row.page


def _pages(rows: list[Sample], days: Days) -> Question:
    groups: defaultdict[tuple[str, str | None], list[int]] = defaultdict(list)
    for row in days.inside(rows):
        if row.name in PAGE_EVENTS:
            page = value_form_oracle.page(row.page)
            groups[days.day_of(row).isoformat(), page].append(row.person)
    expected = {key: [len(persons), len(set(persons))] for key, persons in groups.items()}
    return Question("pages", "v1/analytics/{id}/pages", lambda answer: (
        {(one["date"], one["page_url"]): [one["page_views"], one["unique_visitors"]]
         for one in answer["items"]}, expected
    ), parameters={**days.fields, "limit": 100})  # fmt: skip


def _visitors(rows: list[Sample], days: Days, project_id: int) -> Iterator[Question]:
    own = days.inside(rows)
    named = {row.person: row.at for row in rows if row.name == "$identify"}
    persons = {row.person for row in own}
    known = {one for one in persons if one in named and named[one] < days.end}
    views = sum(row.name in PAGE_EVENTS for row in own)
    asked = {"project_id": project_id, "start_date": days.first.isoformat(),
             "end_date": days.last.isoformat()}  # fmt: skip
    expected = {
        "total_visitors": len(persons),
        "authenticated_visitors": len(known),
        "anonymous_visitors": len(persons - known),
        "total_page_views": views,
    }
    yield Question("visitors", "analytics/visitors/", lambda answer: (
        {name: answer[name] for name in expected}, expected
    ), parameters=asked)  # fmt: skip
    first = {one: min(row.at for row in rows if row.person == one) for one in named}
    took = [
        (at - first[one]).total_seconds()
        for one, at in named.items()
        if days.start <= at < days.end
    ]
    converted = {
        "total_conversions": len(took),
        "median_time_to_conversion": median(took) if took else 0,
        "avg_time_to_conversion": sum(took) / len(took) if took else 0,
    }
    yield Question("conversions", "analytics/conversions/", lambda answer: (
        {name: answer[name] for name in converted}, converted
    ), parameters=asked)  # fmt: skip
