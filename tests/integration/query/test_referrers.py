"""Sources of visits are of the channel that 200 referrers, labelled by hand, say."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta, timezone
from pathlib import Path

from psycopg2.extensions import connection as Connection
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from services.query.sources.session_columns import CHANNELS, session_text
from shared.models import SessionRow
from tests.support.insights import Sample, put

_TABLE = Path(__file__).parent / "referrers.csv"
ROWS = list(csv.DictReader(_TABLE.read_text().splitlines()))
BEGIN = datetime(2026, 3, 10, tzinfo=timezone.utc)


def test_no_labelled_referrer_is_of_a_wrong_channel(database: Connection) -> None:
    visits = [
        Sample(
            BEGIN + timedelta(seconds=number),
            "page_view",
            number + 1,
            session=f"visit-{number}",
            page="https://reef.example/",
            referrer=row["referrer"] or None,
            utm_source=row["utm_source"] or None,
        )
        for number, row in enumerate(ROWS)
    ]
    project_id = put(database, "UTC", visits)
    asked = select(SessionRow.session_id, session_text("channel", project_id)).where(
        SessionRow.project_id == project_id
    )
    text = asked.compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )
    with database.cursor() as cursor:
        cursor.execute(str(text).replace("%%", "%"))
        found = dict(cursor.fetchall())
    wrong = [
        (row["referrer"], row["utm_source"], row["channel"], found[f"visit-{number}"])
        for number, row in enumerate(ROWS)
        if found[f"visit-{number}"] != row["channel"]
    ]
    assert wrong == []


def test_the_table_has_enough_referrers_with_operator_and_source() -> None:
    assert len({(row["referrer"], row["utm_source"]) for row in ROWS}) == len(ROWS) >= 200
    assert {row["channel"] for row in ROWS} <= set(CHANNELS)
    assert all(row["operator"] and row["source"].startswith("https://") for row in ROWS)
