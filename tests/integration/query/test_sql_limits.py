"""How many SQL statements an account may send."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from services.query.saved import sql_audit
from services.query.saved.sql_audit import limit_statements
from shared.errors import TooManyRequests
from shared.runtime.redis_clients import get_state_redis
from tests.conftest import make_project
from tests.support.reader import client_of, make_user


def test_an_account_sends_so_many_statements_a_minute_in_all_its_projects(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_audit, "_PER_MINUTE", 4)
    first, second = make_project(database, "UTC"), make_project(database, "UTC")
    account, neighbour = (client_of(make_user(database, first, second)) for _ in range(2))

    def status(client: Any, project_id: int) -> int:
        path = f"/api/v1/analytics/{project_id}/sql"
        answer = client.post(path, json={"statement": "DELETE FROM events"})
        if answer.status_code == 429:
            assert 0 < int(answer.headers["Retry-After"]) <= 60
            assert "4 SQL statements a minute" in answer.json["message"]
        return int(answer.status_code)

    # Refused statements count, too: reading one is work.
    assert [status(account, one) for one in (first, second) * 2] == [422] * 4
    assert status(account, second) == 429
    assert status(neighbour, second) == 422


def test_an_account_sends_so_many_statements_a_day(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_audit, "_PER_DAY", 2)
    user = make_user(database)
    for _ in range(2):
        limit_statements(get_state_redis(), user)
    with pytest.raises(TooManyRequests, match="2 SQL statements a day"):
        limit_statements(get_state_redis(), user)
