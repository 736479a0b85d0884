"""A page, a site, a device and a campaign are one value each, from raw rows and sealed days."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.processor.sealing.day import seal_day
from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.filters import parse_filter
from services.query.reports.breakdown import BreakdownPlan, run_breakdown
from services.query.reports.trends import TrendsPlan, run_trends
from services.query.sources.series import Series
from shared.events.envelope import Campaign, Event
from tests.conftest import make_project
from tests.support import value_form_oracle as oracle
from tests.support.factories import NOON, an_event
from tests.support.sealing import store, whole

UTC = ZoneInfo("UTC")
DAY = whole(NOON.date(), UTC)
ANY = EventSelector(None)
PAGES = [
    None, "https://shop.test", "https://shop.test/", "https://www.shop.test?x=1", "/", "?x=1", "#a",
    "https://shop.test/a#b", "https://SHOP.test:443/a?b", "/a", "http://[2001:db8::1]/a",
]  # fmt: skip
REFERRERS = [
    *PAGES, "https://google.com./", "https://www.google.com/x", "http://GOOGLE.com:80",
    "https://[2001:db8::1]:8080/x", "https://user:pw@site.test/", "https://www.test/",
    "android-app://com.mail", "javascript:alert(1)",
]  # fmt: skip
DEVICES = [None, "Desktop", "desktop", " Tablet ", " ", "Smart\u00a0 Fridge", "smart fridge\n"]
SOURCES = [None, "News", "news ", "mail", "Spring  Sale", "\tspring\u3000sale", "\u2003"]


class Row(NamedTuple):
    """What an event says, as an earlier version may have stored it."""

    page: str | None
    referrer: str | None = None
    device: str | None = None
    source: str | None = None


ROWS = st.lists(
    st.builds(
        Row,
        st.sampled_from(PAGES),
        st.sampled_from(REFERRERS),
        st.sampled_from(DEVICES),
        st.sampled_from(SOURCES),
    ),
    max_size=12,
)


def put(database: Connection, rows: list[Row]) -> int:
    project_id = make_project(database, "UTC")
    store(database, project_id, [_event(number, row) for number, row in enumerate(rows)])
    return project_id


def _event(number: int, row: Row) -> Event:
    event = an_event("$pageview", at=NOON + timedelta(seconds=number), person=f"p{number}")
    event.page_url, event.referrer, event.device_type = row.page, row.referrer, row.device
    event.campaign = None if row.source is None else Campaign(source=row.source)
    return event


def rows_of(project_id: int, name: str) -> dict[str | None, int | float]:
    plan = BreakdownPlan(EventQuery(project_id, DAY), ANY, Breakdown(name, 50))
    return {item.value: item.events for item in run_breakdown(plan).items}


def count(project_id: int, *condition: Any) -> Any:
    name, operator, value = condition
    raw = {"property": name, "operator": operator, "value": value}
    query = EventQuery(project_id, DAY, parse_filter(raw))
    return run_trends(TrendsPlan(query, (Series(ANY, "count"),), "day")).series[0].total


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ROWS)
def test_every_way_to_write_a_value_counts_as_one(database: Connection, rows: list[Row]) -> None:
    project_id = put(database, rows)
    expected = {
        "page_path": Counter(oracle.page(row.page) for row in rows),
        "referrer_domain": Counter(oracle.referring_site(row.referrer, row.page) for row in rows),
        "device_type": Counter(oracle.folded(row.device) for row in rows),
        "utm_source": Counter(oracle.folded(row.source) for row in rows),
    }
    for is_sealed in (False, True):
        if is_sealed:
            assert seal_day(database, project_id, NOON.date(), UTC).is_clean
        for name, counts in expected.items():
            assert rows_of(project_id, name) == counts, (name, is_sealed)


@pytest.mark.parametrize("written", ["https://google.com./", "HTTP://www.Google.com:80/x"])
@pytest.mark.parametrize("referrer", ["Google.com", " google.com"])
def test_a_filter_finds_a_site_however_it_is_written(
    database: Connection, written: str, referrer: str
) -> None:
    project_id = put(database, [Row("https://shop.test/", written), Row("https://shop.test/")])
    assert count(project_id, "referrer_domain", "is", referrer) == 1
    assert count(project_id, "referrer_domain", "is_not", referrer) == 1


def test_a_filter_ignores_the_case_of_devices_and_campaigns(database: Connection) -> None:
    rows = [Row(None, None, "Desktop", "News"), Row(None, None, "desktop", "news")]
    project_id = put(database, rows)
    assert count(project_id, "device_type", "is", "desktop") == 2
    assert count(project_id, "device_type", "is", " Desktop") == 2
    assert count(project_id, "utm_source", "is", ["NEWS", "mail"]) == 2
    assert count(project_id, "utm_source", "is_not", "News") == 0


@pytest.mark.parametrize("written", ["spring  sale", "Spring\tSale", "\u00a0spring\u2003sale\n"])
def test_a_filter_finds_a_campaign_whatever_its_blanks(database: Connection, written: str) -> None:
    project_id = put(database, [Row(None, source=written), Row(None, source="spring sale")])
    assert rows_of(project_id, "utm_source") == {"spring sale": 2}
    for wanted in (written, "Spring sale"):
        assert count(project_id, "utm_source", "is", wanted) == 2


def test_a_filter_finds_any_text_that_a_property_may_hold(database: Connection) -> None:
    event = an_event("m", at=NOON, person="ann")
    text = "y" * 32_000
    event.properties = msgspec.json.encode({"big": text})
    project_id = make_project(database, "UTC")
    store(database, project_id, [event])
    assert count(project_id, "big", "is", text) == 1
    assert count(project_id, "big", "contains", text[1:]) == 1
