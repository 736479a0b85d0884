"""Tidemark's client for Python asks for flags: remotely, locally, and as OpenFeature's provider."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import pytest
import requests

from services.flags.request import groups_of
from shared.flags.definition import Flag, FlagSet, from_json
from shared.flags.evaluation import Person
from shared.flags.prepared import PreparedFlags
from tests.clients.conftest import stored_events
from tests.conftest import ROOT, Installation
from tests.support.sdk_processes import OPENFEATURE_PYTHON, TIDEMARK_FLAGS, TIDEMARK_OPENFEATURE
from tests.support.waiting import wait_for

_PERSONS = 10_000
_VARIANTS = [
    {"key": "a", "rollout_percentage": 50},
    {"key": "b", "rollout_percentage": 30},
    {"key": "c", "rollout_percentage": 20},
]

_TIMES = (
    "2026-01-31",
    "2026-03-01T12:00:00+02:00",
    "2026-03-01T10:00:00.5Z",
    "soon",
    1_772_400_000,
    1_772_400_000_000,
    True,
)


def _on(name: str, operator: str, *value: Any, **rest: Any) -> dict[str, Any]:
    test = {"property": name, "operator": operator, "value": list(value), **rest}
    return {"conditions": [{"filters": [test]}]}


_OF_PROPERTIES: dict[str, dict[str, Any]] = {
    "rollout": {"rollout_percentage": 37},
    "variants": {
        "variants": _VARIANTS,
        "payloads": {"a": {"colour": "red"}, "b": [1, 2.5], "c": "text"},
    },
    "is": _on("plan", "is", "pro", "ÄRZTE", 1.5, 7, True),
    "is-not": _on("plan", "is_not", "pro", "ärzte", "7"),
    "contains": _on("mail", "contains", "@EXAMPLE."),
    "not-contains": _on("mail", "not_contains", "Ä"),
    "gt": _on("level", "gt", 10),
    "gte": _on("level", "gte", "10"),
    "lt": _on("level", "lt", 15.5),
    "lte": _on("level", "lte", 15.5),
    "between": _on("level", "between", 10, "20"),
    "is-set": _on("mail", "is_set"),
    "is-not-set": _on("mail", "is_not_set"),
    "before": _on("since", "before", "2026-03-01"),
    "after": _on("since", "after", "2026-03-01T10:00:00Z"),
    "distinct-id": _on("distinct_id", "contains", "7"),
    "on-b": _on("variants", "is", "b", scope="flag"),
    "not-on-rollout": _on("rollout", "is", False, scope="flag"),
    "variant-first": {
        "conditions": [
            {"filters": [{"property": "level", "operator": "gt", "value": [10]}], "variant": "c"},
            {"rollout_percentage": 50},
        ],
        "variants": _VARIANTS,
        "overrides": {"Person-1": False, "person-2": "b", "Person-3": "c", "ünï-4": "a"},
    },
    "for-companies": {
        "group_type": "company",
        "rollout_percentage": 40,
        "overrides": {"company-1": False, "company-2": True, "COMPANY-3": True},
    },
    "for-some-companies": {
        "group_type": "company",
        "variants": _VARIANTS,
        "conditions": [
            {"filters": [{"property": "company.seats", "scope": "group", "value": [3, "many"]}]},
            {
                "filters": [{"property": "for-companies", "scope": "flag", "value": [True]}],
                "rollout_percentage": 50,
            },
        ],
    },
    "for-guilds": {"group_type": "guild"},
    "switched-off": {"is_active": False},
    "over": {"ends_at": "2020-01-01T00:00:00Z"},
}
_OF_THE_SERVER: dict[str, dict[str, Any]] = {
    "did": _on("purchase", "did", 7, scope="event"),
    "did-not": _on("purchase", "did_not", 7, scope="event"),
    "on-for-guilds": _on("for-guilds", "is", True, scope="flag"),
    "of-company": _on("company.plan", "is", "pro", scope="group"),
    "not-of-company": _on("company.plan", "is_not", "pro", scope="group"),
    "on-did": _on("did", "is", True, scope="flag"),
}


@dataclass(frozen=True)
class Project:
    """A project with flags."""

    url: str
    id: int
    public_key: str
    secret_key: str
    owner: requests.Session

    def add(self, flags: dict[str, dict[str, Any]]) -> None:
        """Define flags; return once the server evaluates them."""
        place = f"{self.url}/api/v1/projects/{self.id}/feature-flags/"
        for key, definition in flags.items():
            answer = self.owner.post(place, json={"key": key, **definition}, timeout=10)
            assert answer.status_code == 201, answer.text
        wait_for(lambda: set(flags) <= set(self.ask("x")), 10, "the flags are not known")

    def ask(self, distinct_id: str, groups: dict[str, str] | None = None) -> dict[str, Any]:
        """Return a person's flags as the server answers them."""
        body = {"token": self.public_key, "distinct_id": distinct_id, "groups": groups}
        found = requests.post(f"{self.url}/flags/?v=2", json=body, timeout=10).json()["flags"]
        return {key: one["variant"] or one["enabled"] for key, one in found.items()}

    def evaluate(self, persons: list[Any]) -> dict[str, Any]:
        """Return what Tidemark's client says of persons."""
        output = TIDEMARK_FLAGS.evaluate(
            self.url, self.public_key, self.secret_key, json.dumps(persons)
        )
        found: dict[str, Any] = json.loads(output)
        return found


