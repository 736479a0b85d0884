"""What imports may take of the disk: by account, by installation, and beside events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from services.auth.audit import Actor
from services.auth.members.members import update_member
from services.processor.imports import store
from services.processor.jobs.tasks import prune_ledger
from services.query.saved import import_limits
from shared.imports.parts import PART_BYTES
from shared.runtime.disk_space import KEY, Disk, DiskSpace, publish
from shared.runtime.redis_clients import get_stream
from shared.runtime.settings import get_settings
from tests.conftest import make_project
from tests.support.imports import select
from tests.support.reader import client_of, make_user

MAPPING = {"fields": {"event_name": ["event"], "timestamp": ["time"], "distinct_id": ["user"]}}


@pytest.fixture(autouse=True)
def no_other_imports(database: Connection) -> None:
    """No file of another test counts for the installation, or for the day."""
    select(database, "DELETE FROM import_uploads")
    select(database, "UPDATE imports SET state = 'cancelled' WHERE state <> 'finished'")


@pytest.fixture
def stream() -> Iterator[Redis]:
    """The stream's Redis, in which what a test publishes of disks is forgotten."""
    redis = get_stream()
    yield redis
    redis.delete(KEY)


def limit(monkeypatch: pytest.MonkeyPatch, *, account: int, total: int) -> None:
    limited = replace(get_settings(), import_account_bytes=account, import_total_bytes=total)
    monkeypatch.setattr(import_limits, "get_settings", lambda: limited)


def begin(client: Any, project_id: int, size: int = 1_000) -> Any:
    new = {"name": "old.csv", "format": "csv", "size": size, "mapping": MAPPING}
    return client.post(f"/api/v1/analytics/{project_id}/imports/", json=new)


def test_an_account_with_several_projects_has_one_share(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, account=2_500, total=100_000)
    first, second, of_another = (make_project(database, "UTC") for _ in range(3))
    client = client_of(make_user(database, first, second))
    neighbour = client_of(make_user(database, of_another))
    made = begin(client, first).json["id"]
    assert begin(client, second).status_code == 201
    refused = begin(client, second)
    assert refused.status_code == 429
    assert "cancel it" in refused.json["message"]
    assert refused.headers["Retry-After"] == "60"
    assert begin(neighbour, of_another).status_code == 201
    assert client.post(f"/api/v1/analytics/{first}/imports/{made}/cancel").status_code == 200
    assert begin(client, second).status_code == 201


def end(client: Any, database: Connection, one: str, way: str) -> None:
    """End an import: cancel it, and forget it as well, or let it fail."""
    if way == "fails":
        select(
            database,
            "UPDATE imports SET state = 'failed' WHERE id = %s",
            one.rsplit("/", maxsplit=1)[-1],
        )
        return
    assert client.post(f"{one}/cancel").status_code == 200
    if way == "is deleted":
        assert client.delete(one).status_code == 204


