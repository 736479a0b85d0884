"""What conditions of flags know of recent events, compared with counting rows."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta, timezone
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json
from redis import Redis

from deploy.local.children import free_port
from services.processor.jobs.tasks import delete_person, run_imports
from services.processor.persons import undoing
from services.processor.recent_events import building, wanted
from services.processor.recent_events.building import keep_recent_events
from services.processor.recent_events.keeping import RecentEventsKeeper
from services.processor.storing.pipeline import Pipeline, Result
from services.processor.storing.rows import flatten
from shared.errors import Unprocessable
from shared.events.envelope import Event, PersonChange
from shared.flags import cohort_checks, recent_events
from shared.flags.definition import from_json
from shared.flags.recent_events import ask, look_up, prefix_of
from shared.flags.stored_names import cohort_question, property_question
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_state_redis
from shared.runtime.redis_memory import COPIES_SHARE
from tests.conftest import make_project
from tests.integration.processor.test_persons import alias, identify, saying
from tests.support.factories import a_batch, an_event
from tests.support.imports import csv_file, hold
from tests.support.sealing import one

NOW = datetime.now(timezone.utc)
TODAY = datetime.combine(NOW.date(), time(), timezone.utc)
WEEK, MONTH = ("bought", 7), ("bought", 30)
LEFT = ("left: 100 %", 1)
ASKED = (WEEK, MONTH, LEFT)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "LOOK_SECONDS", 0.0)


@pytest.fixture
def state(stream: Redis) -> Redis:
    """The Redis of the state, without what other tests left of recent events."""
    redis = get_state_redis()
    for key in redis.scan_iter(match=f"{recent_events.TRACKED}*"):
        redis.delete(key)
    return redis


def add_flag(
    database: Connection,
    project_id: int,
    questions: Iterable[tuple[str, int]] = ASKED,
    cohorts: Iterable[int] = (),
) -> None:
    """Store a flag whose conditions ask these questions."""
    filters = [
        {"property": name, "scope": "event", "operator": "did", "value": [days]}
        for name, days in questions
    ]
    filters += [_in_cohort(one) for one in cohorts]
    definition = Json({"key": "asks", "conditions": [{"filters": filters}]})
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO feature_flags (project_id, key, version, definition, created_by) "
            "VALUES (%s, 'asks', 1, %s, 1) ON CONFLICT (project_id, key) "
            "DO UPDATE SET definition = excluded.definition",
            (project_id, definition),
        )
    database.commit()


def _in_cohort(cohort_id: int) -> dict[str, Any]:
    return {"property": "id", "scope": "cohort", "operator": "is", "value": [cohort_id]}


def add_cohort(database: Connection, project_id: int) -> int:
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cohorts (project_id, name, kind) VALUES (%s, 'Some', 'upload') "
            "RETURNING id",
            (project_id,),
        )
        (cohort_id,) = cursor.fetchone() or (0,)
    database.commit()
    return int(cohort_id)


def count_cohort(
    database: Connection, project_id: int, cohort_id: int, members: Sequence[str]
) -> None:
    """Make these persons the members, as the query service does."""
    with database.cursor() as cursor:
        cursor.execute(
            "DELETE FROM cohort_members WHERE project_id = %(project)s AND cohort_id = %(cohort)s;"
            "INSERT INTO cohort_members SELECT project_id, %(cohort)s, person_id "
            "FROM person_distinct_ids WHERE project_id = %(project)s "
            "AND distinct_id = ANY (%(members)s);"
            "UPDATE cohorts SET size = %(size)s, counted_at = clock_timestamp() "
            "WHERE project_id = %(project)s AND id = %(cohort)s",
            {
                "project": project_id,
                "cohort": cohort_id,
                "members": list(members),
                "size": len(members),
            },
        )
    database.commit()


def keeper(database: Connection, redis: Redis | None = None) -> RecentEventsKeeper:
    """A processor's part that adds events; it looks at once which are asked for."""
    return RecentEventsKeeper(redis or get_state_redis(), lambda: database)


