"""Questions of every kind of insight about a week of odd events, with the answers by an oracle."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from statistics import median
from typing import Any

from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.time_range import TimeRange
from services.query.sources.funnel_plan import FunnelPlan
from tests.support import array_oracle, funnel_oracle
from tests.support.filter_oracle import passes
from tests.support.insight_oracle import figure
from tests.support.insights import Sample
from tests.support.number_oracle import number, shown
from tests.support.questions import Days, Question, Visit, visits_of
from tests.support.revenue_oracle import default_currency, money, payers

METRICS = ("count", "unique_persons", "per_session", "sum", "average", "median", "p90", "min",
           "max")  # fmt: skip
FILTERS: tuple[dict[str, Any], ...] = (
    {"property": "amount", "operator": "gte", "value": 2.5},
    {"property": "amount", "operator": "is", "value": [10, "x"]},
    {"property": "plan", "operator": "is_not", "value": ["Other", "10"]},
    {"property": "plan", "operator": "is_set"},
    {"or": [{"property": "plan", "operator": "contains", "value": "PRO"},
            {"property": "amount", "operator": "between", "value": [-3, 0.3]}]},
)  # fmt: skip


def insights(rows: list[Sample], days: Days) -> Iterator[Question]:
    """Return questions about some days of all events of a project, named by their sessions."""
    yield from _trends(rows, days)
    yield from _breakdowns(rows, days)
    yield from _funnels(rows, days)
    yield from _retention(rows, days)
    yield _lifecycle(rows, days)
    yield _stickiness(rows, days)
    yield from _paths(rows, days)
    yield _sessions(rows, days)
    yield _revenue(rows, days)
    yield _game(rows, days)


def _insight(
    kind: str, days: Days, body: dict[str, Any], compare: Callable[[Any], Any], title: str = ""
) -> Question:
    within = 0.0006 if kind in {"funnel", "sessions", "game"} else 0.0
    asked = {**days.fields, **body}
    return Question(
        f"{kind} {title}".strip(),
        f"v1/analytics/{{id}}/insights/{kind}",
        compare,
        asked,
        within=within,
    )


def _trends(rows: list[Sample], days: Days) -> Iterator[Question]:
    own = days.inside(rows)
    series = [{"event": "purchase", "metric": one, "property": "amount"} for one in METRICS]
    bought = [row for row in own if row.name == "purchase"]

    def by_metric(answer: Any) -> Any:
        """Compare every value between the dates that the answer itself names."""
        dates = [datetime.fromisoformat(one) for one in answer["series"][0]["dates"]]
        dates[0] = max(dates[0], days.start)  # the range may cut the first week
        parts = [
            [row for row in bought if start <= row.at < end]
            for start, end in pairwise([*dates, days.end])
        ]
        expected = [
            [[figure(part, metric, False) for part in parts], figure(bought, metric, False)]
            for metric in METRICS
        ]
        return [[line["values"], line["total"]] for line in answer["series"]], expected

    asked: dict[str, Any]
    for interval in ("hour", "day", "week"):
        asked = {"series": series, "interval": interval}
        yield _insight("trends", days, asked, by_metric, f"of metrics by {interval}")

    starts = Counter(days.day_of(visit.rows[0]) for visit in visits_of(rows))
    persons = {day: {row.person for row in own if days.day_of(row) == day} for day in days.dates}
    events = Counter(map(days.day_of, own))
    of_any = [
        [[events[day] for day in days.dates], len(own)],
        [[len(persons[day]) for day in days.dates], len({row.person for row in own})],
        [[starts[day] for day in days.dates], sum(starts[day] for day in days.dates)],
    ]
    counted = ("count", "unique_persons", "unique_sessions")
    asked = {"series": [{"event": None, "metric": one} for one in counted], "interval": "day"}
    yield _insight("trends", days, asked, lambda answer: (
        [[line["values"], line["total"]] for line in answer["series"]], of_any
    ), "of any event")  # fmt: skip

    for part in FILTERS:
        passing = sum(passes(row, part) for row in own)
        asked = {"series": [{"event": None}], "interval": "day", "filters": part}
        yield _insight("trends", days, asked, lambda answer, passing=passing: (  # type: ignore[misc]
            answer["series"][0]["total"], passing
        ), f"filtered {part}")  # fmt: skip

    for name in ("plan", "tags", "amount"):
        lines = array_oracle.ranked([row.properties.get(name) for row in own], 3)
        asked = {"series": [{"event": None}], "interval": "day",
                 "breakdown": {"property": name, "limit": 3}}  # fmt: skip
        yield _insight("trends", days, asked, lambda answer, lines=lines: (  # type: ignore[misc]
            {(one["breakdown"], one["is_other"]): one["total"] for one in answer["series"]}, lines
        ), f"by {name}")  # fmt: skip


def _breakdowns(rows: list[Sample], days: Days) -> Iterator[Question]:
    own = days.inside(rows)
    for name in ("plan", "tags", "amount"):
        groups: defaultdict[str | None, list[Sample]] = defaultdict(list)
        for row in own:
            values: list[str | None] = [*array_oracle.values(row.properties.get(name))]
            for value in values or [None]:
                groups[value].append(row)
        ranked: list[str | None] = sorted(
            groups, key=lambda one: (-len(groups[one]), one is None, one or "")
        )
        items: list[Any] = [
            [value, len(groups[value]), len({row.person for row in groups[value]})]
            for value in ranked[:6]
        ]
        expected: list[Any] = [items, len(ranked) > 6, len(own), len({row.person for row in own})]
        asked: dict[str, Any] = {"event": None, "breakdown": {"property": name, "limit": 6}}
        yield _insight("breakdown", days, asked, lambda answer, expected=expected: ([  # type: ignore[misc]
            [[one["value"], one["events"], one["persons"]] for one in answer["items"]],
            answer["has_more"], answer["total_events"], answer["total_persons"],
        ], expected), f"by {name}")  # fmt: skip


def _funnels(rows: list[Sample], days: Days) -> Iterator[Question]:
    # The oracle of funnels breaks down by the country.
    own = [replace(row, country=shown(row.properties.get("plan"))) for row in days.inside(rows)]
    steps = ["opened", "purchase", "opened"]
    for order in ("ordered", "strict", "any"):
        plan = FunnelPlan(
            EventQuery(0, TimeRange(days.start, days.end, days.zone)),
            tuple(map(EventSelector, steps)),
            24 * 3_600_000_000,
            order,
            breakdown=Breakdown("country", 3),
        )
        ways = funnel_oracle.ways(own, plan)
        value_of = funnel_oracle.value_of_persons(own, plan)
        persons = defaultdict(list)
        for person in ways.get(0, {}):
            persons[value_of[person]].append(person)
        ranked = sorted(persons, key=lambda one: (-len(persons[one]), one is None, one or ""))
        lines = {(value, False): set(persons[value]) for value in ranked[:3]}
        if others := {one for value in ranked[3:] for one in persons[value]}:
            lines[None, True] = others
        expected = (
            [_step(ways, step, None) for step in range(3)],
            {key: [_step(ways, step, who) for step in range(3)] for key, who in lines.items()},
        )
        asked = {"steps": steps, "order": order, "window": {"value": 1, "unit": "day"}}
        broken = {**asked, "breakdown": {"property": "plan", "limit": 3}}
        yield _insight("funnel", days, broken, lambda answer, expected=expected: ((  # type: ignore[misc]
            [_shown_step(one) for one in answer["steps"]],
            {(part["value"], part["is_other"]): [_shown_step(one) for one in part["steps"]]
             for part in answer["breakdown"]},
        ), expected), order)  # fmt: skip


def _step(ways: funnel_oracle.Ways, step: int, who: set[int] | None) -> list[Any]:
    times = [
        took.total_seconds()
        for person, took in ways.get(step, {}).items()
        if who is None or person in who
    ]
    if not step or not times:
        return [len(times), None, None]
    return [len(times), median(times), sum(times) / len(times)]


def _shown_step(step: Any) -> list[Any]:
    return [step["persons"], step["median_seconds"], step["average_seconds"]]


def _active(rows: list[Sample], days: Days, name: str | None) -> dict[int, set[date]]:
    found: dict[int, set[date]] = defaultdict(set)
    for row in rows:
        if name in {None, row.name}:
            found[row.person].add(days.day_of(row))
    return found


def _retention(rows: list[Sample], days: Days) -> Iterator[Question]:
    target, back = _active(rows, days, "opened"), _active(rows, days, "purchase")
    for kind in ("first_time", "recurring"):
        for rule in ("strict", "rolling"):
            expected = []
            for index, day in enumerate(days.dates):
                members = [
                    person
                    for person, dates in target.items()
                    if (min(dates) == day if kind == "first_time" else day in dates)
                ]
                returned = [len(members)]
                for later in days.dates[index + 1 :]:
                    wanted = (
                        {later} if rule == "strict" else {one for one in days.dates if one >= later}
                    )
                    returned.append(sum(bool(back[person] & wanted) for person in members))
                expected.append(returned)
            asked = {"target": "opened", "returning": "purchase", "interval": "day"}
            asked |= {"kind": kind, "rule": rule}
            yield _insight("retention", days, asked, lambda answer, expected=expected: (  # type: ignore[misc]
                [one["returned"] for one in answer["cohorts"]], expected
            ), f"{kind} {rule}")  # fmt: skip


def _lifecycle(rows: list[Sample], days: Days) -> Question:
    did = _active(rows, days, None).values()
    states: dict[str, list[int]] = defaultdict(list)
    for day in days.dates:
        before = day - timedelta(1)
        states["new"].append(sum(min(one) == day for one in did))
        states["returning"].append(sum({day, before} <= one for one in did))
        states["resurrecting"].append(
            sum(day in one and before not in one and min(one) < day for one in did)
        )
        states["dormant"].append(-sum(before in one and day not in one for one in did))
    return _insight("lifecycle", days, {"interval": "day"}, lambda answer: (
        {line["label"]: line["values"] for line in answer["series"]}, dict(states)
    ))  # fmt: skip


def _stickiness(rows: list[Sample], days: Days) -> Question:
    did = _active(days.inside(rows), days, "opened").values()
    counts = [sum(len(one) == n + 1 for one in did) for n in range(len(days.dates))]
    return _insight("stickiness", days, {"series": ["opened"]}, lambda answer: (
        [answer["series"][0]["values"], answer["series"][0]["total"]], [counts, len(did)]
    ))  # fmt: skip


def _paths(rows: list[Sample], days: Days) -> Iterator[Question]:
    visits = []
    for _, own in funnel_oracle.by_person(days.inside(rows)):
        visit = [own[0]]
        for row in own[1:]:
            if row.at - visit[-1].at > timedelta(minutes=30):
                visits.append(visit)
                visit = []
            visit.append(row)
        visits.append(visit)
    for point in (None, "opened"):
        counts: Counter[tuple[int, str, str]] = Counter()
        for visit in visits:
            names = [name for name, _ in groupby(row.name for row in visit)]
            if point is not None:
                names = names[names.index(point) :] if point in names else []
            for step, (left, right) in enumerate(pairwise(names[:4]), 1):
                counts[step, left, right] += 1
        yield _insight("paths", days, {"start": point, "steps": 4, "edges": 500},
            lambda answer, counts=counts: (  # type: ignore[misc]
                {(one["step"], one["source"], one["target"]): one["count"]
                 for one in answer["edges"]}, dict(counts)
            ), f"from {point}")  # fmt: skip


def _figures(visits: list[Visit]) -> dict[str, Any]:
    if not visits:
        empty = dict.fromkeys(
            ("events_per_session", "average_seconds", "median_seconds", "bounce_rate")
        )
        return {"sessions": 0, "persons": 0, **empty}
    seconds = [visit.seconds for visit in visits]
    return {
        "sessions": len(visits),
        "persons": len({visit.person for visit in visits}),
        "events_per_session": sum(visit.events for visit in visits) / len(visits),
        "average_seconds": sum(seconds) / len(visits),
        "median_seconds": median(seconds),
        "bounce_rate": sum(visit.events <= 1 for visit in visits) / len(visits),
    }


def _sessions(rows: list[Sample], days: Days) -> Question:
    visits = [one for one in visits_of(rows) if days.start <= one.rows[0].at < days.end]
    expected = {
        **_figures(visits),
        "series": [
            _figures([one for one in visits if days.day_of(one.rows[0]) == day])
            for day in days.dates
        ],
        "entry": Counter(one.page(0) for one in visits),
        "exit": Counter(one.page(-1) for one in visits),
    }

    def compare(answer: Any) -> Any:
        names = _figures([])
        found = {name: answer[name] for name in names}
        found["series"] = [{name: line[name] for name in names} for line in answer["series"]]
        for end in ("entry", "exit"):
            found[end] = {one["page"]: one["sessions"] for one in answer[f"{end}_pages"]}
        return found, expected

    return _insight("sessions", days, {"interval": "day"}, compare)


def _revenue(rows: list[Sample], days: Days) -> Question:
    bought = [row for row in rows if row.name == "purchase"]
    found = money(bought, days.start, days.end)
    currency = default_currency(found.payments)
    own = [one for one in found.payments if one.currency == currency]
    expected = {
        "currency": currency,
        "ignored_amounts": found.ignored,
        "repeated_orders": found.repeated,
        "revenue": float(sum(one.amount for one in own)),
        "purchases": sum(one.amount > 0 for one in own),
        "refunds": sum(one.amount < 0 for one in own),
        "refunded": float(-sum(one.amount for one in own if one.amount < 0)),
        "payers": payers(own),
        "active": len({row.person for row in days.inside(rows)}),
    }
    asked = {"event": "purchase", "property": "amount", "interval": "day"}
    return _insight("revenue", days, asked, lambda answer: (
        {name: answer[name] for name in expected}, expected
    ))  # fmt: skip


def _game(rows: list[Sample], days: Days) -> Question:
    own = days.inside(rows)
    levels: defaultdict[str, Counter[str]] = defaultdict(Counter)
    resources: defaultdict[tuple[str | None, str | None], list[Any]] = defaultdict(
        lambda: [0.0, 0.0, 0]
    )
    for row in own:
        given = row.properties
        if row.name == "progression":
            level = ":".join(
                str(shown(given[name])).replace(":", "\\:")
                for name in ("progression01", "progression02")
            )
            levels[level][given["status"]] += 1
        if row.name == "resource":
            line = resources[given["currency"], given["item"]]
            amount = number(given["amount"])
            if amount is not None:
                line[given["flow"] == "sink"] += amount
            line[2] += amount is None and given["amount"] is not None
    expected = (
        {name: [size["start"], size["fail"], size["complete"]] for name, size in levels.items()},
        {key: [float(source), float(sink), bad] for key, (source, sink, bad) in resources.items()},
    )
    return _insight("game", days, {}, lambda answer: ((
        {one["level"]: [one["starts"], one["fails"], one["completes"]]
         for one in answer["progression"]},
        {(one["currency"], one["item"]): [one["source"], one["sink"], one["ignored_amounts"]]
         for one in answer["resources"]},
    ), expected))  # fmt: skip
