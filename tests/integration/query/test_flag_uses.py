"""A flag becomes one for groups, or persons are compared by it: never both at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection
from sqlalchemy.orm import Session

from services.auth.flags.uses import check_uses
from services.query.saved.experiments import EXPERIMENTS
from shared.errors import Conflict
from shared.flags.definition import FlagDefinition, to_json
from shared.models import Experiment, FeatureFlag
from shared.runtime.database import session_scope
from tests.support.insights import put
from tests.support.reader import client_of, make_user
from tests.support.waiting import wait_for

FOR_PERSONS = FlagDefinition("button")
FOR_GROUPS = FlagDefinition("button", group_type="company")
STORED: dict[str, Any] = {"version": 1, "definition": to_json(FOR_PERSONS), "created_by": 1}
EXPERIMENT: dict[str, Any] = {
    "name": "Button",
    "flag_key": "button",
    "variants": [{"key": "false", "share": 0.5}, {"key": "true", "share": 0.5}],
    "metrics": [{"name": "Buys", "kind": "conversion", "event": "bought"}],
    "starts_at": "2026-06-01T00:00:00Z",
}
ENDED = {"ends_at": "2026-06-02T00:00:00Z"}
COHORT = {"name": "Has it", "query": {"flag": "button", "value": True}}


@pytest.fixture
def project(database: Connection) -> int:
    made = put(database, "UTC", [])
    with session_scope() as session:
        session.add(FeatureFlag(project_id=made, key="button", **STORED))
    return made


@pytest.fixture
def save(database: Connection, project: int) -> Callable[..., Any]:
    client = client_of(make_user(database, project))

    def call(path: str, values: dict[str, Any], method: str = "POST") -> Any:
        path = f"/api/v1/analytics/{project}/{path}"
        return client.open(path, method=method, json=values)

    return call


def for_groups(session: Session, project: int) -> None:
    check_uses(session, project, FOR_PERSONS, FOR_GROUPS)
    flags = session.query(FeatureFlag).filter_by(project_id=project, key="button")
    flags.update({"definition": to_json(FOR_GROUPS)})


def save_experiment(session: Session, project: int) -> None:
    values = {**EXPERIMENT, "starts_at": datetime(2026, 6, 1, tzinfo=timezone.utc)}
    EXPERIMENTS.check(session, project, values)
    session.add(Experiment(project_id=project, **values))


@pytest.mark.parametrize(
    ("path", "values", "field"),
    [("experiments/", EXPERIMENT, "flag_key"), ("cohorts/", COHORT, "query.flag")],
)
def test_what_is_saved_waits_for_a_flag_that_becomes_one_for_groups(
    database: Connection,
    project: int,
    save: Callable[..., Any],
    path: str,
    values: dict[str, Any],
    field: str,
) -> None:
    with ThreadPoolExecutor() as pool:
        with session_scope() as session:
            for_groups(session, project)
            saved = pool.submit(save, path, values)
            _wait(database, saved)
        answer = saved.result(timeout=30)
    assert (answer.status_code, [*answer.json["errors"]]) == (422, [field])


def test_a_flag_waits_for_an_experiment_that_is_being_saved(
    database: Connection, project: int
) -> None:
    def become_one_for_groups() -> None:
        with session_scope() as session:
            for_groups(session, project)

    with ThreadPoolExecutor() as pool:
        with session_scope() as session:
            save_experiment(session, project)
            session.flush()
            changed = pool.submit(become_one_for_groups)
            _wait(database, changed)
        with pytest.raises(Conflict, match="experiment Button"):
            changed.result(timeout=30)


def test_an_experiment_of_a_flag_that_is_for_groups_by_now_cannot_go_on(
    project: int, save: Callable[..., Any]
) -> None:
    ended = f"experiments/{save('experiments/', EXPERIMENT | ENDED).json['id']}"
    with session_scope() as session:
        for_groups(session, project)
    refused = save(ended, {"ends_at": None}, "PATCH")
    assert (refused.status_code, [*refused.json["errors"]]) == (422, ["flag_key"])
    # Its note may be written, and its end be corrected.
    assert save(ended, {"decision": "Nothing changed."}, "PATCH").status_code == 200
    assert save(ended, {"ends_at": "2026-06-03T00:00:00Z"}, "PATCH").status_code == 200


def _wait(database: Connection, other: Future[Any]) -> None:
    """Wait until another transaction waits for a lock, or has ended without."""

    def waits() -> bool:
        with database.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            [[waiting]] = cursor.fetchall()
        return bool(waiting) or other.done()

    wait_for(waits, what="The other transaction neither waits nor ends.")
