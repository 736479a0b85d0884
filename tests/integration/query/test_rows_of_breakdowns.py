"""What has no value, and all others, are told from values that are named like them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from services.query.parsing.events import EventQuery
from services.query.reports.paths import PathsPlan, run_paths
from services.query.reports.timeseries import TimeseriesPlan, run_timeseries
from tests.support.insight_oracle import span_of
from tests.support.insights import Sample, put
from tests.support.reader import client_of, make_user

BEGIN = datetime(2026, 3, 10, tzinfo=timezone.utc)
SPAN = span_of("UTC", BEGIN.date(), BEGIN.date())


def test_an_event_named_other_is_not_all_other_events(database: Connection) -> None:
    # "Other" is the most frequent one of twelve names; a chart has ten lines.
    rows = [Sample(BEGIN, f"event {number:02}", 1) for number in range(11)]
    rows += [Sample(BEGIN, "Other", 1)] * 2
    plan = TimeseriesPlan(EventQuery(put(database, "UTC", rows), SPAN), "day", split_by_name=True)
    series = run_timeseries(plan).series
    assert [(line.label, line.is_other, line.total) for line in series] == [
        ("Other", False, 2),
        *((f"event {number:02}", False, 1) for number in range(9)),
        (None, True, 2),
    ]


def test_a_path_to_an_event_named_other_is_not_one_to_a_rare_event(database: Connection) -> None:
    # 200 names are more frequent than "rare".
    names = ["Other", *(f"event {number:03}" for number in range(199))]
    rows = [Sample(BEGIN, name, 9) for name in names for _ in range(2)]
    rows += [
        Sample(BEGIN + timedelta(hours=2 * person, minutes=minute), name, person)
        for person, target in ((1, "Other"), (2, "rare"))
        for minute, name in enumerate(("event 000", target))
    ]
    answer = run_paths(PathsPlan(EventQuery(put(database, "UTC", rows), SPAN), "event"))
    found = {
        edge.target: edge.persons
        for edge in answer.edges
        if (edge.step, edge.source) == (1, "event 000")
    }
    assert found == {"Other": 1, None: 1}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"value": "a", "is_other": True}, "value"),
        ({"is_missing": True, "is_other": True}, "value"),
        ({"is_missing": True, "breakdown": None}, "breakdown"),
        ({"value": "never sent"}, "value"),
        ({"attribution": "step"}, "attribution_step"),
        ({"attribution": "step", "attribution_step": 2}, "attribution_step"),
        ({"attribution_step": 1}, "attribution_step"),
        ({"attribution": "any_step"}, "attribution"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_name(
    database: Connection, more: dict[str, Any], field: str
) -> None:
    project_id = put(database, "UTC", [Sample(BEGIN, "m", 1, "a")])
    query = {"steps": ["m", "m"], "breakdown": {"property": "country"}, "step": 0}
    answer = client_of(make_user(database, project_id)).post(
        f"/api/v1/analytics/{project_id}/insights/funnel/persons", json=query | more
    )
    assert (answer.status_code, [*answer.json["errors"]]) == (422, [field])
