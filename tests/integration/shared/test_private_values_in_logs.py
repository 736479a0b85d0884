"""Logs hold no values of rows, and nothing secret of a path, when something fails."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from services.query.app import create_app
from shared.runtime.logs import configure_logging
from tests.conftest import make_project

PRIVATE = "ada@example.org\n\nof a row"


@pytest.fixture(autouse=True)
def _root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_an_error_of_postgresql_is_logged_without_the_row(
    database: Connection, capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    project_id = make_project(database, "UTC")
    configure_logging("processor", level="INFO", log_format=log_format)
    log = logging.getLogger("a")
    statement = (
        "INSERT INTO person_distinct_ids (project_id, distinct_id, person_id) VALUES (%s, %s, 1)"
    )
    with database.cursor() as cursor:
        cursor.execute(statement, (project_id, PRIVATE))
        with pytest.raises(psycopg2.Error, match="of a row") as raised:
            cursor.execute(statement, (project_id, PRIVATE))
    database.rollback()
    log.warning("retrying: %s", raised.value)
    try:
        raise RuntimeError("not stored") from raised.value
    except RuntimeError:
        log.exception("failed")
    written = capsys.readouterr().err
    assert "of a row" not in written
    assert "ada@example.org" not in written
    assert written.count("duplicate key value violates unique constraint") == 2
    assert "RuntimeError: not stored" in written


@pytest.mark.usefixtures("database")
def test_a_failed_request_is_logged_by_its_route(capsys: pytest.CaptureFixture[str]) -> None:
    app = create_app()
    address = "/api/v1/analytics/shared/dashboards/{}"

    def fail(**_: object) -> str:
        raise RuntimeError

    endpoint, _ = app.url_map.bind("localhost").match(address.format("secret-of-the-link"))
    app.view_functions[endpoint] = fail
    configure_logging("query", level="INFO", log_format="json")
    answer = app.test_client().get(address.format("secret-of-the-link"))
    assert answer.status_code == 500
    written = capsys.readouterr().err
    assert "secret-of-the-link" not in written
    [line] = written.splitlines()
    assert json.loads(line)["message"].endswith(address.format("<string:token>"))
