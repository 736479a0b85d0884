"""SQL over the gateway: who may send it, what the answers are, what the audit log has."""

from __future__ import annotations

import csv
import io
from typing import Any

import pyarrow as pa
import pytest
import requests

from tests.conftest import Installation

MAIL = "ann@example.org"
STATEMENT = f"SELECT event_name, count(*) AS n FROM events WHERE distinct_id = '{MAIL}' GROUP BY 1"


@pytest.fixture(scope="module")
def project(installation: Installation) -> dict[str, Any]:
    """A project with two events of one person."""
    made = installation.new_project("SQL over HTTP")
    events = [{"event_name": "=opened", "distinct_id": MAIL} for _ in range(2)]
    assert installation.ingest(made["public_key"], events).status_code == 202
    installation.wait_until_stored()
    return made


def send(
    installation: Installation, project: dict[str, Any], session: Any, **body: Any
) -> requests.Response:
    """Send SQL as somebody."""
    url = f"{installation.url}/api/v1/analytics/{project['id']}/sql"
    answer: requests.Response = session.post(url, json=body, timeout=30)
    return answer


def test_an_analyst_runs_sql_and_others_do_not(
    installation: Installation, project: dict[str, Any]
) -> None:
    analyst, viewer = (
        installation.new_user(f"{role}@sql.example", project_id=project["id"], role=role)
        for role in ("analyst", "viewer")
    )
    answer = send(installation, project, analyst, statement=STATEMENT)
    assert answer.status_code == 200, answer.text
    assert answer.json()["rows"] == [["=opened", 2]]
    assert [column["kind"] for column in answer.json()["columns"]] == ["text", "integer"]
    entry = _log(installation, project)[0]
    assert (entry["action"], entry["actor_email"]) == ("sql.run", "analyst@sql.example")
    assert "distinct_id = ?" in str(entry)
    assert MAIL not in str(entry)

    assert send(installation, project, viewer, statement=STATEMENT).status_code == 403
    with requests.Session() as key:
        key.headers["X-API-Key"] = project["secret_key"]
        assert send(installation, project, key, statement=STATEMENT).status_code in {401, 403}
    refused = send(installation, project, analyst, statement="SELECT * FROM users")
    assert refused.status_code == 422
    assert "no view users" in str(refused.json())
    assert len(_log(installation, project)) == 1


def test_a_result_is_a_file_too(installation: Installation, project: dict[str, Any]) -> None:
    owner = installation.owner()
    as_csv = send(installation, project, owner, statement=STATEMENT, format="csv")
    assert as_csv.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = [*csv.reader(io.StringIO(as_csv.content.decode("utf-8-sig")))]
    assert lines == [["event_name", "n"], ["'=opened", "2"]]
    events = "SELECT timestamp, event_name FROM events"
    arrow = send(installation, project, owner, statement=events, format="arrow", limit=1)
    assert arrow.headers["X-Truncated"] == "true"
    table = pa.ipc.open_stream(arrow.content).read_all()
    assert table.column("event_name").to_pylist() == ["=opened"]
    assert table.schema.field("timestamp").type == pa.timestamp("us", tz="UTC")


def _log(installation: Installation, project: dict[str, Any]) -> list[dict[str, Any]]:
    url = f"{installation.url}/api/v1/projects/{project['id']}/audit-log/"
    items: list[dict[str, Any]] = installation.owner().get(url, timeout=10).json()["items"]
    return [one for one in items if one["action"] == "sql.run"]