def store(
    database: Connection, project_id: int, events: Sequence[Event], received_at: datetime = NOW
) -> Result:
    batch = a_batch(project_id, events, received_at, key_kind="secret")
    batch.batch_id = uuid.uuid4().bytes
    return Pipeline().store(database, list(flatten([batch])))


def keep(kept: RecentEventsKeeper, result: Result) -> None:
    kept.keep(result.stored, result.repeated, result.persons)


def known(project_id: int, distinct_id: str, now: datetime = NOW) -> dict[tuple[str, int], bool]:
    return ask(get_state_redis(), project_id, distinct_id, ASKED, now)


def by_counting(database: Connection, project_id: int, distinct_id: str) -> dict[Any, bool]:
    """Answer the questions from rows of the person who has the id now."""
    return {
        (name, days): bool(
            one(
                database,
                "SELECT count(*) FROM events e JOIN person_distinct_ids d "
                "USING (project_id, person_id) WHERE project_id = %s AND d.distinct_id = %s "
                "AND event_name = %s AND timestamp >= %s",
                *(project_id, distinct_id, name, TODAY - timedelta(days=days - 1)),
            )
        )
        for name, days in ASKED
    }


def test_what_was_before_the_condition_is_found_and_what_comes_is_added(
    database: Connection, project_id: int, state: Redis
) -> None:
    add_flag(database, project_id)
    store(database, project_id, [an_event("bought", at=NOW, person="ann")])
    assert known(project_id, "ann") == {}
    keep_recent_events(database, state, NOW)
    assert known(project_id, "ann") == {WEEK: True, MONTH: True, LEFT: False}
    assert known(project_id, "bob") == {WEEK: False, MONTH: False, LEFT: False}
    now_done = [an_event(LEFT[0], at=NOW, person="bob"), an_event("other", at=NOW, person="cy")]
    keep(keeper(database), store(database, project_id, now_done))
    assert known(project_id, "bob") == {WEEK: False, MONTH: False, LEFT: True}
    assert known(project_id, "cy") == {WEEK: False, MONTH: False, LEFT: False}


def test_an_import_is_found_when_its_days_reach_into_a_window(
    database: Connection, project_id: int, state: Redis
) -> None:
    add_flag(database, project_id)
    keep_recent_events(database, state, NOW)
    built = f"{prefix_of(project_id)}:built"
    for days, is_recent in ((100, False), (2, True)):
        when = (NOW - timedelta(days=days)).isoformat()
        hold(database, project_id, csv_file([("bought", when, "ada")], ("event", "time", "user")))
        run_imports()
        assert state.exists(built) == (0 if is_recent else 1)
    keep_recent_events(database, state, NOW)
    assert known(project_id, "ada")[WEEK] is True


def test_windows_end_with_whole_utc_days(
    database: Connection, project_id: int, state: Redis
) -> None:
    add_flag(database, project_id)
    # Not at import: the run may have passed midnight since, and the keeper goes by the clock.
    now = datetime.now(timezone.utc)
    today = datetime.combine(now.date(), time(), timezone.utc)
    first = today - timedelta(days=6)
    events = [
        an_event("bought", at=first, person="just in"),
        an_event("bought", at=first - timedelta(milliseconds=1), person="just out"),
        an_event(LEFT[0], at=today - timedelta(milliseconds=1), person="yesterday"),
    ]
    kept = keeper(database)
    keep_recent_events(database, state, now)
    keep(kept, store(database, project_id, events))
    for _ in range(2):
        assert known(project_id, "just in", now)[WEEK]
        assert not known(project_id, "just in", now + timedelta(days=1))[WEEK]
        assert not known(project_id, "just out", now)[WEEK]
        assert known(project_id, "just out", now + timedelta(days=22))[MONTH]
        assert not known(project_id, "just out", now + timedelta(days=23))[MONTH]
        assert not known(project_id, "yesterday", now)[LEFT]
        state.delete(prefix_of(project_id))
        keep_recent_events(database, state, now)
    bitmaps = list(state.scan_iter(match=f"{prefix_of(project_id)}:*:*"))
    assert len(bitmaps) == 3
    assert all(0 < state.ttl(key) < 32 * 86_400 for key in bitmaps)


