"""What messages about alerts say: numbers with their digits, shares in percent."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from services.processor.alerts.announcing import figures_of
from services.processor.alerts.store import StoredAlert
from shared.alerts.definition import AlertDefinition, Condition, Watch
from shared.alerts.judge import Verdict


@pytest.mark.parametrize(
    ("measure", "value", "text"),
    [
        ("sessions", 1_234_567, "1,234,567"),
        ("sessions", 12_345_678_901_234.5, "12,345,678,901,234.5"),
        ("average_seconds", 98_765.432, "98,765.43"),
        ("average_seconds", 51.428571, "51.4286"),
        ("average_seconds", -math.pi / 1e6, "-3.14159e-06"),
        ("sessions", -0.0, "0"),
        ("sessions", 1e290, "1e+290"),
        # One digit after the point would make the bound of 0.04 % and a value beyond it equal.
        ("bounce_rate", 0.00045, "0.045%"),
        ("bounce_rate", 0.5, "50%"),
    ],
)
def test_a_message_has_the_digits_that_matter(measure: str, value: float, text: str) -> None:
    watch = Watch("figure", measure=measure)
    assert figures_of(alert_on(watch), Verdict(True, value)) == [f"Value: {text}"]


def test_a_row_cannot_push_the_value_out_of_a_message() -> None:
    watch = Watch("row", measure="entries", any_row=True)
    row, value = figures_of(alert_on(watch), Verdict(True, 5, row="/a\r\nValue: 9\n" + "x" * 9_000))
    assert row.startswith("Row: /a Value: 9 xxx")
    assert row.endswith("x…")
    assert len(row) == 205
    assert value == "Value: 5"


def alert_on(watch: Watch) -> StoredAlert:
    """An alert on sessions."""
    high = Condition("absolute", "above", 0)
    return StoredAlert(
        project_id=1,
        project_name="Shop",
        zone=ZoneInfo("UTC"),
        id=1,
        name="Sessions",
        revision=0,
        insight_id=1,
        channel_ids=(),
        is_firing=False,
        evaluated_until=datetime(2026, 1, 1, tzinfo=timezone.utc),
        definition=AlertDefinition(watch, high, "day", 1440, 1, 0, None, "sessions", {}),
    )