def _project(installation: Installation, flags: dict[str, dict[str, Any]]) -> Project:
    made = installation.new_project("Flags")
    keys = made["public_key"], made["secret_key"]
    project = Project(installation.url, made["id"], *keys, installation.login())
    project.add(flags)
    return project


def _persons() -> list[tuple[str, dict[str, Any]]]:
    choice = random.Random(18)
    persons = []
    for number in range(_PERSONS):
        odd = "".join(choice.choices("aZ7 ıİßéЖ雪😀\"\\\n'.", k=choice.randrange(1, 30)))
        known = [f"{choice.choice(['person', 'Person', 'ünï', 'Ünï'])}-{number % 40}", odd]
        properties = {
            "plan": choice.choice(
                ["free", "Pro", "ärzte", "Ärzte", 1.5, 7, "7", True, None, ["pro"], {"a": 1}]
            ),
            "level": choice.choice([3, 10, 10.0, 15.5, "20", "1e1", 41, "none", None, True]),
            "mail": choice.choice(["a@example.org", "Ä@Example.com", "c@other.org", "x" * 9000, 5]),
            "since": choice.choice(_TIMES),
        }
        company = choice.choice(["company", "Company"]) + f"-{number % 50}"
        groups: dict[str, Any] = {"company": choice.choice([company, company, 7, 1.5, None, True])}
        seats = {"company": {"seats": choice.choice([3, "Many", None])}}
        of_groups = {"groups": groups, "group_properties": seats} if choice.random() < 0.7 else {}
        persons.append((choice.choice(known), {"person_properties": properties, **of_groups}))
    return persons


@pytest.mark.timeout(900)  # 10,000 requests
def test_a_flag_has_the_same_value_remotely_locally_and_on_the_server(
    installation: Installation,
) -> None:
    project, persons = _project(installation, _OF_PROPERTIES), _persons()
    found = project.evaluate(persons)
    flags = FlagSet(
        1,
        1,
        tuple(
            Flag(number, 1, from_json({"key": key, **definition}))
            for number, (key, definition) in enumerate(_OF_PROPERTIES.items())
        ),
    )
    prepared, now = PreparedFlags(flags), datetime.now(timezone.utc)
    for person, remote, local in zip(persons, found["remote"], found["local"], strict=True):
        distinct_id, passed = person
        sent = groups_of(passed)
        properties = passed["person_properties"]
        server = prepared.evaluate(Person(distinct_id, properties, sent.properties, sent.keys), now)
        expected = [{key: one.value for key, one in server.items()}, server["variants"].payload]
        assert expected == remote == local, person
    # Of the times only some forms are read without the server.
    unread = {id(one) for one in persons if str(one[1]["person_properties"]["since"])[-2:] == "5Z"}
    assert 0 < found["asked"] <= len(unread)
    alike = {"switched-off", "over", "is-set", "is-not-set", "for-guilds"}
    for key in set(_OF_PROPERTIES) - alike:
        assert len({str(values[key]) for values, _ in found["remote"]}) > 1, key


