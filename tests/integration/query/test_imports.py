"""Uploading a file of events in parts, and reading what became of its rows."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from services.processor.imports.run import run
from services.processor.jobs.progress import no_progress
from shared.imports.parts import PART_BYTES
from tests.support.downloads import as_many_downloads_as_may_run
from tests.support.imports import LIMITS, csv_file
from tests.support.reader import client_of, make_user

COLUMNS = ("event", "time", "user", "note")
MAPPING = {"fields": {"event_name": ["event"], "timestamp": ["time"], "distinct_id": ["user"]}}


def send(client: Any, base: str, content: bytes) -> dict[str, Any]:
    """Upload a file; return the import."""
    new = {"name": "old.csv", "format": "csv", "size": len(content), "mapping": MAPPING}
    made: dict[str, Any] = client.post(f"{base}/", json=new).json
    for part in range(made["parts"]):
        begin = part * made["part_bytes"]
        answer = client.put(
            f"{base}/{made['id']}/parts/{part}",
            data=content[begin : begin + made["part_bytes"]],
            content_type="application/octet-stream",
        )
        assert answer.status_code == 204, answer.json
    return made


def test_a_file_is_sent_in_parts_and_its_rows_are_accounted_for(
    database: Connection, project_id: int
) -> None:
    client = client_of(make_user(database, project_id))
    base = f"/api/v1/analytics/{project_id}/imports"
    note = "x" * 600
    rows = [("played", "2026-01-05 12:00", f"u{n % 7}", note) for n in range(2_500)]
    content = csv_file([*rows, ("played", "never", "u1", "=1+1"), *rows[:1]], COLUMNS)
    assert len(content) > PART_BYTES
    shown = client.post(
        f"{base}/preview", json={"format": "csv", "head": content[:5_000].decode(), "rows": 3}
    ).json
    assert (shown["problem"], len(shown["rows"])) == (None, 3)
    assert shown["mapping"]["fields"] == MAPPING["fields"]
    assert shown["rows"][0]["event"] == {"properties": {"note": note}}
    made = send(client, base, content)
    one = f"{base}/{made['id']}"
    assert client.post(f"{one}/start").json["state"] == "queued"
    run(database, project_id, made["id"], LIMITS, no_progress)
    done = client.get(one).json
    assert (done["state"], done["rows"], done["bytes_done"]) == ("finished", 2_502, len(content))
    assert (done["imported"], done["duplicates"], done["refused"]) == (2_501, 0, 1)
    assert client.get(f"{one}/counts").json == {
        "items": [
            {
                "day": None,
                "event_name": "played",
                "rows": 1,
                "imported": 0,
                "duplicates": 0,
                "refused": 1,
            },
            {
                "day": "2026-01-05",
                "event_name": "played",
                "rows": 2_501,
                "imported": 2_501,
                "duplicates": 0,
                "refused": 0,
            },
        ],
        "is_complete": True,
    }
    with as_many_downloads_as_may_run():
        assert client.get(f"{one}/refused").status_code == 503
    text = client.get(f"{one}/refused").get_data(as_text=True).removeprefix("\ufeff")
    [refused] = csv.DictReader(io.StringIO(text))
    assert (refused["row"], refused["line"]) == ("2501", "2502")
    assert refused["reason"] == "invalid_timestamp"
    assert refused["content"].startswith("played,never,u1,=1+1")
    assert [item["id"] for item in client.get(f"{base}/").json["items"]] == [made["id"]]
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


def test_what_is_wrong_with_an_upload_is_said_and_loses_nothing(
    database: Connection, project_id: int
) -> None:
    client = client_of(make_user(database, project_id))
    base = f"/api/v1/analytics/{project_id}/imports"
    new = {"name": "x", "format": "csv", "size": PART_BYTES + 1, "mapping": MAPPING}
    for change, named in (
        ({"mapping": {"fields": {}}}, "mapping"),
        ({"mapping": {"field": {}}}, "mapping"),
        ({"format": "xml"}, "format"),
        ({"size": 0}, "size"),
    ):
        answer = client.post(f"{base}/", json={**new, **change})
        assert (answer.status_code, list(answer.json["errors"])) == (422, [named])
    assert client.post(f"{base}/", json={**new, "size": 2**40}).status_code == 413
    one = f"{base}/{client.post(f'{base}/', json=new).json['id']}"
    assert client.put(f"{one}/parts/2", data=b"x").status_code == 404
    assert client.put(f"{one}/parts/0", data=b"x").status_code == 422
    assert client.put(f"{one}/parts/1", data=b"x").status_code == 204
    missing = client.post(f"{one}/start")
    assert (missing.status_code, "Part 0" in missing.json["message"]) == (409, True)
    assert client.delete(one).status_code == 409
    assert client.post(f"{one}/cancel").json["state"] == "cancelled"
    assert client.put(f"{one}/parts/1", data=b"x").status_code == 409
    assert client.post(f"{one}/start").status_code == 409
    for _ in range(3):
        assert client.post(f"{base}/", json=new).status_code == 201
    assert client.post(f"{base}/", json=new).status_code == 429


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_members_see_imports_and_only_admins_import(
    database: Connection, project_id: int, role: str
) -> None:
    client = client_of(make_user(database, project_id, role=role))
    base = f"/api/v1/analytics/{project_id}/imports"
    assert client.get(f"{base}/").json == {"items": [], "next_cursor": None}
    new = {"name": "x", "format": "csv", "size": 1, "mapping": MAPPING}
    assert client.post(f"{base}/", json=new).status_code == 403