@pytest.mark.parametrize("way", ["is cancelled", "is deleted", "fails"])
def test_an_account_sends_a_few_shares_a_day_however_its_imports_end(
    database: Connection, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    limit(monkeypatch, account=1_000, total=100_000)
    first, second, of_another = (make_project(database, "UTC") for _ in range(3))
    client = client_of(make_user(database, first, second))
    for project_id in (first, second, first):
        made = begin(client, project_id, 1_000).json["id"]
        one = f"/api/v1/analytics/{project_id}/imports/{made}"
        for _ in range(2):  # what is sent again is not written again
            assert client.put(f"{one}/parts/0", data=b"x" * 1_000).status_code == 204
        end(client, database, one, way)
    # Two together are within the shares that were announced, and beyond the day.
    ones = [
        f"/api/v1/analytics/{project_id}/imports/{begin(client, project_id, 500).json['id']}"
        for project_id in (first, second)
    ]
    assert client.put(f"{ones[0]}/parts/0", data=b"x" * 500).status_code == 204
    assert client.put(f"{ones[1]}/parts/0", data=b"x" * 499).status_code == 422
    assert client.put(f"{ones[1]}/parts/0", data=b"x" * 500).status_code == 204
    end(client, database, ones[0], way)
    refused = begin(client, first, 1)
    assert refused.status_code == 429
    assert "within a day" in refused.json["message"]
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    neighbour = client_of(make_user(database, of_another))
    assert begin(neighbour, of_another).status_code == 201
    select(database, "UPDATE import_uploads SET day = day - 1")
    made = begin(client, first, 1)
    assert made.status_code == 201
    sent = f"/api/v1/analytics/{first}/imports/{made.json['id']}/parts/0"
    assert client.put(sent, data=b"x").status_code == 204


def test_parts_beyond_the_day_of_imports_that_were_begun_before_are_refused(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, account=2_000, total=100_000)
    client = client_of(make_user(database, project_id))
    base = f"/api/v1/analytics/{project_id}/imports"
    made = [begin(client, project_id, 700).json["id"] for _ in range(2)]
    limit(monkeypatch, account=300, total=100_000)
    monkeypatch.setattr(import_limits, "_refuse_beyond_bytes", lambda *_: None)
    part = b"x" * 700
    answers = [client.put(f"{base}/{one}/parts/0", data=part) for one in made]
    assert [answer.status_code for answer in answers] == [204, 429]
    assert client.get(f"{base}/{made[1]}").json["state"] == "uploading"
    assert select(
        database, "SELECT count(*) FROM import_parts WHERE project_id = %s", project_id
    ) == [(1,)]


def test_sizes_of_which_nothing_was_sent_do_not_count_for_the_day(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, account=1_000, total=100_000)
    client = client_of(make_user(database, project_id))
    for _ in range(8):
        made = begin(client, project_id)
        assert made.status_code == 201
        one = f"/api/v1/analytics/{project_id}/imports/{made.json['id']}"
        assert client.post(f"{one}/cancel").status_code == 200


def test_what_was_sent_on_earlier_days_is_forgotten(database: Connection, project_id: int) -> None:
    client = client_of(make_user(database, project_id))
    made = begin(client, project_id, 5).json["id"]
    part = f"/api/v1/analytics/{project_id}/imports/{made}/parts/0"
    assert client.put(part, data=b"first").status_code == 204
    select(
        database,
        "INSERT INTO import_uploads SELECT account, day - 2, received FROM import_uploads",
    )
    before = select(database, "SELECT account, day FROM import_uploads WHERE day >= current_date")
    prune_ledger()
    assert select(database, "SELECT account, day FROM import_uploads") == before


def test_an_account_that_is_made_an_owner_pays_for_nobodys_imports(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, account=1_500, total=100_000)
    own, of_another = make_project(database, "UTC"), make_project(database, "UTC")
    victim, maker = make_user(database, own), make_user(database, of_another)
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO memberships (project_id, user_id, role, role_since)"
            " VALUES (%s, %s, 'viewer', now() - interval '1 day')",
            (of_another, victim),
        )
    database.commit()
    update_member(Actor(maker, ""), of_another, victim, own_role="owner", role="owner")
    assert begin(client_of(maker), of_another).status_code == 201
    assert begin(client_of(victim), own).status_code == 201
    assert begin(client_of(maker), of_another).status_code == 429


def test_an_admin_is_no_way_around_the_share_of_a_projects_owner(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, account=1_500, total=100_000)
    owner = client_of(make_user(database, project_id))
    admin = client_of(make_user(database, project_id, role="admin"))
    assert begin(owner, project_id).status_code == 201
    assert begin(admin, project_id).status_code == 429


def test_all_accounts_have_a_share_together(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, account=100_000, total=2_500)
    projects = [make_project(database, "UTC") for _ in range(3)]
    answers = [begin(client_of(make_user(database, one)), one) for one in projects]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert "of all projects" in answers[-1].json["message"]


def test_an_upload_that_has_sent_nothing_keeps_out_nobody(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, account=10 * PART_BYTES, total=10 * PART_BYTES)
    first, second = make_project(database, "UTC"), make_project(database, "UTC")
    assert begin(client_of(make_user(database, first)), first, 10 * PART_BYTES).status_code == 201
    neighbour = client_of(make_user(database, second))
    assert begin(neighbour, second, 9 * PART_BYTES).status_code == 201