def test_what_only_the_server_knows_is_asked_of_the_server(installation: Installation) -> None:
    project = _project(installation, {**_OF_PROPERTIES, **_OF_THE_SERVER})
    bought = [
        {"event_name": "purchase", "distinct_id": "buyer", "properties": {}},
        {
            "event_name": "$identify",
            "distinct_id": "known",
            "properties": {"$set": {"plan": "pro", "level": 12}},
        },
        {
            "event_name": "$groupidentify",
            "distinct_id": "known",
            "properties": {
                "$group_type": "company",
                "$group_key": "stored",
                "$group_set": {"plan": "pro", "seats": 3},
            },
        },
    ]
    assert installation.ingest(project.secret_key, {"events": bought}).status_code == 202
    wait_for(
        lambda: (
            project.ask("buyer")["did"] is True
            and project.ask("nobody")["did-not"] is True
            and project.ask("known")["is"] is True
            and project.ask("x", {"company": "stored"})["of-company"] is True
        ),
        150,
        "the server does not know what persons did",
    )
    groups = {"groups": {"company": "acme"}, "group_properties": {"company": {"plan": "Pro"}}}
    persons: list[Any] = [
        ("buyer", {}),
        ("nobody", {}),
        ("known", {}),
        ("known", {"person_properties": {"plan": "free"}}),
        ("buyer", groups),
        ("nobody", {"groups": {"company": "stored", "guild": "any"}}),
    ]
    found = project.evaluate(persons)
    assert found["remote"] == found["local"]
    values = [one for one, _ in found["local"]]
    assert [one["did"] for one in values] == [True, False, False, False, True, False]
    assert [one["on-did"] for one in values] == [True, False, False, False, True, False]
    assert [one["is"] for one in values] == [False, False, True, False, False, False]
    assert [one["of-company"] for one in values] == [False, False, False, False, True, True]
    assert [one["on-for-guilds"] for one in values] == [False, False, False, False, False, True]
    assert [one["for-some-companies"] is not False for one in values][-1] is True


_EXPOSURES = """
import os
from tidemark import Client
client = Client(os.environ["HOST"], os.environ["KEY"], local_flags=os.environ["LOCAL"] == "1")
client.track("before", "user-1")
for _ in range(3):
    for person in ("user-1", "user-2"):
        assert client.flags.value("variants", person) == "b", person
        assert client.flags.payload("variants", person) == [1, 2.5]
assert client.flags.value("missing", "user-1", default=False) is False
client.track("after", "user-1", {"total": 3})
client.track("after", "user-3")
client.shutdown(30)
"""


@pytest.mark.parametrize("local", ["0", "1"])
def test_reading_a_flag_is_recorded_once_a_person_and_value(
    installation: Installation, local: str
) -> None:
    variants = {**_OF_PROPERTIES["variants"], "overrides": {"user-1": "b", "user-2": "b"}}
    project = _project(installation, {"variants": variants})
    _run(_EXPOSURES, project.url, project.secret_key, LOCAL=local)
    rows = stored_events(installation, project.id)
    calls = [row for row in rows if row.event_name == "$feature_flag_called"]
    assert sorted(row.distinct_id for row in calls) == ["user-1", "user-2"]
    for row in calls:
        assert row.properties["$feature_flag"] == "variants"
        assert row.properties["$feature_flag_response"] == "b"
    others = {(row.event_name, row.distinct_id): row.properties for row in rows}
    assert others["before", "user-1"] == {}
    assert others["after", "user-1"] == {"$feature/variants": "b", "total": 3}
    assert others["after", "user-3"] == {}


_A_DAY_LATER = """
import os, time
from tidemark import Client
client = Client(os.environ["HOST"], os.environ["KEY"], local_flags=os.environ["LOCAL"] == "1")
real, later = time.monotonic, 0
time.monotonic = lambda: real() + later
record, away = client.flags._record, True
client.flags._record = lambda *call: None if away else record(*call)
assert client.flags.value("variants", "user-1") == "b"
away = False
for later in (0, 86_000, 86_500, 100_000):
    assert client.flags.value("variants", "user-1") == "b"
client.track("within a day", "user-1")
later = 200_000
client.track("after a day", "user-1")
client.shutdown(30)
"""


@pytest.mark.parametrize("local", ["0", "1"])
def test_a_reading_is_recorded_again_a_day_later_or_if_it_was_not_recorded(
    installation: Installation, local: str
) -> None:
    variants = {**_OF_PROPERTIES["variants"], "overrides": {"user-1": "b"}}
    project = _project(installation, {"variants": variants})
    _run(_A_DAY_LATER, project.url, project.secret_key, LOCAL=local)
    rows = stored_events(installation, project.id)
    calls = [row for row in rows if row.event_name == "$feature_flag_called"]
    assert len(calls) == 2
    others = {row.event_name: row.properties for row in rows}
    assert others["within a day"] == {"$feature/variants": "b"}
    assert others["after a day"] == {}


