"""The rules of alerts: verdicts by hand, states, windows where clocks change, quiet hours."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.alerts.definition import AlertDefinition, Condition, QuietHours, Watch
from shared.alerts.evaluation import evaluate, needed_questions, questions_of
from shared.alerts.instants import Window, instants, windows_of
from shared.alerts.judge import judge
from shared.alerts.problems import find_problems
from shared.alerts.questions import (
    Earlier,
    question_of,
    read_earlier_values,
    read_values,
)
from shared.alerts.state import Change, State, Status, advance, replay, withdraw
from shared.alerts.watches.watch_kind import Reading

BERLIN = ZoneInfo("Europe/Berlin")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def definition(condition: Condition | None = None, **fields: Any) -> AlertDefinition:
    """A definition of a trend by the hour, with other fields."""
    usual: dict[str, Any] = {
        "watch": Watch("series"),
        "condition": condition or Condition("absolute", "above", 10),
        "every": "hour",
        "window_minutes": 60,
        "evaluations": 1,
        "min_sample": 0,
        "quiet_hours": None,
        "kind": "trends",
        "query": {"series": [{}]},
    }
    return AlertDefinition(**usual | fields)


def verdict(condition: Condition, value: float, *earlier: float | None, **fields: Any) -> Any:
    """Judge a value with the values of earlier windows."""
    before = [None if one is None else Earlier([Reading(one, one)]) for one in earlier]
    return judge(definition(condition, **fields), [Reading(value, value)], before)


@pytest.mark.parametrize(
    ("condition", "value", "earlier", "met"),
    [
        (Condition("absolute", "above", 10), 10, [], False),
        (Condition("absolute", "above", 10), 10.5, [], True),
        (Condition("absolute", "below", 10), 9, [], True),
        (Condition("change", "above", 50), 150, [100], False),
        (Condition("change", "above", 50), 151, [100], True),
        (Condition("change", "below", 50), 49, [100], True),
        (Condition("change", "either", 50), 49, [100], True),
        (Condition("change", "above", 50), 5, [0], None),
        (Condition("change", "above", 50), 5, [None], None),
        # The median of 10, 20 and 90 is 20; their mean would be 40.
        (Condition("change", "above", 50, "weeks", 3), 31, [10, 90, 20], True),
        (Condition("change", "above", 50, "weeks", 3), 31, [None, 90, 20], False),
        # m = 11, MAD = 1: from 11 - 3 * 1.4826 = 6.55 to 15.45.
        (Condition("anomaly", "either", 3, weeks=5), 15.4, [10, 11, 12, 11, 9], False),
        (Condition("anomaly", "either", 3, weeks=5), 15.5, [10, 11, 12, 11, 9], True),
        (Condition("anomaly", "below", 3, weeks=5), 15.5, [10, 11, 12, 11, 9], False),
        # MAD = 0, so s = 1.2533 * 10 / 5 = 2.5066: up to 17.5.
        (Condition("anomaly", "above", 3, weeks=5), 17.5, [10, 10, 10, 10, 20], False),
        (Condition("anomaly", "above", 3, weeks=5), 17.6, [10, 10, 10, 10, 20], True),
        (Condition("anomaly", "either", 3, weeks=4), 10, [10, 10, 10, 10], False),
        (Condition("anomaly", "either", 3, weeks=4), 11, [10, 10, 10, 10], True),
        (Condition("anomaly", "either", 3, weeks=5), 99, [10, 11, 12, None, None], None),
    ],
)
def test_a_condition_is_met_as_its_formula_says(
    condition: Condition, value: float, earlier: list[float | None], met: bool | None
) -> None:
    assert verdict(condition, value, *earlier).met is met


def test_a_small_sample_gives_no_verdict() -> None:
    doubled = Condition("change", "above", 50)
    assert verdict(doubled, 8, 4, min_sample=9).reason == "small_sample"
    assert verdict(doubled, 8, 4, min_sample=8).met is True
    # Of a plain number there is no sample: "fewer than 5" is what is asked for.
    assert verdict(Condition("absolute", "below", 5), 1, min_sample=100).met is True
    conversion = Watch("step", 1, measure="conversion")
    below = Condition("absolute", "below", 0.5)
    share = definition(below, kind="funnel", watch=conversion, min_sample=10)
    assert judge(share, [Reading(0.1, 9)], []).reason == "small_sample"
    assert judge(share, [Reading(0.1, 10)], []).met is True


def test_a_lag_of_few_stored_events_has_a_small_sample() -> None:
    lag: dict[str, Any] = {"kind": None, "query": {}, "watch": Watch("lag"), "min_sample": 5}
    slow = definition(Condition("absolute", "above", 60), **lag)
    for stored, met in ((4, None), (5, True)):
        readings = read_values(slow, {"stored": stored, "max_wait_seconds": 90.5})
        assert judge(slow, readings, []).met is met


@pytest.mark.parametrize("kind", ["change", "anomaly"])
def test_amounts_near_the_largest_double_have_bounds(kind: str) -> None:
    """Anybody who sends events may send such amounts; JSON has no infinity."""
    odd = Condition(kind, "either", 1e15, "weeks", 4)
    watching = definition(odd, kind="revenue", watch=Watch("figure", 0, "EUR", measure="revenue"))

    def answer(revenue: float) -> dict[str, Any]:
        figures = {"currency": "EUR", "revenue": revenue}
        return {"currencies": [figures], "active": 1}

    largest = sys.float_info.max
    weeks = [read_earlier_values(watching, answer(one * largest)) for one in (1, -1, 1, 0.9)]
    found = judge(watching, read_values(watching, answer(-largest)), weeks)
    assert found.met is False
    assert all(math.isfinite(one or math.nan) for one in (found.value, found.low, found.high))


def test_of_many_rows_the_one_furthest_beyond_its_bound_decides() -> None:
    rows = [Reading(12, 12, "DE"), Reading(40, 40, "FI"), Reading(3, 3, None)]
    found = judge(definition(), rows, [])
    assert (found.met, found.row, found.value) == (True, "FI", 40)
    rising = definition(Condition("change", "above", 100))
    before = Earlier([Reading(11, 11, "DE"), Reading(1, 1, None)])
    found = judge(rising, rows, [before])  # FI is new: there is nothing to compare it with
    assert (found.met, found.row) == (True, None)


def test_a_row_beyond_those_that_are_reported_has_no_value() -> None:
    watching = definition(kind="breakdown", watch=Watch("row", value="FI", measure="events"))
    items = [{"value": "DE", "events": 3, "persons": 1}]
    assert read_values(watching, {"items": items, "has_more": True}) is None
    assert read_values(watching, {"items": items, "has_more": False}) == [Reading(0, 0, "FI")]


def test_a_row_that_was_further_down_before_is_compared_with_what_it_had() -> None:
    """The insight shows two rows; FI was its third one in each of the weeks before."""
    shown = {"breakdown": {"property": "country", "limit": 2}}
    watch = Watch("row", any_row=True, measure="events")
    odd = Condition("anomaly", "either", 3, weeks=4)
    watching = definition(odd, kind="breakdown", watch=watch, query=shown)
    window = Window(
        datetime(2026, 3, 2, tzinfo=timezone.utc), datetime(2026, 3, 3, tzinfo=timezone.utc)
    )
    assert question_of(watching, window).body["breakdown"]["limit"] == 100

    def answer(*rows: tuple[str, int], has_more: bool = False) -> dict[str, Any]:
        items = [{"value": value, "events": events, "persons": 1} for value, events in rows]
        return {"items": items, "has_more": has_more}

    now = read_values(watching, answer(("DE", 50), ("FI", 41), ("SE", 40)))
    assert now is not None
    assert [one.row for one in now] == ["DE", "FI"]
    weeks = [answer(("DE", 50), ("SE", 42), ("FI", number)) for number in (40, 41, 40, 41)]
    assert judge(watching, now, [read_earlier_values(watching, one) for one in weeks]).met is False
    # Beyond what an answer has, nothing is known of a row; where it has all, the row had nothing.
    cut = [answer(("DE", 50), ("SE", 42), has_more=True)] * 4
    assert judge(watching, now, [read_earlier_values(watching, one) for one in cut]).met is False
    all_rows = [answer(("DE", 50), ("SE", 42))] * 4
    found = judge(watching, now, [read_earlier_values(watching, one) for one in all_rows])
    assert (found.met, found.row, found.baseline) == (True, "FI", 0)


def test_a_row_without_a_denominator_before_is_compared_with_nothing() -> None:
    query = {"series": [{}, {}], "formula": "A / B", "breakdown": {"property": "country"}}
    rising = Condition("change", "above", 50, "weeks", 2)
    watching = definition(rising, watch=Watch("series", any_row=True), query=query)
    lines = [{"total": None, "breakdown": "DE"}, {"total": 0.5, "breakdown": "FI"}]
    earlier = read_earlier_values(watching, {"series": lines})
    assert earlier is not None
    assert [earlier.of_row(row) for row in ("DE", "FI", "SE")] == [None, 0.5, None]


def test_an_alert_fires_after_so_many_evaluations_and_is_resolved_by_one() -> None:
    state, changes = State(), []
    for met in [True, False, True, None, True, True, False, False]:
        step = advance(state, met, 2, is_quiet=False)
        state = step.state
        changes.append(step.send)
    assert changes == [None, None, None, None, Change.FIRED, None, Change.RESOLVED, None]


def test_what_is_so_after_the_quiet_hours_is_sent_then() -> None:
    fired = advance(State(), True, 1, is_quiet=True)
    assert (fired.change, fired.send) == (Change.FIRED, None)
    assert advance(fired.state, True, 1, is_quiet=False).send is Change.FIRED
    # Fired and resolved within the quiet hours: nobody hears of it.
    resolved = advance(fired.state, False, 1, is_quiet=True)
    assert advance(resolved.state, False, 1, is_quiet=False).send is None
    # Resolved within the quiet hours, sent before: that is sent afterwards.
    sent = State(Status.FIRING, 1, Status.FIRING)
    resolved = advance(sent, False, 1, is_quiet=True)
    assert advance(resolved.state, None, 1, is_quiet=False).send is Change.RESOLVED


def test_late_events_withdraw_what_was_sent_and_only_that() -> None:
    sent = State(Status.FIRING, 1, Status.FIRING)
    step = withdraw(sent, replay([False, True], 2), is_quiet=False)
    assert (step.change, step.send) == (Change.WITHDRAWN, Change.WITHDRAWN)
    assert step.state == State(Status.OK, 1, Status.OK)
    unsent = State(Status.FIRING, 1, Status.OK)
    assert withdraw(unsent, State(), is_quiet=False).send is None


def test_quiet_hours_are_local_and_may_pass_midnight() -> None:
    night = QuietHours("22:00", "07:00")
    for hour, quiet in ((20, False), (21, True), (5, True), (6, False)):
        winter = datetime(2026, 1, 10, hour, tzinfo=timezone.utc)  # 21:00 UTC is 22:00
        assert night.include(winter, BERLIN) is quiet, hour
    assert not QuietHours("12:00", "12:00").include(datetime.now(timezone.utc), BERLIN)


def test_days_are_local_and_have_23_to_25_hours() -> None:
    daily = definition(every="day", window_minutes=1440)
    begin = datetime(2026, 3, 27, tzinfo=timezone.utc)
    ends = [*instants("day", BERLIN, begin, begin + 4 * 24 * HOUR)]
    lengths = [windows_of(daily, BERLIN, end)[0] for end in ends]
    assert [(one.end - one.start) // HOUR for one in lengths] == [24, 24, 23, 24]
    # In Santiago clocks skip the midnight of 6 September: that day begins at 01:00.
    santiago = ZoneInfo("America/Santiago")
    weeks = definition(Condition("change", "above", 10, "weeks", 2), window_minutes=1440)
    found = windows_of(weeks, santiago, datetime(2026, 9, 6, 4, tzinfo=timezone.utc))
    begins = [one.start.astimezone(santiago) for one in found]
    assert [(one.day, one.hour) for one in begins] == [(5, 0), (29, 0), (22, 0)]
    assert [(one.end - one.start) // HOUR for one in found] == [24, 24, 24]
    weekly = [*instants("week", BERLIN, begin, begin + 14 * 24 * HOUR)]
    assert [one.astimezone(BERLIN).isoformat() for one in weekly] == [
        "2026-03-30T00:00:00+02:00", "2026-04-06T00:00:00+02:00",
    ]  # fmt: skip


def test_the_same_hours_of_earlier_weeks_are_those_of_the_clock() -> None:
    weeks = definition(Condition("change", "above", 10, "weeks", 2))
    end = datetime(2026, 4, 1, 12, tzinfo=BERLIN).astimezone(timezone.utc)
    hours = [one.end.astimezone(BERLIN).hour for one in windows_of(weeks, BERLIN, end)]
    assert hours == [12, 12, 12]


def test_hours_begin_with_the_local_ones() -> None:
    # On Lord Howe clocks go back by half an hour, to 10:30 ahead of UTC, at 15:00.
    begin = datetime(2026, 4, 4, 12, tzinfo=timezone.utc)
    minutes = [one.minute for one in instants("hour", LORD_HOWE, begin, begin + 6 * HOUR)]
    assert minutes == [0, 0, 30, 30, 30]  # the third one has 90 minutes
    ends = [one.minute for one in instants("minute5", LORD_HOWE, begin, begin + HOUR)]
    assert ends == [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 0]


def test_a_cell_of_retention_is_whole_when_it_is_read() -> None:
    cell = definition(
        kind="retention", query={"interval": "week"}, watch=Watch("cell", 2), every="day"
    )
    at = datetime(2026, 2, 12, tzinfo=timezone.utc)  # a Thursday
    [window] = windows_of(cell, ZoneInfo("UTC"), at)
    monday = datetime(2026, 2, 9, tzinfo=timezone.utc)
    assert window == Window(monday - timedelta(weeks=3), monday)


STICKY: dict[str, Any] = {
    "kind": "stickiness", "query": {}, "window_minutes": 10_080,
    "watch": Watch("frequency", measure="persons", at_least=7),
}  # fmt: skip
PATHS: dict[str, Any] = {"kind": "paths", "query": {"steps": 5}}


def test_a_lifecycle_and_stickiness_look_at_whole_days_and_weeks() -> None:
    at = datetime(2026, 3, 31, 9, 5, tzinfo=timezone.utc)  # a Tuesday; clocks changed on Sunday
    monday = datetime(2026, 3, 29, 22, tzinfo=timezone.utc)
    changed = Condition("change", "above", 50)
    day = definition(
        changed, kind="lifecycle", watch=Watch("state", measure="new"), window_minutes=1440
    )
    assert windows_of(day, BERLIN, at) == [
        Window(monday, monday + timedelta(days=1)),
        Window(monday - timedelta(hours=23), monday),
    ]
    hour = replace(day, window_minutes=60)
    half = ZoneInfo("Asia/Kolkata")  # its hours begin at half past of UTC
    assert windows_of(hour, half, at)[0] == Window(at - timedelta(minutes=95), at - 35 * MINUTE)
    week = definition(changed, **STICKY)
    start = datetime(2026, 3, 23, 23, tzinfo=timezone.utc)
    assert windows_of(week, BERLIN, at)[0] == Window(start, monday + timedelta(days=1))
    by_week = replace(week, query={"interval": "week"})
    assert windows_of(by_week, BERLIN, at)[0].end == monday


def rows_of(*items: tuple[str | None, int], has_more: bool = False) -> dict[str, Any]:
    """The answer of a breakdown."""
    listed = [{"value": value, "events": events, "persons": 1} for value, events in items]
    return {"items": listed, "has_more": has_more}


@pytest.mark.parametrize(
    ("now", "before", "found"),
    [
        # FI was there two periods ago, and is gone.
        ([("DE", 50)], [[("DE", 50)], [("FI", 9), ("DE", 50)], []], (True, "FI", 0)),
        # The row without the property, too.
        ([("DE", 50)], [[("DE", 50), (None, 9)]], (True, None, 0)),
        # It is no more among the two that are shown, and still has enough.
        ([("DE", 50), ("SE", 30), ("FI", 20)], [[("FI", 90), ("DE", 50)]], (False, "FI", 20)),
        # Nothing is left at all.
        ([], [[("DE", 50)]], (True, "DE", 0)),
        # It was never shown.
        ([("DE", 50)], [[("DE", 50), ("SE", 40), ("FI", 30)]], (True, "SE", 0)),
        # The project had no events by then.
        ([("DE", 50)], [None, None, None], (False, "DE", 50)),
    ],
)
def test_any_row_below_a_value_notices_rows_that_vanish(
    now: Any, before: list[Any], found: Any
) -> None:
    watching = definition(
        Condition("absolute", "below", 5),
        kind="breakdown",
        watch=Watch("row", any_row=True, measure="events"),
        query={"breakdown": {"property": "country", "limit": 2}},
    )
    first = datetime(2026, 2, 1, tzinfo=timezone.utc)
    known = sum(one is not None for one in before)
    at = first + known * HOUR + HOUR  # so many periods before this one lie after the first event
    asked = questions_of(watching, ZoneInfo("UTC"), at)
    assert len(asked) == 4
    lists = [now, *before, *[[]] * 3][:4]
    answers = {one: rows_of(*(items or ())) for one, items in zip(asked, lists, strict=True)}
    verdict = evaluate(watching, ZoneInfo("UTC"), at, answers, first)
    assert (verdict.met, verdict.row, verdict.value) == found
    assert verdict.baseline is None
    needed = needed_questions(watching, ZoneInfo("UTC"), at, first)
    assert needed == asked[: known + 1]
    assert (
        evaluate(watching, ZoneInfo("UTC"), at, {one: answers[one] for one in needed}, first)
        == verdict
    )
    above = replace(watching, condition=Condition("absolute", "above", 5))
    assert len(questions_of(above, ZoneInfo("UTC"), at)) == 1


def test_nothing_is_asked_about_the_time_before_the_first_event() -> None:
    watching = definition(Condition("change", "below", 50))
    at = datetime(2026, 2, 2, tzinfo=timezone.utc)
    for first in (None, at):
        assert needed_questions(watching, ZoneInfo("UTC"), at, first) == []
        assert evaluate(watching, ZoneInfo("UTC"), at, {}, first).met is None


def test_a_row_that_may_be_among_those_beyond_an_answer_has_not_vanished() -> None:
    watching = definition(
        Condition("change", "below", 50),
        kind="breakdown",
        watch=Watch("row", any_row=True, measure="events"),
        query={"breakdown": {"property": "country"}},
    )
    at = datetime(2026, 2, 2, tzinfo=timezone.utc)
    now, before = questions_of(watching, ZoneInfo("UTC"), at)
    first = at - timedelta(days=9)
    for has_more, met in ((True, False), (False, True)):
        answers = {
            now: rows_of(("DE", 50), has_more=has_more),
            before: rows_of(("FI", 9), ("DE", 50)),
        }
        verdict = evaluate(watching, ZoneInfo("UTC"), at, answers, first)
        assert (verdict.met, verdict.row) == (met, "FI" if met else "DE")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "tables"}, "insight_id"),
        ({"kind": "funnel", "query": {"steps": [{}, {}]}}, "watch.kind"),
        ({"kind": "sessions"}, "watch.kind"),
        ({"kind": "sessions", "watch": Watch("figure", measure="revenue")}, "watch.measure"),
        (
            {"kind": "sessions", "watch": Watch("figure", measure="persons", any_row=True)},
            "watch.any_row",
        ),
        (
            {
                "kind": "lifecycle",
                "watch": Watch("state", measure="new"),
                "window_minutes": 1_500,
            },
            "window_minutes",
        ),
        ({**STICKY, "watch": Watch("frequency", 1, measure="mean")}, "watch.index"),
        (
            {**STICKY, "watch": Watch("frequency", measure="persons", at_least=8)},
            "watch.at_least",
        ),
        ({**STICKY, "window_minutes": 60}, "window_minutes"),
        ({**STICKY, "query": {"interval": "month"}}, "insight_id"),
        ({"window_minutes": 20_160}, "window_minutes"),
        ({**PATHS, "watch": Watch("transition", 1, "b", measure="count")}, "watch.source"),
        (
            {**PATHS, "watch": Watch("transition", 1, measure="count", source="a")},
            "watch.value",
        ),
        (
            {**PATHS, "watch": Watch("transition", 1, "a", measure="count", source="a")},
            "watch.value",
        ),
        (
            {**PATHS, "watch": Watch("transition", 5, "b", measure="count", source="a")},
            "watch.index",
        ),
        ({**PATHS, "watch": Watch("node", 6, "b", measure="visits")}, "watch.index"),
        ({**PATHS, "watch": Watch("node", 1, measure="visits")}, "watch.value"),
        (
            {
                "kind": "revenue",
                "query": {"currency": "eur"},
                "watch": Watch("figure", value="USD", measure="revenue"),
            },
            "watch.value",
        ),
        (
            {
                "kind": "paths",
                "query": {"hidden": ["b"]},
                "watch": Watch("transition", 1, "b", measure="count", source="a"),
            },
            "watch.value",
        ),
        (
            {
                "kind": "paths",
                "query": {"start": "a"},
                "watch": Watch("transition", 1, "c", measure="count", source="b"),
            },
            "watch.source",
        ),
        (
            {
                "kind": "paths",
                "query": {"end": "a"},
                "watch": Watch("node", 1, "b", measure="share"),
            },
            "watch.value",
        ),
        (
            {
                "kind": "sessions",
                "watch": Watch("figure", measure="bounce_rate"),
                "condition": Condition("absolute", "above", 50),
            },
            "condition.threshold",
        ),
        ({"kind": "game", "watch": Watch("cell", 2)}, "watch.index"),
        ({"kind": "game", "watch": Watch("row", measure="fails")}, "watch.value"),
        ({"kind": None}, "insight_id"),
        ({"watch": Watch("series", 1)}, "watch.index"),
        ({"watch": Watch("series", any_row=True)}, "watch.any_row"),
        ({"watch": Watch("series", measure="events")}, "watch.measure"),
        ({"kind": None, "watch": Watch("lag"), "window_minutes": 20}, "window_minutes"),
        ({"condition": Condition("anomaly", "above", 3, weeks=3)}, "condition.weeks"),
        ({"condition": Condition("change", "above", 0)}, "condition.threshold"),
        ({"condition": Condition("absolute", "either", 1)}, "condition.direction"),
    ],
)
def test_what_cannot_be_watched_is_refused_by_its_field(fields: Any, field: str) -> None:
    assert [*find_problems(replace(definition(), **fields))] == [field]
    assert find_problems(definition()) == {}