def test_uploads_that_were_begun_together_hold_no_more_than_the_share(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, account=3 * PART_BYTES, total=100 * PART_BYTES)
    client = client_of(make_user(database, project_id))
    base = f"/api/v1/analytics/{project_id}/imports"
    first, second = (begin(client, project_id, 2 * PART_BYTES).json["id"] for _ in range(2))
    part = b"x" * PART_BYTES
    sent = [(first, 0), (first, 1), (second, 0), (second, 1)]
    answers = [client.put(f"{base}/{one}/parts/{number}", data=part) for one, number in sent]
    assert [answer.status_code for answer in answers] == [204, 204, 204, 429]
    assert "cancel it" in answers[-1].json["message"]
    assert client.post(f"{base}/{first}/cancel").status_code == 200
    assert client.put(f"{base}/{second}/parts/1", data=part).status_code == 204


def test_files_leave_more_room_than_events_need(
    database: Connection, project_id: int, stream: Redis
) -> None:
    client = client_of(make_user(database, project_id))
    publish(stream, DiskSpace([Disk("/data", 2_010), Disk("/events", 9_000)], 1_000, is_low=False))
    assert begin(client, project_id, 11_000_000).status_code == 503
    made = begin(client, project_id, 9_000_000)
    assert made.status_code == 201
    one = f"/api/v1/analytics/{project_id}/imports/{made.json['id']}"
    assert client.put(f"{one}/parts/0", data=b"x" * PART_BYTES).status_code == 204
    publish(stream, DiskSpace([Disk("/data", 2_001), Disk("/events", 9_000)], 1_000, is_low=False))
    refused = client.put(f"{one}/parts/1", data=b"x" * PART_BYTES)
    assert refused.status_code == 503
    assert "1 MB of room" in refused.json["message"]


def test_a_part_that_is_held_is_not_written_again(database: Connection, project_id: int) -> None:
    client = client_of(make_user(database, project_id))
    made = begin(client, project_id, 5).json["id"]
    one = f"/api/v1/analytics/{project_id}/imports/{made}"
    written = []
    for content, status in ((b"first", 204), (b"first", 204), (b"other", 409)):
        answer = client.put(f"{one}/parts/0", data=content)
        assert answer.status_code == status
        written += select(
            database,
            "SELECT ctid::text, xmin FROM import_parts WHERE import_id = %s AND project_id = %s",
            made,
            project_id,
        )
    assert len(set(written)) == 1
    assert "Cancel the import" in answer.json["message"]


@pytest.mark.parametrize(
    ("created", "updated", "state"),
    [
        ("1 hour", "1 hour", "uploading"),
        ("3 hours", "3 hours", "cancelled"),
        ("23 hours", "1 hour", "uploading"),
        ("25 hours", "1 minute", "cancelled"),
    ],
)
def test_an_upload_that_rests_or_lasts_too_long_is_cancelled(
    database: Connection, project_id: int, created: str, updated: str, state: str
) -> None:
    client = client_of(make_user(database, project_id))
    made = begin(client, project_id, 5).json["id"]
    one = f"/api/v1/analytics/{project_id}/imports/{made}"
    client.put(f"{one}/parts/0", data=b"first")
    select(
        database,
        "UPDATE imports SET created_at = now() - %s::interval, updated_at = now() - %s::interval "
        "WHERE id = %s",
        created,
        updated,
        made,
    )
    store.end_abandoned(database)
    assert client.get(one).json["state"] == state
    [(parts,)] = select(database, "SELECT count(*) FROM import_parts WHERE import_id = %s", made)
    assert parts == (state == "uploading")


@pytest.mark.parametrize(
    ("state", "age", "after"),
    [
        ("waiting", "13 days", "waiting"),
        ("waiting", "15 days", "failed"),
        ("running", "15 days", "running"),
    ],
)
def test_an_import_that_waits_for_weeks_is_ended(
    database: Connection, project_id: int, state: str, age: str, after: str
) -> None:
    client = client_of(make_user(database, project_id))
    made = begin(client, project_id, 5).json["id"]
    one = f"/api/v1/analytics/{project_id}/imports/{made}"
    client.put(f"{one}/parts/0", data=b"first")
    select(
        database,
        "UPDATE imports SET state = %s, problem = 'The daily quota is used up.', "
        "updated_at = now(), created_at = now() - %s::interval WHERE id = %s",
        state,
        age,
        made,
    )
    store.end_abandoned(database)
    found = client.get(one).json
    assert found["state"] == after
    [(parts,)] = select(database, "SELECT count(*) FROM import_parts WHERE import_id = %s", made)
    assert parts == (after != "failed")
    if after == "failed":
        assert "import the file anew" in found["problem"]
        assert "The daily quota is used up." in found["problem"]