_DELETED = """
import os, time
from tidemark import Client
local = os.environ["LOCAL"] == "1"
client = Client(os.environ["HOST"], os.environ["KEY"], local_flags=local, flags_poll_seconds=0.2)
assert client.flags.value("rollout", "x") is True
assert client.flags.value("stays", "x") is True
print("read", flush=True)
input()
deadline = time.monotonic() + 30
while client.flags.value("rollout", "x") is True and time.monotonic() < deadline:
    time.sleep(0.1)
client.track("afterwards", "x")
client.shutdown(30)
"""


@pytest.mark.parametrize("local", ["0", "1"])
def test_a_deleted_flag_is_no_property_of_later_events(
    installation: Installation, local: str
) -> None:
    project = _project(installation, {"rollout": {}, "stays": {}})
    place = f"{project.url}/api/v1/projects/{project.id}/feature-flags/"
    ids = {one["key"]: one["id"] for one in project.owner.get(place, timeout=10).json()["items"]}
    with _started(_DELETED, project.url, project.secret_key, LOCAL=local) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "read\n"
        assert project.owner.delete(f"{place}{ids['rollout']}", timeout=10).ok
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.wait(60) == 0
    rows = stored_events(installation, project.id)
    [last] = [row.properties for row in rows if row.event_name == "afterwards"]
    assert last == {"$feature/stays": True}


_REASONS = """
import json, os
from tidemark import Client
local = os.environ["LOCAL"] == "1"
client = Client(os.environ["HOST"], os.environ["KEY"], local_flags=local)
keys = ("all", "nobody", "none", "named", "off", "over", "company")
found = {
    person: {key: client.flags.evaluate(key, person).reason for key in keys}
    for person in ("ann", "bob", "cy")
}
print(json.dumps(found), flush=True)
client.shutdown(30)
"""


def test_reasons_are_the_same_locally_and_on_the_server(installation: Installation) -> None:
    project = _project(
        installation,
        {
            "all": {},
            "nobody": {"rollout_percentage": 0},
            "none": _on("distinct_id", "is", "nobody"),
            "named": {"overrides": {"ann": True, "bob": False}},
            "off": {"is_active": False, "overrides": {"ann": True}},
            "over": {"ends_at": "2020-01-01T00:00:00Z", "overrides": {"ann": True}},
            "company": {"group_type": "company"},
        },
    )
    found = []
    for local in ("0", "1"):
        with _started(_REASONS, project.url, project.secret_key, LOCAL=local) as process:
            assert process.stdout is not None
            found.append(json.loads(process.stdout.readline()))
    remote, locally = found
    assert remote == locally
    assert remote["ann"] == {
        "all": "condition_match",
        "nobody": "out_of_rollout",
        "none": "no_condition_match",
        "named": "override",
        "off": "disabled",
        "over": "not_scheduled",
        "company": "no_group",
    }
    assert [remote[one]["named"] for one in ("bob", "cy")] == ["override", "condition_match"]


_CHANGES = """
import os, time
from tidemark import Client
client = Client(os.environ["HOST"], os.environ["KEY"], local_flags=True, flags_poll_seconds=0.2)
print(client.flags.value("rollout", "x"), flush=True)
input()
deadline = time.monotonic() + 20
while client.flags.value("rollout", "x") is False and time.monotonic() < deadline:
    time.sleep(0.05)
print(client.flags.value("rollout", "x"), flush=True)
child = os.fork()
if child == 0:
    # A forked process has no thread of its parent, and still hears of changes.
    input()
    deadline = time.monotonic() + 20
    while client.flags.value("rollout", "x") is True and time.monotonic() < deadline:
        time.sleep(0.05)
    print(client.flags.value("rollout", "x"), flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""


def test_local_definitions_follow_changes_also_in_a_forked_process(
    installation: Installation,
) -> None:
    project = _project(installation, {"rollout": {"rollout_percentage": 0}})
    place = f"{project.url}/api/v1/projects/{project.id}/feature-flags/"
    [flag] = project.owner.get(place, timeout=10).json()["items"]

    def change(percentage: int) -> None:
        changes = {"rollout_percentage": percentage}
        assert project.owner.patch(f"{place}{flag['id']}", json=changes, timeout=10).ok

    with _started(_CHANGES, project.url, project.secret_key) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "False\n"
        for percentage, expected in ((100, "True\n"), (0, "False\n")):
            change(percentage)
            process.stdin.write("\n")
            process.stdin.flush()
            assert process.stdout.readline() == expected
        assert process.wait(30) == 0


_AWAY = """
import os, time
from tidemark import Client
began = time.monotonic()
for local in (False, True):
    client = Client(os.environ["HOST"], "pk_wrong", local_flags=local, flags_timeout_seconds=1)
    for _ in range(50):
        assert client.flags.value("rollout", "x", default="old") == "old"
    assert client.flags.values("x") == {}
    assert client.flags.payload("rollout", "x", person_properties=3) is None
    client.shutdown(0)