@pytest.mark.parametrize("seed", range(6))
def test_it_agrees_with_rows_through_merges_and_deletions(
    database: Connection, project_id: int, state: Redis, seed: int
) -> None:
    """In any order, with a search from time to time, and half of the processors' parts anew."""
    chance = random.Random(seed)
    add_flag(database, project_id)
    keep_recent_events(database, state, NOW)
    ids = [f"id {number}" for number in range(12)]
    kept = [keeper(database), keeper(database)]
    for _ in range(40):
        person, other = chance.sample(ids, 2)
        at = NOW - timedelta(hours=chance.randrange(24 * 33))
        act = chance.random()
        if act < 0.7:
            name = chance.choice(["bought", LEFT[0], "other"])
            event = an_event(name, at=at, person=person)
        else:
            event = chance.choice([alias, identify])(person, other, NOW)
        keep(chance.choice(kept), store(database, project_id, [event]))
        if act > 0.95:
            delete_person(project_id, chance.choice(ids))
        if act > 0.85:
            keep_recent_events(database, state, NOW)
        for one_id in ids:
            assert known(project_id, one_id) == by_counting(database, project_id, one_id), one_id


def test_nothing_of_a_deleted_person_is_left(
    database: Connection, project_id: int, state: Redis
) -> None:
    add_flag(database, project_id)
    store(database, project_id, [an_event("bought", at=NOW, person=one) for one in ("ann", "bob")])
    keep_recent_events(database, state, NOW)
    delete_person(project_id, "ann")
    keep_recent_events(database, state, NOW)
    assert not known(project_id, "ann")[WEEK]
    assert known(project_id, "bob")[WEEK]
    assert list(state.hkeys(f"{prefix_of(project_id)}:ids")) == [b"bob"]


def test_an_undone_merge_leaves_what_each_did(
    database: Connection, project_id: int, state: Redis
) -> None:
    add_flag(database, project_id)
    store(database, project_id, [an_event("bought", at=NOW, person="phone")])
    store(database, project_id, [an_event("other", at=NOW, person="ann")])
    store(database, project_id, [alias("ann", "phone", NOW)])
    keep_recent_events(database, state, NOW)
    assert known(project_id, "ann")[WEEK]
    assert known(project_id, "phone")[WEEK]
    merge_id: Any = one(database, "SELECT id FROM person_merges WHERE project_id = %s", project_id)
    undoing.undo(database, project_id, merge_id)
    keep_recent_events(database, state, NOW)
    assert not known(project_id, "ann")[WEEK]
    assert known(project_id, "phone")[WEEK]


def test_what_was_stored_by_a_processor_that_died_is_added_by_the_next(
    database: Connection, project_id: int, state: Redis
) -> None:
    add_flag(database, project_id)
    keep_recent_events(database, state, NOW)
    batch = a_batch(project_id, [an_event("bought", at=NOW, person="ann")], NOW)
    batch.batch_id = uuid.uuid4().bytes
    Pipeline().store(database, list(flatten([batch])))  # and dies
    again = Pipeline().store(database, list(flatten([batch])))
    assert again.repeated
    assert not again.stored
    keep(keeper(database), again)
    assert known(project_id, "ann")[WEEK]


