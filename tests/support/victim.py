"""The project that the matrix attacks, and those who attack it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import jwt
import psycopg2
import requests
from psycopg2 import sql

from shared.models import Base
from tests.conftest import Installation, plain_url
from tests.support.access_matrix import Row

ROLES = ("viewer", "analyst", "member", "admin", "owner")
MARKER = "marker"
"""Stands in everything that the attacked project has, so that it is seen wherever it gets."""

_EVENT = {"event": "marker", "distinct_id": "ada"}
_ALERT = {
    "name": "marker",
    "is_paused": True,  # or the schedule changes what nobody else may change
    "watch": {"kind": "silence"},
    "condition": {"kind": "absolute", "direction": "below", "threshold": 1},
}


@dataclass
class Caller:
    """Somebody, by the headers they send."""

    name: str
    headers: dict[str, str]


@dataclass
class Victim:
    """The attacked project: what it has, who is in it, and who is not."""

    installation: Installation
    things: dict[str, str]
    members: dict[str, dict[str, str]]
    """Headers of a member in each role."""
    stranger: dict[str, str]
    stranger_project: dict[str, Any]
    keys: dict[str, str]
    expired: dict[str, str]
    revoked: dict[str, str]
    revoked_key: str

    def call(
        self,
        operation: str,
        row: Row,
        headers: dict[str, str],
        things: dict[str, str] | None = None,
    ) -> requests.Response:
        """Call an operation of the attacked project."""
        method, _, path = operation.partition(" ")
        known = {**self.things, "key": headers.get("X-API-Key", ""), **(things or {})}
        known |= {name: known[thing] for name, thing in row.things.items()}
        return requests.request(
            method,
            self.installation.url + path.format_map(known),
            json=_filled(row.body, known) if row.body is not None else None,
            params=_filled(row.query, known),
            headers=headers,
            timeout=30,
        )

    def fingerprint(self) -> dict[str, Any]:
        """Everything that is stored of the project, in short.

        But how far the hourly reconciliation has checked it: no call writes that, only a schedule
        that may run meanwhile.
        """
        project_id = self.things["project_id"]
        found: dict[str, Any] = {}
        connection = psycopg2.connect(plain_url(self.installation.environment["DATABASE_URL"]))
        try:
            with connection, connection.cursor() as cursor:
                for table in Base.metadata.sorted_tables:
                    column = "id" if table.name == "projects" else "project_id"
                    if column not in table.columns or table.name == "reconciliations":
                        continue
                    cursor.execute(
                        sql.SQL(
                            "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) "
                            "FROM {} t WHERE {} = %s"
                        ).format(sql.Identifier(table.name), sql.Identifier(column)),
                        [project_id],
                    )
                    found[table.name] = cursor.fetchone()
        finally:
            connection.close()
        return found


def _filled(value: Any, things: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(one, things) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, things) for one in value]
    if isinstance(value, str) and value.startswith("{") and value.strip("{}") in things:
        text = things[value.strip("{}")]
        return int(text) if text.isdigit() else text
    return value


def make_victim(installation: Installation) -> Victim:
    """A project with one of everything, and a tenant beside it."""
    project = installation.new_project("marker project")
    owner = installation.login()
    base, url = f"{installation.url}/api/v1", f"{installation.url}/api/v1/projects/{project['id']}"
    project_id = int(project["id"])

    _send_events(installation, project["public_key"])
    headers = _members(installation, project_id)
    # A second viewer, who is acted upon.
    acted_upon = installation.new_user(
        f"acted-upon-{project_id}@example.org", project_id=project_id
    )
    stranger = installation.new_user(f"stranger-{project_id}@example.org")
    theirs = _project_of(stranger, base)
    invited = owner.post(
        f"{url}/invitations/", json={"email": f"invited-{project_id}@example.org"}, timeout=10
    ).json()
    persons = owner.get(f"{base}/analytics/{project_id}/persons/", timeout=10).json()["items"]
    person = f"{base}/analytics/{project_id}/persons/{persons[0]['person_id']}"
    job = owner.post(f"{person}/export", timeout=10).json()
    merges = owner.get(f"{person}/merges", timeout=10).json()["items"]
    extra = owner.post(f"{url}/keys", json={"kind": "public"}, timeout=10).json()
    gone = owner.post(f"{url}/keys", json={"kind": "secret"}, timeout=10).json()
    assert owner.delete(f"{url}/keys/{gone['id']}", timeout=10).status_code == 204
    boss = owner.get(f"{base}/auth/me", timeout=10).json()
    things = {
        "project_id": str(project_id),
        "user_id": str(acted_upon.get(f"{base}/auth/me", timeout=10).json()["id"]),
        "boss_id": str(boss["id"]),
        "session_id": owner.get(f"{base}/auth/sessions", timeout=10).json()["items"][0]["id"],
        "invitation_id": str(invited["id"]),
        "invitation_token": invited["link"].partition("#")[2],
        "key_id": str(extra["id"]),
        **_objects(owner, installation, project_id),
        "person_id": str(persons[0]["person_id"]),
        "job_id": _finished(owner, f"{base}/analytics/{project_id}/persons/jobs", job),
        "insight_id": "1",
        "merge_id": str(merges[0]["id"]),
        "kind": "event",
        "name": "marker",
        "call": "track",
        "event_session": "s1",
    }
    return Victim(
        installation,
        things,
        headers,
        bearer(stranger.cookies["access_token"]),
        theirs,
        {kind: project[f"{kind}_key"] for kind in ("public", "secret")},
        _expired(installation, headers["owner"]),
        _logged_out(installation),
        gone["key"],
    )


def _project_of(stranger: requests.Session, base: str) -> dict[str, Any]:
    """Return a project of the tenant beside it, with a flag of the same key."""
    theirs: dict[str, Any] = stranger.post(
        f"{base}/projects/", json={"name": "theirs"}, timeout=10
    ).json()
    place = f"{base}/projects/{theirs['id']}/feature-flags/"
    assert stranger.post(place, json={"key": "marker"}, timeout=10).status_code == 201
    return theirs


def _send_events(installation: Installation, key: str) -> None:
    """Store events of one person, a merge, and a group."""
    events = [{**_EVENT, "timestamp": None}] * 3
    assert installation.ingest(key, events).json()["accepted"] == 3
    joined = {"distinct_id": _EVENT["distinct_id"], "alias": "marker-alias"}
    url = f"{installation.url}/api/v1/alias"
    assert requests.post(url, json=joined, headers=by_key(key), timeout=10).status_code == 202
    group = {"group_type": "company", "group_key": "acme", "properties": {"name": "marker"}}
    described = f"{installation.url}/api/v1/group"
    answer = requests.post(described, json=group, headers=by_key(key), timeout=10)
    assert answer.status_code == 202, answer.text
    installation.wait_until_stored()


def _dead_letter(installation: Installation, project_id: int) -> str:
    """The id of an event that could not be stored."""
    return _inserted(
        installation,
        "INSERT INTO dead_letters (project_id, event_name, reason, detail, envelope) "
        "VALUES (%s, %s, 'undecodable', %s, '') RETURNING id",
        (project_id, MARKER, MARKER),
    )


def _alert_event(installation: Installation, project_id: int, alert_id: str) -> str:
    """The id of an event of the inbox."""
    return _inserted(
        installation,
        "INSERT INTO alert_events (project_id, alert_id, alert_name, fired_at) "
        "VALUES (%s, %s, %s, now()) RETURNING id",
        (project_id, alert_id, MARKER),
    )


def _proposal(installation: Installation, project_id: int, flag_id: str) -> str:
    """The id of a change of a flag that somebody else has proposed."""
    return _inserted(
        installation,
        "INSERT INTO proposed_flag_changes "
        "(project_id, flag_id, changes, proposed_by, proposed_by_email) "
        "VALUES (%s, %s, '{\"name\": \"marker\"}', 0, 'marker@example.org') RETURNING id",
        (project_id, flag_id),
    )


def _given_up(installation: Installation, project_id: int, channel_id: str) -> str:
    """The id of a message that is not tried again."""
    return _inserted(
        installation,
        "INSERT INTO deliveries (project_id, channel_id, idempotency_key, kind, payload, state) "
        "VALUES (%s, %s, 'marker', 'test', '{}', 'given_up') RETURNING id",
        (project_id, channel_id),
    )


def _inserted(installation: Installation, statement: str, parameters: tuple[Any, ...]) -> str:
    connection = psycopg2.connect(plain_url(installation.environment["DATABASE_URL"]))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            (made,) = cursor.fetchone() or (0,)
    finally:
        connection.close()
    return str(made)


_IMPORT = {
    "name": "marker.csv",
    "format": "csv",
    "mapping": {"fields": {"event_name": ["a"], "timestamp": ["b"], "distinct_id": ["c"]}},
}
_EXPERIMENT = {
    "name": "marker",
    "flag_key": "marker",
    "variants": [{"key": "false", "share": 0.5}, {"key": "true", "share": 0.5}],
    "metrics": [{"name": "marker", "kind": "conversion", "event": "marker"}],
    "starts_at": "2026-01-01T00:00:00Z",
    "ends_at": "2026-01-15T00:00:00Z",
}


def _objects(
    owner: requests.Session, installation: Installation, project_id: int
) -> dict[str, str]:
    """One of each object that a project can have; ids by name."""
    base = f"{installation.url}/api/v1"

    def made(path: str, body: dict[str, Any], service: str = "analytics") -> str:
        answer = owner.post(f"{base}/{service}/{project_id}/{path}/", json=body, timeout=10)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    alert_id = made("alerts", _ALERT)
    channel_id = made(
        "channels", {"name": "marker", "kind": "webhook", "url": "https://marker.invalid/hook"}
    )
    return {
        "alerts": alert_id,
        "event_id": _alert_event(installation, project_id, alert_id),
        "dead_letter_id": _dead_letter(installation, project_id),
        "source_id": made("sources", {"name": "marker"}, "projects"),
        "flag_id": made("feature-flags", {"key": "marker"}, "projects"),
        "other_flag": made("feature-flags", {"key": "marker-2"}, "projects"),
        "flag_to_accept": (accepted := made("feature-flags", {"key": "marker-3"}, "projects")),
        "proposal": _proposal(installation, project_id, accepted),
        "flag_to_refuse": (refused := made("feature-flags", {"key": "marker-4"}, "projects")),
        "other_proposal": _proposal(installation, project_id, refused),
        "cohort_id": made("cohorts", {"name": "marker", "distinct_ids": ["ada"]}),
        "annotations": made("annotations", {"at": "2026-01-01T00:00:00Z", "text": "marker"}),
        "saved-insights": made(
            "saved-insights", {"name": "marker", "kind": "trends", "query": {"series": [{}]}}
        ),
        "dashboards": (board := made("dashboards", {"name": "marker"})),
        "reports": made(
            "reports",
            {
                "name": "marker",
                "dashboard_id": int(board),
                "frequency": "daily",
                "time": "08:00",
                "recipients": ["marker@example.org"],
                "is_paused": True,
            },
        ),
        "experiments": made("experiments", _EXPERIMENT),
        "goals": made("goals", {"name": "marker", "event": "marker"}),
        "segments": made(
            "segments", {"name": "marker", "filters": {"property": "country", "value": "FI"}}
        ),
        "imports": made("imports", {**_IMPORT, "size": len('"marker"')}),
        "import_part": "0",
        "channels": channel_id,
        "delivery_id": _given_up(installation, project_id, channel_id),
        "divisions": made("divisions", {"id": "marker", "name": "marker"}),
        "communities": made("communities", {"id": "marker", "name": "marker"}),
    }


def _members(installation: Installation, project_id: int) -> dict[str, dict[str, str]]:
    """One member of each role; their headers by role."""
    headers = {}
    for role in ROLES:
        member = installation.new_user(
            f"{role}-{project_id}@example.org", project_id=project_id, role=role
        )
        headers[role] = bearer(member.cookies["access_token"])
    return headers


def _expired(installation: Installation, headers: dict[str, str]) -> dict[str, str]:
    """The same login, with a token that expired a minute ago."""
    secret_key = installation.environment["SECRET_KEY"]
    claims = jwt.decode(headers["Authorization"][7:], secret_key, algorithms=["HS256"])
    past = {**claims, "exp": int(time.time()) - 60}
    return bearer(jwt.encode(past, secret_key, algorithm="HS256"))


def _logged_out(installation: Installation) -> dict[str, str]:
    """The token of a login that was ended."""
    owner = installation.login()
    token = owner.cookies["access_token"]
    left = owner.post(f"{installation.url}/api/v1/auth/logout", timeout=10)
    assert left.status_code == 204
    return bearer(token)


def _finished(owner: requests.Session, url: str, job: dict[str, Any]) -> str:
    """The id of a job, when it is done."""
    deadline = time.monotonic() + 60
    while job["status"] != "finished":
        assert time.monotonic() < deadline, job
        time.sleep(0.2)
        job = owner.get(f"{url}/{job['job_id']}", timeout=10).json()
    return str(job["job_id"])


def bearer(token: str) -> dict[str, str]:
    """Headers of a login."""
    return {"Authorization": f"Bearer {token}"}


def by_key(key: str) -> dict[str, str]:
    """Headers of a key."""
    return {"X-API-Key": key}