assert time.monotonic() - began < 10
"""


@pytest.mark.parametrize("host", ["http://127.0.0.1:9", "installation", "nonsense"])
def test_code_gets_its_default_while_flags_cannot_be_had(
    installation: Installation, host: str
) -> None:
    _run(_AWAY, installation.url if host == "installation" else host, "")


_DRIPPING = """
import os, socket, sys, threading, time
from tidemark import Client

def serve(listener):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=drip, args=(connection,), daemon=True).start()

def drip(connection):
    try:
        connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 100000\\r\\n\\r\\n")
        for _ in range(1000):
            connection.sendall(b" ")
            time.sleep(0.1)
    except OSError:
        pass

listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(listener,), daemon=True).start()
host = f"http://127.0.0.1:{listener.getsockname()[1]}"
for local in (False, True):
    client = Client(host, "sk_any", local_flags=local, flags_timeout_seconds=3)
    began = time.monotonic()
    assert client.flags.value("rollout", "x", default="old") == "old"
    took = time.monotonic() - began
    assert took < 5.5, (local, took)
    client.shutdown(0)
"""


def test_a_call_waits_no_longer_than_its_timeout_for_an_answer_that_drips() -> None:
    """Each byte comes in time, and the first local call has two answers to wait for."""
    _run(_DRIPPING, "", "")


_REFUSED = """
import os
from tidemark import Client
from tidemark.flag_server import FlagServer
asked = []
evaluate = FlagServer.evaluate
FlagServer.evaluate = lambda server, *given: (asked.append(given), evaluate(server, *given))[1]
client = Client(os.environ["HOST"], os.environ["KEY"])
long = {"text": "x" * 3_000_000}
assert client.flags.value("rollout", "too long", person_properties=long, default="old") == "old"
for _ in range(5):
    assert client.flags.value("rollout", "another", default=False) is (os.environ["ON"] == "1")
assert len(asked) == 2, len(asked)
"""


@pytest.mark.parametrize("flags", [{"rollout": {}}, {}])
def test_a_refused_person_leaves_the_others_their_flags_asked_for_once(
    installation: Installation, flags: dict[str, dict[str, Any]]
) -> None:
    project = _project(installation, flags)
    _run(_REFUSED, project.url, project.secret_key, ON="1" if flags else "0")


_PERSONS_OF_OPENFEATURE = [
    *((f"person-{number}", {"plan": "pro" if number % 3 else "free"}) for number in range(60)),
    ("", {"plan": "pro"}),
]


@pytest.mark.parametrize("is_local", [False, True])
def test_openfeature_has_the_values_of_its_own_protocol(
    installation: Installation,
    is_local: bool,
) -> None:
    variants = [{"key": "a", "rollout_percentage": 60}, {"key": "b", "rollout_percentage": 40}]
    project = _project(
        installation,
        {
            "rollout": {"rollout_percentage": 30},
            "variants": {"variants": variants},
            "prices": {"variants": variants, "payloads": {"a": {"price": 9}, "b": {"price": 12}}},
            "for/plans": _on("plan", "is", "pro"),
            "off": {"variants": variants, "is_active": False},
        },
    )
    given = json.dumps(_PERSONS_OF_OPENFEATURE)
    secret = project.secret_key if is_local else ""
    ours = TIDEMARK_OPENFEATURE.evaluate(project.url, project.public_key, secret, given)
    protocol = OPENFEATURE_PYTHON.evaluate(project.url, project.public_key, "", given)

    def compared(output: str) -> list[dict[str, Any]]:
        return [
            {key: (one["value"], one["error_code"]) for key, one in person.items()}
            for person in json.loads(output)
        ]

    assert compared(ours) == compared(protocol)
    assert len({str(one["prices"]) for one in compared(ours)}) > 1


def _started(script: str, host: str, key: str, **options: str) -> subprocess.Popen[str]:
    environment = {"PYTHONPATH": str(ROOT / "sdk/python/src"), "HOST": host, "KEY": key, **options}
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _run(script: str, host: str, key: str, **options: str) -> None:
    with _started(script, host, key, **options) as process:
        assert process.wait(60) == 0
