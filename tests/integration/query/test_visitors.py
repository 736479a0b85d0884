"""Visitors, divisions, conversions and growth against an oracle in plain Python."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta, timezone
from statistics import fmean, median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.visitors.communities import ALL_COMMUNITIES, COMMUNITY_VISITORS
from services.query.visitors.conversions import CONVERSIONS
from services.query.visitors.demographics import DEMOGRAPHICS, DIVISION_BREAKDOWN
from services.query.visitors.growth import GROWTH
from services.query.visitors.realtime import REALTIME
from services.query.visitors.totals import VISITOR_TOTALS
from services.query.visitors.trends import VISITOR_TABLE, VISITOR_TRENDS
from shared.auth.access import ProjectAccess
from shared.errors import NotFound
from shared.events.dimensions import PAGE_EVENTS
from tests.support.insights import Sample, local_midnight, put, seal_some
from tests.support.queries import answer_to

ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu"]
FIRST = date(2026, 3, 28)  # the day before clocks go forward in Berlin
DAYS = 4
LAST = FIRST + timedelta(days=DAYS - 1)
NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
DIVISIONS = {
    "ca": ("Canada", "country", None, "CA", None),
    "qc": ("Quebec", "province", "ca", "CA", "Quebec"),
    "town": ("Town", "city", "qc", None, None),
    "de": ("Germany", "country", None, "DE", None),
}
COMMUNITIES = {"c1": "qc", "c2": "de", "c3": None}
KINDS = {key: value[1] for key, value in DIVISIONS.items()}
quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
Known = dict[int, tuple[datetime | None, datetime | None]]
"""By person: when they were identified, and when they converted."""


def events(zone: str) -> Any:
    """Random visits of five persons, from here and there, around the days in question."""
    begin = local_midnight(zone, FIRST.year, FIRST.month, FIRST.day) - timedelta(days=DAYS)
    return st.lists(
        st.builds(
            lambda minutes, name, person, country, region, community, division: Sample(
                begin + timedelta(minutes=minutes * 10),
                name,
                person,
                country,
                community=community,
                division=division,
                region=region,
            ),
            st.integers(0, 2 * DAYS * 144 - 1),
            st.sampled_from(["opened", *PAGE_EVENTS]),
            st.integers(1, 5),
            st.sampled_from([None, "CA", "DE", "FR"]),
            st.sampled_from([None, "Quebec", "quebec"]),
            st.sampled_from([None, "c1", "c2", "c3"]),
            st.sampled_from([None, None, "qc", "town", "de", "nowhere"]),
        ),
        min_size=15,
        max_size=40,
    )


def moments(zone: str) -> Any:
    """Perhaps a moment around the days in question."""
    begin = local_midnight(zone, FIRST.year, FIRST.month, FIRST.day) - timedelta(days=1)
    return st.none() | st.integers(0, (DAYS + 2) * 24).map(lambda h: begin + timedelta(hours=h))


class World:
    """A project with visits, some of its days sealed, and what the oracle knows of it."""

    def __init__(self, data: st.DataObject, connection: Connection, *, placed: bool = True) -> None:
        self.zone = data.draw(st.sampled_from(ZONES))
        self.rows: list[Sample] = data.draw(events(self.zone))
        self.project_id = put(connection, self.zone, self.rows)
        self.access = ProjectAccess(self.project_id, "Test", self.zone, "viewer")
        self.known: Known = {}
        self.placed = placed
        for person in sorted({row.person for row in self.rows}):
            identified = data.draw(moments(self.zone))
            converted = identified if data.draw(st.booleans()) else None
            self.known[person] = (identified, converted)
        with connection.cursor() as cursor:
            for person, (identified, converted) in self.known.items():
                cursor.execute(
                    "UPDATE persons SET identified_at = %s, converted_at = %s"
                    " WHERE project_id = %s AND person_id = %s",
                    (identified, converted, self.project_id, person),
                )
            for key, values in DIVISIONS.items():
                name, kind, parent, country, region = values
                if placed:
                    cursor.execute(
                        "INSERT INTO divisions (project_id, id, name, kind, parent_id, country,"
                        " region) VALUES (%s, %s, %s, %s, %s, %s, %s)",
                        (self.project_id, key, name, kind, parent, country, region),
                    )
            for key, home in COMMUNITIES.items():
                cursor.execute(
                    "INSERT INTO communities (project_id, id, name, division_id)"
                    " VALUES (%s, %s, %s, %s)",
                    (self.project_id, key, key.upper(), home),
                )
        connection.commit()
        first = FIRST - timedelta(days=DAYS)
        seal_some(data, connection, self.project_id, self.zone, first, 2 * DAYS)

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone))

    def division(self, row: Sample) -> str | None:
        if row.division:
            return row.division
        if not self.placed or row.country is None:
            return None
        if row.country == "CA":
            return "qc" if row.region and row.region.lower() == "quebec" else "ca"
        return "de" if row.country == "DE" else None

    def within(self, division: str | None) -> list[str]:
        """The division and those it lies in."""
        found: list[str] = []
        while division is not None:
            found.append(division)
            entered = DIVISIONS.get(division) if self.placed else None
            division = entered[2] if entered else None
        return found

    def asked(
        self, community: str | None = None, division: str | None = None
    ) -> list[tuple[date, Sample]]:
        return [
            (self.local(row.at).date(), row)
            for row in self.rows
            if FIRST <= self.local(row.at).date() <= LAST
            and community in {None, row.community}
            and (division is None or division in self.within(self.division(row)))
        ]

    def authenticated(self, persons: Iterable[int], end: datetime) -> int:
        return sum((self.known[person][0] or NOW) < end for person in persons)

    def end_of(self, day: date) -> datetime:
        after = day + timedelta(days=1)
        return local_midnight(self.zone, after.year, after.month, after.day)


def question(**more: Any) -> dict[str, Any]:
    return {
        "start_date": FIRST,
        "end_date": LAST,
        "community_id": None,
        "division_id": None,
        **more,
    }


audiences = st.tuples(
    st.sampled_from([None, None, "c1"]), st.sampled_from([None, None, "ca", "town", "nowhere"])
)


@quick
@given(data=st.data())
def test_visitors_are_counted_once_and_are_known_or_not(
    database: Connection, data: st.DataObject
) -> None:
    world = World(data, database, placed=data.draw(st.booleans()))
    community, division = data.draw(audiences)
    rows = [row for _, row in world.asked(community, division)]
    persons = {row.person for row in rows}
    known = world.authenticated(persons, world.end_of(LAST))
    views = sum(row.name in PAGE_EVENTS for row in rows)
    answer = answer_to(
        VISITOR_TOTALS, world.access, question(community_id=community, division_id=division), NOW
    )
    assert answer["total_visitors"] == len(persons)
    assert answer["authenticated_visitors"] == known
    assert answer["anonymous_visitors"] == len(persons) - known
    assert answer["conversion_rate"] == (round(known / len(persons) * 100, 1) if persons else 0)
    assert answer["total_page_views"] == views
    assert answer["avg_page_views_per_visitor"] == (
        round(views / len(persons), 1) if persons else 0
    )


def label_of(interval: str) -> Callable[[datetime], Any]:
    def label(moment: datetime) -> Any:
        day = moment.date()
        if interval == "week":
            return (day - timedelta(days=day.weekday())).isoformat()
        if interval == "month":
            return day.replace(day=1).isoformat()
        if interval == "hour":
            return moment.replace(minute=0, second=0, microsecond=0).isoformat()
        return day.isoformat()

    return label


@quick
@given(data=st.data())
def test_trends_and_the_table_agree_with_the_visits(
    database: Connection, data: st.DataObject
) -> None:
    world = World(data, database)
    community, division = data.draw(audiences)
    interval = data.draw(st.sampled_from(["hour", "day", "week", "month"]))
    asked = question(community_id=community, division_id=division, interval=interval)
    trends = answer_to(VISITOR_TRENDS, world.access, asked, NOW)
    label = label_of(interval)
    persons: dict[str, set[int]] = defaultdict(set)
    for _, row in world.asked(community, division):
        persons[label(world.local(row.at))].add(row.person)
    starts = [datetime.fromisoformat(one) for one in trends["labels"]]
    assert set(persons) <= set(trends["labels"])
    for place, name in enumerate(trends["labels"]):
        end = (
            starts[place + 1].replace(tzinfo=starts[place + 1].tzinfo or ZoneInfo(world.zone))
            if place + 1 < len(starts)
            else world.end_of(LAST)
        )
        known = world.authenticated(persons[name], end)
        assert trends["total"][place] == len(persons[name])
        assert trends["authenticated"][place] == known
        assert trends["anonymous"][place] == len(persons[name]) - known
    lines = list(
        csv.DictReader(io.StringIO(answer_to(VISITOR_TABLE, world.access, asked, NOW)["csv"]))
    )
    assert [line["date"] for line in lines] == [
        (FIRST + timedelta(days=number)).isoformat() for number in range(DAYS)
    ]
    for line in lines:
        day = date.fromisoformat(line["date"])
        there = [row for on, row in world.asked(community, division) if on == day]
        visitors = {row.person for row in there}
        known = world.authenticated(visitors, world.end_of(day))
        assert (int(line["total_visitors"]), int(line["authenticated_visitors"])) == (
            len(visitors),
            known,
        )
        assert int(line["anonymous_visitors"]) == len(visitors) - known
        assert int(line["page_views"]) == sum(row.name in PAGE_EVENTS for row in there)


@quick
@given(data=st.data())
def test_visitors_come_from_the_division_they_name_or_that_their_geography_lies_in(
    database: Connection, data: st.DataObject
) -> None:
    world = World(data, database, placed=data.draw(st.booleans()))
    limit = data.draw(st.integers(1, 5))
    rows = [row for _, row in world.asked()]
    by_division: dict[str, set[int]] = defaultdict(set)
    by_kind: dict[str, set[int]] = defaultdict(set)
    by_country: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        division = world.division(row)
        if division:
            by_division[division].add(row.person)
            by_kind[KINDS.get(division, "unknown") if world.placed else "unknown"].add(row.person)
        if row.country:
            by_country[row.country].add(row.person)
    everybody = {row.person for row in rows}
    ranked = sorted(by_division.items(), key=lambda one: (-len(one[1]), one[0]))[:limit]
    found = answer_to(DIVISION_BREAKDOWN, world.access, question(limit=limit), NOW)
    assert [(one["division_id"], one["count"], one["percentage"]) for one in found["items"]] == [
        (key, len(persons), round(len(persons) / len(everybody) * 100, 1))
        for key, persons in ranked
    ]
    for one in found["items"]:
        name, kind, *_ = (
            DIVISIONS.get(one["division_id"], ("", "unknown"))
            if world.placed
            else (
                "",
                "unknown",
            )
        )
        assert one["division_name"] == (name or one["division_id"])
        assert one["division_type"] == kind
    demographics = answer_to(DEMOGRAPHICS, world.access, question(), NOW)
    assert demographics["by_division_type"] == {key: len(who) for key, who in by_kind.items()}
    names = {"CA": "Canada", "DE": "Germany", "FR": "France"}
    assert [(one["code"], one["name"], one["count"]) for one in demographics["top_countries"]] == [
        (code, names[code], len(who))
        for code, who in sorted(by_country.items(), key=lambda one: (-len(one[1]), one[0]))
    ]


@quick
@given(data=st.data())
def test_a_conversion_counts_once_with_the_time_it_took(
    database: Connection, data: st.DataObject
) -> None:
    world = World(data, database)
    answer = answer_to(CONVERSIONS, world.access, question(), NOW)
    converted = {
        person: moment
        for person, (_, moment) in world.known.items()
        if moment is not None and FIRST <= world.local(moment).date() <= LAST
    }
    begin = world.end_of(FIRST - timedelta(days=1))
    could = {
        row.person
        for _, row in world.asked()
        if world.known[row.person][0] is None or (world.known[row.person][0] or NOW) >= begin
    } | set(converted)
    taken = []
    for person, moment in converted.items():
        before = [row.at for row in world.rows if row.person == person and row.at <= moment]
        if before:
            taken.append((moment - min(before)).total_seconds())
    by_day = Counter(world.local(moment).date() for moment in converted.values())
    assert answer["total_conversions"] == len(converted)
    assert answer["conversion_rate"] == (
        round(len(converted) / len(could) * 100, 1) if could else 0
    )
    assert answer["avg_time_to_conversion"] == pytest.approx(fmean(taken) if taken else 0, abs=0.01)
    assert answer["median_time_to_conversion"] == pytest.approx(
        median(taken) if taken else 0, abs=0.01
    )
    assert answer["conversions_by_date"] == {
        (FIRST + timedelta(days=number)).isoformat(): by_day[FIRST + timedelta(days=number)]
        for number in range(DAYS)
    }


@quick
@given(data=st.data())
def test_growth_compares_with_the_same_stretch_before(
    database: Connection, data: st.DataObject
) -> None:
    world = World(data, database)
    hour = data.draw(st.integers(0, 23))
    period, days = data.draw(st.sampled_from([("day", 1), ("week", 7), ("month", 30)]))
    midnight = datetime(LAST.year, LAST.month, LAST.day, tzinfo=ZoneInfo(world.zone))
    now = midnight.replace(hour=hour)
    asked = {"community_id": None, "division_id": None, "period": period}
    answer = answer_to(GROWTH, world.access, asked, now.astimezone(timezone.utc))

    def persons(first: datetime, last: datetime) -> set[int]:
        # Local clocks: the days before have the same hours, whatever clocks did in between.
        rows = [(world.local(row.at).replace(tzinfo=None), row.person) for row in world.rows]
        return {person for at, person in rows if first <= at < last}

    clock = now.replace(tzinfo=None)
    begin = clock.replace(hour=0) - timedelta(days=days - 1)
    current = persons(begin, clock.replace(hour=0) + timedelta(days=1))
    previous = persons(begin - timedelta(days=days), clock - timedelta(days=days))
    assert (answer["current_period"], answer["previous_period"]) == (len(current), len(previous))
    if previous:
        rate = round((len(current) - len(previous)) / len(previous) * 100, 1)
    else:
        rate = 100.0 if current else 0.0
    assert answer["growth_rate"] == rate
    signs = {True: "increasing", False: "decreasing"}
    assert answer["trend"] == ("stable" if rate == 0 else signs[rate > 0])


@quick
@given(data=st.data())
def test_a_communitys_visitors_are_from_its_division_or_another_or_nobody_knows(
    database: Connection, data: st.DataObject
) -> None:
    world = World(data, database, placed=data.draw(st.booleans()))
    asked = {"period": None, "start": FIRST.isoformat(), "end": LAST.isoformat()}

    def expected(rows: list[Sample], home: str | None) -> tuple[int, int, int, int]:
        everybody = {row.person for row in rows}
        same = {row.person for row in rows if home and home in world.within(world.division(row))}
        cross = {row.person for row in rows if home and world.division(row)} - same
        return len(same), len(cross), len(everybody - same - cross), len(everybody)

    def shown(answer: dict[str, Any]) -> tuple[int, int, int, int]:
        same, cross, unknown = (
            answer[f"{kind}_division_visitors"] for kind in ("same", "cross", "unknown")
        )
        return same, cross, unknown, answer["total_visitors"]

    for one in answer_to(ALL_COMMUNITIES, world.access, asked, NOW)["items"]:
        key = one["community_id"]
        rows = world.asked(key)
        home = COMMUNITIES[key]
        assert one["division_id"] == home
        assert shown(one) == expected([row for _, row in rows], home)
        single = answer_to(COMMUNITY_VISITORS, world.access, {**asked, "community_id": key}, NOW)
        assert shown(single) == shown(one)
        for line in single["by_date"]:
            day = date.fromisoformat(line["date"])
            assert shown(line) == expected([row for on, row in rows if on == day], home)
        assert len(single["by_date"]) == DAYS
    with pytest.raises(NotFound):
        answer_to(COMMUNITY_VISITORS, world.access, {**asked, "community_id": "never entered"}, NOW)


def test_somebody_is_online_for_five_minutes(database: Connection) -> None:
    now = datetime(2026, 3, 28, 12, 0, 7, tzinfo=timezone.utc)
    ages = {1: 60, 2: 290, 3: 310, 4: -60}
    rows = [
        Sample(
            now - timedelta(seconds=age), "opened", person, community="c1" if person < 3 else None
        )
        for person, age in ages.items()
    ]
    access = ProjectAccess(put(database, "UTC", rows), "Test", "UTC", "viewer")
    answer = answer_to(REALTIME, access, {}, now)
    assert (answer["count"], answer["timestamp"]) == (3, "2026-03-28T12:00:05Z")
    assert answer_to(REALTIME, access, {"community_id": "c1"}, now)["count"] == 2
