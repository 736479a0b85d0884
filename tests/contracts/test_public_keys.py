"""Over the gateway: a public key changes nothing that a secret key of the project has said."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg2
import pytest
import requests

from tests.conftest import Installation, plain_url


class Sender:
    """A project of the test's own, which both keys write to."""

    def __init__(self, installation: Installation, name: str) -> None:
        self._installation = installation
        self.project = installation.new_project(name)

    def send(self, kind: str, body: Any, path: str = "events/ingest") -> None:
        """Send events with the key of a kind, and wait until they are stored."""
        answer = requests.post(
            f"{self._installation.url}/api/v1/{path}",
            json=body,
            headers={"X-API-Key": self.project[f"{kind}_key"]},
            timeout=30,
        )
        assert answer.status_code == 202, answer.text
        self._installation.wait_until_stored()

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask PostgreSQL about the project, ``%s`` in the statement."""
        url = plain_url(self._installation.environment["DATABASE_URL"])
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute(statement, (self.project["id"],))
            return cursor.fetchall()

    def persons(self) -> list[list[str]]:
        """List the ids of each person."""
        return [
            ids
            for (ids,) in self.rows(
                "SELECT array_agg(distinct_id ORDER BY distinct_id) FROM person_distinct_ids "
                "WHERE project_id = %s GROUP BY person_id ORDER BY 1"
            )
        ]

    def intake(self) -> dict[str, Any]:
        """Return what the project is told about what it sent."""
        answer = requests.get(
            f"{self._installation.url}/api/v1/analytics/{self.project['id']}/intake",
            headers={"X-API-Key": self.project["secret_key"]},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def test_a_public_key_merges_no_persons_of_a_server(installation: Installation) -> None:
    sender = Sender(installation, "public keys: persons")
    players = [f"player-{number}" for number in range(200)]
    sender.send("secret", [{"event_name": "play", "distinct_id": player} for player in players])
    sender.send("secret", {"user_id": "known-1", "anonymous_id": "anon-k1"}, "identify")
    sender.send("secret", {"event_name": "buy", "distinct_id": "victim@x.org"})
    before = sender.persons()
    others = [*players[1:], "known-1"]
    asked = [{"distinct_id": "player-0", "alias": other} for other in others]
    sender.send("public", asked, "alias")
    sender.send("public", {"user_id": "attacker", "anonymous_id": "victim@x.org"}, "identify")
    assert sender.persons() == sorted([*before, ["attacker"]])
    warned = {(one["reason"], one["event_name"]) for one in sender.intake()["warnings"]}
    assert {("identity_refused", "$create_alias"), ("identity_refused", "$identify")} <= warned
    sender.send("secret", {"user_id": "victim@x.org", "anonymous_id": "anon-v"}, "identify")
    assert ["anon-v", "victim@x.org"] in sender.persons()


@pytest.mark.parametrize("first", ["public", "secret"])
def test_a_public_key_uses_up_no_event_ids_of_a_server(
    installation: Installation, first: str
) -> None:
    sender = Sender(installation, f"public keys: ids, {first} first")
    ids = [f"order-{number}" for number in range(1000, 1050)]
    events = {
        "public": [{"event_name": "noise", "distinct_id": "x", "event_id": one} for one in ids],
        "secret": [{"event_name": "purchase", "distinct_id": one, "event_id": one} for one in ids],
    }
    for kind in (first, "public" if first == "secret" else "secret"):
        sender.send(kind, events[kind])
        sender.send(kind, events[kind])
    stored = sender.rows(
        "SELECT event_name, count(*)::int FROM events WHERE project_id = %s GROUP BY 1 ORDER BY 1"
    )
    assert stored == [("noise", 50), ("purchase", 50)]
    assert sender.intake()["outcomes"] == {"stored": 100, "duplicate": 100}


def test_a_public_key_changes_no_property_of_a_server(installation: Installation) -> None:
    sender = Sender(installation, "public keys: properties")
    properties = {"plan": "enterprise", "email": "boss@x.org"}
    once = {"first_campaign": "organic"}
    said = {"user_id": "boss", "properties": properties, "set_once": once}
    sender.send("secret", said, "identify")
    for hours, change in (
        (22, {"$set": {"plan": "hacked", "email": "evil@x.org", "theme": "dark"}}),
        (-29 * 24, {"$set_once": {"first_campaign": "evil-affiliate"}}),
        (0, {"$unset": ["plan"]}),
    ):
        at = (datetime.now(timezone.utc) + timedelta(hours=hours)).isoformat()
        event = {"event_name": "$set", "distinct_id": "boss", "timestamp": at, "properties": change}
        sender.send("public", event)
    [(found,)] = sender.rows("SELECT properties FROM persons WHERE project_id = %s")
    assert found == {**properties, **once, "theme": "dark"}
    assert "profile_protected" in {one["reason"] for one in sender.intake()["warnings"]}


def test_an_admin_undoes_what_a_public_key_has_joined(installation: Installation) -> None:
    sender = Sender(installation, "public keys: undone")
    sender.send("public", {"event_name": "visit", "distinct_id": "v-1"})
    sender.send("public", {"user_id": "attacker", "anonymous_id": "v-1"}, "identify")
    assert sender.persons() == [["attacker", "v-1"]]
    owner, place = installation.login(), f"analytics/{sender.project['id']}/persons"
    [(person_id,)] = sender.rows("SELECT person_id FROM persons WHERE project_id = %s")
    listed = owner.get(f"{installation.url}/api/v1/{place}/{person_id}/merges", timeout=30).json()
    [merge] = listed["items"]
    assert (merge["key_kind"], merge["joined_ids"], merge["undone_at"]) == ("public", ["v-1"], None)
    undo = f"{installation.url}/api/v1/{place}/merges/{merge['id']}/undo"
    job = owner.post(undo, timeout=30)
    assert job.status_code == 202, job.text
    state = f"{installation.url}/api/v1/{place}/jobs/{job.json()['job_id']}"
    deadline = time.monotonic() + 60
    while owner.get(state, timeout=30).json()["status"] != "finished":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert sender.persons() == [["attacker"], ["v-1"]]
    assert owner.post(undo, timeout=30).status_code == 409
