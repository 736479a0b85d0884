"""Alerts for tests: saved straight into the table, and a query service for the schedule to ask."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json
from werkzeug.serving import make_server

from services.processor.alerts.asking import QueryService
from services.query.app import create_app
from shared.runtime.settings import get_settings

ABOVE_TEN = {"kind": "absolute", "direction": "above", "threshold": 10.0}
SERIES = {"kind": "series"}


@contextmanager
def query_service() -> Iterator[QueryService]:
    """The query service on a port of its own, as the processor asks it over HTTP."""
    server = make_server("127.0.0.1", 0, create_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        yield QueryService(replace(get_settings(), query_url=url))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def save_insight(connection: Connection, project_id: int, kind: str, query: Any) -> int:
    """Save an insight; answers its id."""
    return _insert(
        connection,
        "INSERT INTO saved_insights (project_id, name, kind, query) VALUES (%s, 'x', %s, %s)"
        " RETURNING id",
        (project_id, kind, Json(query)),
    )


def save_alert(
    connection: Connection, project_id: int, insight_id: int | None, begin: datetime, **fields: Any
) -> int:
    """Save an alert that is evaluated from an instant on; answers its id."""
    values = {"watch": SERIES, "condition": ABOVE_TEN, "every": "hour", "window_minutes": 60}
    values |= {"evaluations": 1, "min_sample": 0, "quiet_hours": None, "channel_ids": []} | fields
    columns = [*values]
    plain = [Json(one) if isinstance(one, dict | list) else one for one in values.values()]
    return _insert(
        connection,
        f"INSERT INTO alerts (project_id, name, insight_id, evaluated_until, {', '.join(columns)})"
        f" VALUES (%s, 'Test', %s, %s{', %s' * len(columns)}) RETURNING id",
        (project_id, insight_id, begin, *plain),
    )


def _insert(connection: Connection, statement: str, parameters: tuple[Any, ...]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        (made,) = cursor.fetchone() or (0,)
    connection.commit()
    return int(made)


def rows(connection: Connection, statement: str, *parameters: Any) -> list[Any]:
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found = cursor.fetchall()
    connection.commit()
    return found