def test_what_was_missed_while_redis_was_away_is_unknown_until_it_is_found(
    database: Connection, project_id: int, state: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_flag(database, project_id)
    keep_recent_events(database, state, NOW)
    kept, unsure = keeper(database), keeper(database, Redis(port=free_port()))
    keep(kept, Result())
    monkeypatch.setattr(kept, "_redis", Redis(port=free_port()))
    for part, person in ((kept, "ann"), (unsure, "bob")):
        keep(part, store(database, project_id, [an_event("bought", at=NOW, person=person)]))
        monkeypatch.setattr(part, "_redis", state)
        monkeypatch.setattr(part, "_looked_at", 0.0)
        assert not known(project_id, person).get(WEEK)
        keep(part, Result())
        assert known(project_id, person) == {}
        keep_recent_events(database, state, NOW)
        assert known(project_id, person)[WEEK]


def test_a_project_with_too_many_persons_has_no_answers_and_takes_no_room(
    database: Connection, project_id: int, state: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_flag(database, project_id)
    monkeypatch.setattr(building, "MAX_IDS", 3)
    monkeypatch.setattr(recent_events, "MAX_IDS", 3)
    keep_recent_events(database, state, NOW)
    for number in range(3):
        events = [an_event("bought", at=NOW, person=f"p{number}")]
        keep(keeper(database), store(database, project_id, events))
    assert known(project_id, "p2")[WEEK]
    keep(keeper(database), store(database, project_id, [an_event("bought", at=NOW, person="p3")]))
    assert known(project_id, "p2") == known(project_id, "p3") == {}
    keep_recent_events(database, state, NOW)
    assert known(project_id, "p2") == {}
    assert not state.exists(f"{prefix_of(project_id)}:ids")


def test_the_largest_projects_are_forgotten_before_they_take_the_memory_of_logins(
    database: Connection, project_id: int, state: Redis
) -> None:
    large = make_project(database, "UTC")
    for project, persons in ((project_id, 1), (large, 1_500)):
        add_flag(database, project)
        names = [f"{number:0200}" for number in range(persons)]
        store(database, project, [an_event("bought", at=NOW, person=one) for one in names])
    keep_recent_events(database, state, NOW)
    small_one = f"{0:0200}"
    assert known(large, small_one)[WEEK]
    before = int(state.config_get("maxmemory")["maxmemory"] or 0)
    state.config_set("maxmemory", int(state.info("memory")["used_memory"] / COPIES_SHARE) - 50_000)
    try:
        keep_recent_events(database, state, NOW)
        assert known(large, small_one) == {}
        assert not state.exists(f"{prefix_of(large)}:ids")
        assert known(project_id, small_one)[WEEK]
    finally:
        state.config_set("maxmemory", before)


def test_only_projects_and_events_that_are_asked_for_are_kept(
    database: Connection, project_id: int, state: Redis
) -> None:
    other = make_project(database, "UTC")
    add_flag(database, project_id)
    keep_recent_events(database, state, NOW)
    kept = keeper(database)
    for project in (project_id, other):
        keep(kept, store(database, project, [an_event("bought", at=NOW, person="ann")]))
    assert known(project_id, "ann")[WEEK]
    assert known(other, "ann") == {}
    assert not list(state.scan_iter(match=f"{prefix_of(other)}:*"))
    add_flag(database, project_id, [])
    keep_recent_events(database, state, NOW)
    assert not list(state.scan_iter(match=f"{prefix_of(project_id)}:*"))
    assert known(project_id, "ann") == {}


def test_a_longer_window_is_unknown_until_its_days_are_found(
    database: Connection, project_id: int, state: Redis
) -> None:
    add_flag(database, project_id, [WEEK])
    past = an_event("bought", at=NOW - timedelta(days=20), person="ann")
    store(database, project_id, [past])
    keep_recent_events(database, state, NOW)
    assert known(project_id, "ann") == {WEEK: False}
    add_flag(database, project_id, [WEEK, MONTH])
    assert known(project_id, "ann") == {WEEK: False}
    keep_recent_events(database, state, NOW)
    assert known(project_id, "ann") == {WEEK: False, MONTH: True}


def test_events_are_stored_also_when_what_is_known_of_them_cannot_be_kept(
    database: Connection, project_id: int, state: Redis
) -> None:
    add_flag(database, project_id)
    keep_recent_events(database, state, NOW)

    def fail() -> Connection:
        raise psycopg2.OperationalError("away")

    failing = RecentEventsKeeper(state, fail)
    keep(failing, store(database, project_id, [an_event("bought", at=NOW, person="ann")]))
    state.delete(f"{prefix_of(project_id)}:ids")
    failing._looked_at = 0.0
    keep(failing, Result())
    assert known(project_id, "ann") == {}


def test_an_event_that_is_asked_for_again_is_unknown_until_it_is_found(
    database: Connection, project_id: int, state: Redis
) -> None:
    add_flag(database, project_id, [WEEK, LEFT])
    keep_recent_events(database, state, NOW)
    add_flag(database, project_id, [LEFT])
    keep_recent_events(database, state, NOW)
    bought = [an_event("bought", at=NOW, person="ann")]
    keep(keeper(database), store(database, project_id, bought))
    add_flag(database, project_id, [WEEK, LEFT])
    assert WEEK not in known(project_id, "ann")
    keep_recent_events(database, state, NOW)
    assert known(project_id, "ann")[WEEK]


def test_members_of_a_cohort_are_those_who_were_counted_last(
    database: Connection, project_id: int, state: Redis
) -> None:
    cohort = add_cohort(database, project_id)
    question = cohort_question(cohort)

    def members() -> dict[str, bool | None]:
        ids = ("ann", "phone", "bob", "cy", "nobody")
        redis = get_state_redis()
        return {
            one_id: ask(redis, project_id, one_id, [question], NOW).get(question) for one_id in ids
        }

    def expected(*those: str) -> dict[str, bool | None]:
        return {one_id: one_id in those for one_id in members()}

    people = [an_event("seen", at=NOW, person=one) for one in ("ann", "bob", "cy")]
    kept = keeper(database)
    keep(kept, store(database, project_id, people))
    count_cohort(database, project_id, cohort, ["ann", "bob"])
    add_flag(database, project_id, [], [cohort])
    unknown = dict.fromkeys(members())
    assert members() == unknown
    keep_recent_events(database, state, NOW)
    assert members() == expected("ann", "bob")
    # A member's new id is known at once, and a deleted person is none.
    kept = keeper(database)
    keep(kept, store(database, project_id, [alias("ann", "phone", NOW)]))
    assert members() == expected("ann", "phone", "bob")
    delete_person(project_id, "bob")
    keep_recent_events(database, state, NOW)
    assert members() == expected("ann", "phone")
    # Counted anew, with a merge in between.
    count_cohort(database, project_id, cohort, ["cy"])
    keep(kept, store(database, project_id, [alias("cy", "ann", NOW)]))
    keep_recent_events(database, state, NOW)
    assert members() == expected("ann", "phone", "cy")
    count_cohort(database, project_id, cohort, [])
    keep_recent_events(database, state, NOW)
    assert members() == expected()
    assert not list(state.scan_iter(match=f"{prefix_of(project_id)}:*:*"))
    # Gone: nobody is in, and nobody is not.
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM cohorts WHERE project_id = %s", (project_id,))
    database.commit()
    keep_recent_events(database, state, NOW)
    assert members() == unknown


def test_a_cohort_that_is_too_large_is_refused_and_leaves_other_conditions_alone(
    database: Connection, project_id: int, state: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = add_cohort(database, project_id)
    store(database, project_id, [an_event("bought", at=NOW, person=one) for one in ("ann", "bob")])
    count_cohort(database, project_id, large, ["ann", "bob"])
    add_flag(database, project_id, [WEEK], [large])
    keep_recent_events(database, state, NOW)
    question = cohort_question(large)
    assert ask(state, project_id, "ann", [question], NOW) == {question: True}
    monkeypatch.setattr(wanted, "MAX_MEMBERS", 1)
    monkeypatch.setattr(cohort_checks, "MAX_MEMBERS", 1)
    keep_recent_events(database, state, NOW)
    assert ask(state, project_id, "ann", [question], NOW) == {}
    assert known(project_id, "ann")[WEEK]
    flag = from_json({"key": "a", "conditions": [{"filters": [_in_cohort(large)]}]})
    with session_scope() as session:
        with pytest.raises(Unprocessable) as refused:
            cohort_checks.check_cohorts(session, project_id, flag)
        # A flag that named it before can still be changed, and switched off.
        cohort_checks.check_cohorts(session, project_id, flag, {large})
    [message] = refused.value.errors["conditions.0.filters.0"]
    assert "2 members" in message


def add_property_flag(database: Connection, project_id: int, *names: str) -> None:
    """Store a flag with conditions on properties, beside what another one asks."""
    filters = [{"property": one, "scope": "person", "operator": "is_set"} for one in names]
    definition = Json({"key": "of-properties", "conditions": [{"filters": filters}]})
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO feature_flags (project_id, key, version, definition, created_by) "
            "VALUES (%s, 'of-properties', 1, %s, 1)",
            (project_id, definition),
        )
    database.commit()


def stored(project_id: int, distinct_id: str, *names: str) -> dict[str, Any]:
    questions = [property_question(one) for one in names]
    return look_up(get_state_redis(), project_id, distinct_id, questions, NOW)[1]


@pytest.mark.parametrize("seed", range(4))
def test_properties_of_persons_are_those_that_are_stored(
    database: Connection, project_id: int, state: Redis, seed: int
) -> None:
    """Through changes, merges and deletions by two processors, with a search from time to time."""
    chance = random.Random(seed)
    add_property_flag(database, project_id, "plan", "level")
    ids = [f"id {number}" for number in range(8)]
    store(database, project_id, [saying("id 0", NOW, set={"plan": "before", "other": 1})])
    keep_recent_events(database, state, NOW)
    assert stored(project_id, "id 0", "plan", "level") == {"plan": "before"}
    kept = [keeper(database), keeper(database)]
    for step in range(40):
        person, other = chance.sample(ids, 2)
        at = NOW + timedelta(seconds=step)
        act = chance.random()
        if act < 0.5:
            name = chance.choice(["plan", "level", "other"])
            event = saying(person, at, set={name: chance.choice(["ä", 7, None])})
        elif act < 0.6:
            event = an_event("$unset", at=at, person=person)
            event.person = PersonChange(unset=("plan",))
        elif act < 0.75:
            event = chance.choice([alias, identify])(person, other, at)
        else:
            event = an_event("seen", at=at, person=person)
        keep(chance.choice(kept), store(database, project_id, [event], at))
        if act > 0.95:
            delete_person(project_id, chance.choice(ids))
        if act > 0.9:
            keep_recent_events(database, state, NOW)
        for one_id in ids:
            values = one(
                database,
                "SELECT (SELECT properties FROM persons JOIN person_distinct_ids "
                "USING (project_id, person_id) WHERE project_id = %s AND distinct_id = %s)",
                *(project_id, one_id),
            )
            assert isinstance(values, dict | None)
            expected = {
                name: value for name, value in (values or {}).items() if name in ("plan", "level")
            }
            assert stored(project_id, one_id, "plan", "level") == expected, (step, one_id)


def test_properties_that_were_missed_are_found_with_the_next_search(
    database: Connection, project_id: int, state: Redis
) -> None:
    add_property_flag(database, project_id, "plan")
    store(database, project_id, [saying("ann", NOW, set={"plan": "pro", "level": 3})])
    store(database, project_id, [saying("bob", NOW, set={"plan": "pro"})])
    keep_recent_events(database, state, NOW)
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE persons SET properties = CASE WHEN properties ? 'level' "
            """THEN '{"plan": "free"}'::jsonb ELSE '{}' END WHERE project_id = %s""",
            (project_id,),
        )
    database.commit()
    state.delete(f"{prefix_of(project_id)}:built")
    keep_recent_events(database, state, NOW)
    assert stored(project_id, "ann", "plan") == {"plan": "free"}
    assert stored(project_id, "bob", "plan") == {}
    # One that is asked for newly is unknown until it is found.
    add_flag(database, project_id, [WEEK])
    assert known(project_id, "ann") == {}
    assert stored(project_id, "ann", "plan") == {"plan": "free"}


def test_too_many_persons_with_properties_leave_conditions_on_events_alone(
    database: Connection, project_id: int, state: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "MAX_IDS", 2)
    monkeypatch.setattr(recent_events, "MAX_IDS", 2)
    add_flag(database, project_id, [WEEK])
    add_property_flag(database, project_id, "plan")
    store(database, project_id, [an_event("bought", at=NOW, person="ann")])
    people = [saying(one, NOW, set={"plan": "pro"}) for one in ("bob", "cy")]
    store(database, project_id, people)
    for _ in range(2):
        keep_recent_events(database, state, NOW)
    assert stored(project_id, "bob", "plan") == {}
    assert known(project_id, "ann") == {WEEK: True}
    assert known(project_id, "bob") == {WEEK: False}
    keep(keeper(database), store(database, project_id, people))
    assert known(project_id, "ann") == {WEEK: True}
