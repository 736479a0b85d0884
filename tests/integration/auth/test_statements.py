"""SQL statements in the audit log: short entries, and repeats counted."""

from __future__ import annotations

import json
from typing import Any

from psycopg2.extensions import connection as Connection

from services.auth.statements import RunStatement, record_statement
from tests.support.reader import make_user


def entries(connection: Connection, project_id: int) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT details FROM audit_log WHERE project_id = %s AND action = 'sql.run' "
            "ORDER BY id",
            (project_id,),
        )
        found = [details for (details,) in cursor.fetchall()]
    connection.commit()
    return found


def test_an_entry_is_short_and_long_statements_stay_apart(
    database: Connection, project_id: int
) -> None:
    user = make_user(database, project_id)
    for end in ("a", "b", "a"):
        statement = "SELECT " + "é" * 4_900 + end
        record_statement(project_id, RunStatement(user, statement, "192.0.2.1"))
    first, second = entries(database, project_id)
    assert len(json.dumps(first, ensure_ascii=False).encode()) <= 1_100
    assert first["statement"] == second["statement"]
    assert first["statement"].startswith("SELECT éé")
    assert first["sha256"] != second["sha256"]
    assert (first["times"], second.get("times")) == (2, None)


def test_a_repeat_within_a_minute_is_counted_for_who_sent_it(
    database: Connection, project_id: int
) -> None:
    user, other = make_user(database, project_id), make_user(database, project_id)
    for sender, address in ((user, "192.0.2.1"),) * 3 + ((user, "192.0.2.2"), (other, "192.0.2.1")):
        record_statement(project_id, RunStatement(sender, "SELECT ?", address))
    assert [one.get("times", 1) for one in entries(database, project_id)] == [3, 1, 1]
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_log SET at = at - interval '61 seconds' WHERE project_id = %s",
            (project_id,),
        )
    database.commit()
    record_statement(project_id, RunStatement(user, "SELECT ?", "192.0.2.1"))
    assert [one.get("times", 1) for one in entries(database, project_id)] == [3, 1, 1, 1]
