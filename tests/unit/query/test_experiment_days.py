"""Values of an experiment's persons by day: what a few long numbers cost all others."""

from __future__ import annotations

import tracemalloc
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np

from services.query.parsing.events import EventQuery
from services.query.parsing.experiments import ExperimentPlan, parse_metrics
from services.query.parsing.time_range import TimeRange, interval_starts
from services.query.sources.copy_columns import microseconds
from services.query.sources.exact_numbers import short_numbers
from services.query.sources.experiment_days import person_days
from services.query.sources.experiment_events import MetricEvents
from services.query.sources.experiment_exposures import Exposed

_BEGIN = datetime(2026, 4, 2, tzinfo=timezone.utc)
_SPAN = TimeRange(_BEGIN, _BEGIN + timedelta(days=2), ZoneInfo("UTC"))
_METRICS = parse_metrics(
    [{"name": "revenue", "kind": "sum", "event": "bought", "value_property": "amount"}]
)
_PLAN = ExperimentPlan(EventQuery(1, _SPAN), "flag", (("a", 1.0),), _METRICS, 100, _SPAN.end)
_PERSONS = 100_000


def _peak(amounts: list[float], long_number: str | None) -> int:
    """Return the bytes that were in use at most; the long number is the first person's."""
    at = np.full(_PERSONS, microseconds(_BEGIN))
    nobody = np.zeros(0, np.int64)
    persons = np.arange(1, _PERSONS + 1)
    exposed = Exposed(persons, at, np.zeros(_PERSONS, int), np.zeros(_PERSONS, int), nobody)
    long_row = np.full(_PERSONS, -1)
    long_row[0] = -1 if long_number is None else 0
    events = MetricEvents(
        [_METRICS[0].selector], persons, at, np.ones(_PERSONS, np.int64),
        {"amount": short_numbers(np.resize(np.array(amounts), _PERSONS))},
        long_row, {} if long_number is None else {"amount": [long_number]},
    )  # fmt: skip
    tracemalloc.start()
    try:
        rows = [
            len(days.day)
            for days in person_days(_PLAN, exposed, events, interval_starts(_SPAN, "day"))
        ]
        assert sum(rows) == _PERSONS
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_number_of_300_digits_does_not_make_those_of_others_as_long() -> None:
    usual = _peak([19.99], None)
    assert _peak([19.99], "1" + "0" * 300) < 1.5 * usual
