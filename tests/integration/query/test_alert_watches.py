"""What alerts watch: each figure of each kind of insight, by hand, and what empty projects have."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta, timezone
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from psycopg2.extensions import connection as Connection

from services.query.parsing.insight_kind import InsightKind
from services.query.reports import game, session_metrics
from services.query.reports.answers import AskedProject, first_event, run_question
from services.query.reports.registry import INSIGHTS
from services.query.sources.payments import MAX_CURRENCIES
from shared.alerts import definition as rules
from shared.alerts.definition import AlertDefinition, Condition, Watch
from shared.alerts.evaluation import evaluate, questions_of
from shared.alerts.judge import Verdict
from shared.alerts.problems import find_problems
from shared.alerts.questions import read_values
from shared.alerts.watches import game as game_watches
from shared.alerts.watches import paths as path_watches
from shared.alerts.watches import revenue as revenue_watches
from shared.alerts.watches import sessions as session_watches
from shared.alerts.watches.registry import WATCHES
from shared.alerts.watches.watch_kind import Reading
from tests.support.insights import Sample, put

DAY = timedelta(days=1)
PAGE_VIEW = "page_view"
END = datetime(2026, 1, 14, tzinfo=timezone.utc)
"""The end of the 13th, a Tuesday, which most alerts look at."""
PAGES_OF_THE_DAY = {
    1: ("home", "pricing", "signup"), 2: ("home",), 3: ("home", "pricing", "signup"),
    6: ("home",), 9: ("home", "pricing"), 10: ("home", "about"), 11: ("pricing",),
}  # fmt: skip
"""By person. 3 and 6 are new; 1, 9, 10 and 11 were there the day before; 2 eight days before."""
PROPERTIES: dict[tuple[int, str], dict[str, Any]] = {
    (1, "signup"): {"revenue": 10, "currency": "EUR"},
    (3, "signup"): {"revenue": 4, "currency": "usd"},
    (1, "pricing"): {"status": "start", "progression01": "w1"},
    (3, "pricing"): {"status": "complete", "progression01": "w1"},
    (11, "pricing"): {"status": "start", "progression01": "w2"},
    (10, "about"): {"flow": "sink", "amount": 7, "currency": "gold", "item": "sword"},
}
_GAME = {"progression_event": PAGE_VIEW, "resource_event": PAGE_VIEW}
_REVENUE = {"event": PAGE_VIEW}
_PAGES = {"by": "page"}
_WEEK = 10_080
WATCHED: list[tuple[str, dict[str, Any], Watch, int, float | None]] = [
    ("lifecycle", {}, Watch("state", measure="new"), 1440, 2),
    ("lifecycle", {"interval": "month"}, Watch("state", measure="returning"), 1440, 4),
    ("lifecycle", {}, Watch("state", measure="resurrecting"), 1440, 1),
    ("lifecycle", {}, Watch("state", measure="dormant"), 1440, 3),
    # Of the week from the 5th to the 11th: only the person of the 5th.
    ("lifecycle", {}, Watch("state", measure="new"), _WEEK, 1),
    ("stickiness", {}, Watch("frequency", measure="persons", at_least=1), _WEEK, 10),
    ("stickiness", {}, Watch("frequency", measure="persons", at_least=2), _WEEK, 4),
    ("stickiness", {}, Watch("frequency", measure="share", at_least=2), _WEEK, 0.4),
    ("stickiness", {}, Watch("frequency", measure="mean"), _WEEK, 1.4),
    ("paths", _PAGES, Watch("transition", 1, "/pricing", measure="count", source="/home"), 1440, 3),
    ("paths", _PAGES, Watch("transition", 1, "/pricing", measure="share", source="/home"), 1440,
     3 / 6),
    ("paths", _PAGES, Watch("transition", 2, "/signup", measure="share", source="/pricing"), 1440,
     2 / 3),
    ("paths", _PAGES, Watch("transition", 1, "/signup", measure="persons", source="/home"), 1440,
     0),
    ("paths", {**_PAGES, "end": "/signup"},
     Watch("transition", 1, "/signup", measure="share", source="/pricing"), 1440, 1),
    ("paths", _PAGES, Watch("node", 2, "/pricing", measure="visits"), 1440, 3),
    ("paths", _PAGES, Watch("node", 1, "/home", measure="share"), 1440, 6 / 7),
    ("paths", _PAGES, Watch("node", 5, "/home", measure="persons"), 1440, 0),
    ("sessions", {}, Watch("figure", measure="sessions"), 1440, 7),
    ("sessions", {}, Watch("figure", measure="persons"), 1440, 7),
    ("sessions", {}, Watch("figure", measure="events_per_session"), 1440, 13 / 7),
    ("sessions", {}, Watch("figure", measure="average_seconds"), 1440, 360 / 7),
    ("sessions", {}, Watch("figure", measure="median_seconds"), 1440, 60),
    ("sessions", {}, Watch("figure", measure="bounce_rate"), 1440, 3 / 7),
    ("sessions", {}, Watch("row", 0, "/home", measure="entries"), 1440, 6),
    ("sessions", {}, Watch("row", 0, "/about", measure="exits"), 1440, 1),
    ("sessions", {}, Watch("row", measure="exits"), 1440, 0),
    ("revenue", _REVENUE, Watch("figure", 0, "eur", measure="revenue"), 1440, 10),
    ("revenue", {**_REVENUE, "currency": "USD"}, Watch("figure", measure="revenue"), 1440, 4),
    ("revenue", _REVENUE, Watch("figure", 0, "USD", measure="per_active"), 1440, 4 / 7),
    ("revenue", _REVENUE, Watch("figure", 0, "EUR", measure="per_payer"), 1440, 10),
    ("revenue", _REVENUE, Watch("figure", 0, "EUR", measure="payers"), 1440, 1),
    ("revenue", _REVENUE, Watch("figure", 0, "EUR", measure="active"), 1440, 7),
    ("revenue", _REVENUE, Watch("figure", 0, "CHF", measure="revenue"), 1440, 0),
    # Amounts without a currency: there are none, so nobody paid any.
    ("revenue", _REVENUE, Watch("figure", measure="purchases"), 1440, 0),
    ("revenue", _REVENUE, Watch("figure", measure="per_payer"), 1440, None),
    ("game", _GAME, Watch("figure", measure="daily_active_average"), 1440, 7),
    ("game", _GAME, Watch("figure", measure="sessions_per_daily_active"), 1440, 1),
    ("game", _GAME, Watch("figure", measure="median_session_seconds"), 1440, 60),
    # Of the seven who came first on the 12th, four came back on the 13th.
    ("game", _GAME, Watch("cell", 1), 1440, 4 / 7),
    ("game", _GAME, Watch("cell", 7), 1440, None),
    ("game", _GAME, Watch("row", 0, "w1", measure="starts"), 1440, 1),
    ("game", _GAME, Watch("row", 0, "w1", measure="completes"), 1440, 1),
    ("game", _GAME, Watch("row", 0, "w3", measure="persons"), 1440, 0),
    ("game", _GAME, Watch("resource", 0, "gold", measure="sink", item="sword"), 1440, 7),
    ("game", _GAME, Watch("resource", 0, "gold", measure="source", item="shield"), 1440, 0),
]  # fmt: skip


def samples() -> list[Sample]:
    """The pages of each person, a minute apart, in one session a day."""
    days: dict[int, dict[int, tuple[str, ...]]] = {
        1: {5: ("home",)},
        5: {2: ("home",)},
        12: dict.fromkeys((1, 4, 7, 8, 9, 10, 11), ("home",)),
        13: PAGES_OF_THE_DAY,
    }
    return [
        Sample(
            datetime(2026, 1, day, 9, minute, tzinfo=timezone.utc),
            PAGE_VIEW,
            person,
            session=f"{person} on {day}",
            page=f"/{page}",
            properties=PROPERTIES.get((person, page), {}) if day == 13 else {},
        )
        for day, persons in days.items()
        for person, pages in persons.items()
        for minute, page in enumerate(pages)
    ]


def define(
    kind: str, query: dict[str, Any], watch: Watch, window: int, condition: Condition | None = None
) -> AlertDefinition:
    """An alert above 0.5 by day."""
    condition = condition or Condition("absolute", "above", 0.5)
    return AlertDefinition(watch, condition, "day", window, 1, 0, None, kind, query)


def decide(project: int, watching: AlertDefinition, at: datetime = END) -> Verdict:
    """Evaluate an alert by the answers of the insight."""
    assert find_problems(watching) == {}
    asked, zone = AskedProject(project, "UTC", at + DAY), ZoneInfo("UTC")
    answers = {
        one: run_question(asked, one.kind, one.body) for one in questions_of(watching, zone, at)
    }
    return evaluate(watching, zone, at, answers, first_event(project))


def test_each_figure_is_read_as_the_insight_shows_it(database: Connection) -> None:
    project = put(database, "UTC", samples())
    for kind, query, watch, window, value in WATCHED:
        verdict = decide(project, define(kind, query, watch, window))
        name = (kind, watch)
        assert verdict.value == (None if value is None else pytest.approx(value, abs=1e-3)), name
        assert verdict.met is (None if value is None else value > 0.5), name
    compared = {(kind, watch.kind) for kind, _, watch, _, _ in WATCHED}
    kinds = {(kind, watch) for kind, watches in WATCHES.items() for watch in watches}
    older = {None, "trends", "funnel", "retention", "breakdown"}
    assert compared == {(kind, watch) for kind, watch in kinds if kind not in older}


def test_an_empty_day_is_0_and_what_divides_by_nothing_has_no_value(database: Connection) -> None:
    project = put(database, "UTC", samples())
    averages = {"mean", "share", "events_per_session", "average_seconds", "median_seconds",
                "bounce_rate", "per_active", "per_payer", "sessions_per_daily_active",
                "average_session_seconds", "median_session_seconds", "total"}  # fmt: skip
    for kind, query, watch, window, _ in WATCHED:
        verdict = decide(project, define(kind, query, watch, window), END + 30 * DAY)
        expected = None if watch.measure in averages else 0
        assert verdict.value == expected, (kind, watch)
        assert verdict.met is (None if expected is None else False), (kind, watch)
    empty = put(database, "UTC", [])
    for kind, query, watch, window, _ in WATCHED:
        assert decide(empty, define(kind, query, watch, window)).reason == "no_value"


def test_a_day_is_compared_with_the_day_before_and_with_its_sample(database: Connection) -> None:
    project = put(database, "UTC", samples())
    rise = Condition("change", "above", 50)
    bounces = define("sessions", {}, Watch("figure", measure="bounce_rate"), 1440)
    # All seven sessions of the day before were of one page.
    fall = Condition("change", "below", 50)
    found = decide(project, define("sessions", {}, bounces.watch, 1440, fall))
    assert (found.met, found.baseline) == (True, 1)
    new = decide(project, define("lifecycle", {}, Watch("state", measure="new"), 1440, rise))
    assert (new.met, new.value, new.baseline) == (False, 2, 7)
    small = AlertDefinition(bounces.watch, rise, "day", 1440, 1, 8, None, "sessions", {})
    assert decide(project, small).reason == "small_sample"  # seven sessions
    high, length = Condition("absolute", "above", 0.5), Watch("figure", measure="average_seconds")
    average = AlertDefinition(length, high, "day", 1440, 1, 8, None, "sessions", {})
    assert decide(project, average).reason == "small_sample"


def edges(*listed: tuple[str | None, str | None, int]) -> list[dict[str, Any]]:
    """Transitions at the first step."""
    return [
        {"step": 1, "source": source, "target": target, "count": count, "persons": count}
        for source, target, count in listed
    ]


def test_what_an_answer_may_lack_has_no_value() -> None:
    """Others are together as null, and an answer ends after so many."""
    nodes = [{"step": 1, "node": "a", "visits": 9, "persons": 9, "ended": 0}]
    watching = define("paths", {}, Watch("transition", 1, "b", measure="count", source="a"), 60)
    for listed, value in (
        (edges(("a", "c", 4)), 0),
        (edges(("a", "b", 4), ("a", None, 4)), 4),
        (edges(("a", None, 4)), None),
        (edges((None, "b", 4)), None),
        (edges((None, "c", 4), ("c", None, 1)), 0),
        (edges(*[("c", str(number), 1) for number in range(500)]), None),
    ):
        answer = {"edges": listed, "nodes": nodes, "visits": 9}
        found = read_values(watching, answer)
        assert (None if found is None else found[0].value) == value, listed
    node = define("paths", {}, Watch("node", 1, "b", measure="visits"), 60)
    rest = {"step": 1, "node": None, "visits": 1, "persons": 1, "ended": 0}
    assert read_values(node, {"edges": [], "nodes": nodes, "visits": 9}) == [Reading(0, 0)]
    assert read_values(node, {"edges": [], "nodes": [*nodes, rest], "visits": 9}) is None
    pages = [{"page": str(number), "sessions": 1} for number in range(20)]
    page = define("sessions", {}, Watch("row", 0, "/x", measure="exits"), 60)
    assert read_values(page, {"exit_pages": pages}) is None
    assert read_values(page, {"exit_pages": pages[:19]}) == [Reading(0, 0, "/x")]
    others = {"revenue": 1, "purchases": 1, "refunds": 0, "refunded": 0, "payers": 1}
    currencies = [{"currency": str(number), **others} for number in range(20)]
    plain = define("revenue", {}, Watch("figure", measure="revenue"), 60)
    assert read_values(plain, {"currencies": currencies, "active": 5}) is None
    active = define("revenue", {}, Watch("figure", measure="active"), 60)
    assert read_values(active, {"currencies": currencies, "active": 5}) == [Reading(5, 5)]
    levels = [{"level": str(number), "fails": 1} for number in range(100)]
    level = define("game", {}, Watch("row", 0, "x", measure="fails"), 60)
    assert read_values(level, {"progression": levels}) is None


def test_every_kind_of_insight_can_be_watched_by_fields_of_its_answer() -> None:
    assert {one for one in WATCHES if one is not None} == {*INSIGHTS} == {*get_args(InsightKind)}
    kinds = {name for watches in WATCHES.values() for name in watches}
    assert kinds == {*rules.WATCH_KINDS}
    measures = {
        name for watches in WATCHES.values() for one in watches.values() for name in one.measures
    }
    assert measures == {*rules.MEASURES}
    for kind in ("sessions", "revenue", "game"):
        answered = {one.name for one in fields(INSIGHTS[kind].response)}
        assert {*WATCHES[kind]["figure"].measures} <= answered


def test_alerts_know_how_much_an_answer_has() -> None:
    assert session_watches.MAX_PAGES == session_metrics.MAX_PAGES
    assert revenue_watches.MAX_CURRENCIES == MAX_CURRENCIES
    assert game_watches.MAX_ROWS == game.MAX_LEVELS == game.MAX_RESOURCES
    assert game_watches.RETENTION_DAYS == game.RETENTION_DAYS
    edges = INSIGHTS["paths"].request.__annotations__["edges"]
    assert str(path_watches.MAX_EDGES) in str(edges)
