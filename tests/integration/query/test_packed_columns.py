"""Events of experiments are read as long values, unless these would fill PostgreSQL's memory."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from services.query.sources import copy_columns
from tests.integration.query.test_experiments import assert_counted_by_hand, odd_samples, plan_of
from tests.support.insights import put


def test_postgresql_holds_no_more_rows_of_an_experiment_than_allowed(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = datetime(2026, 4, 2, 13, 30, tzinfo=timezone.utc)
    rows = odd_samples(9, begin)
    plan = plan_of(put(database, "UTC", rows), "UTC", begin, 7.25)
    copied: list[int] = []

    def fetch(*arguments: Any) -> dict[str, Any]:
        found = one_by_one(*arguments)
        copied.append(len(found["person"]))
        return found

    one_by_one = copy_columns.fetch
    monkeypatch.setattr(copy_columns, "fetch", fetch)
    monkeypatch.setattr(copy_columns, "_SAMPLED_PERCENT", 100)
    packed = assert_counted_by_hand(database, plan)
    assert not copied
    monkeypatch.setattr(copy_columns, "MAX_PACKED_ROWS", 20)
    assert assert_counted_by_hand(database, plan) == packed
    assert len(copied) == 2
    assert min(copied) > 20
