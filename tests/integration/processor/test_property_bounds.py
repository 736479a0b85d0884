"""Properties of persons and groups are bounded in bytes; what exceeds them is told."""

from __future__ import annotations

import uuid
from datetime import timedelta

import msgspec
import pytest
from psycopg2.extensions import connection as Connection

from services.processor.persons import properties
from services.processor.persons.properties import Properties, apply_change, from_columns
from services.processor.storing import outcome_counts
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from shared.events.envelope import Event, GroupChange, PersonChange
from tests.integration.processor.test_persons import profile
from tests.support.factories import NOON, a_batch, an_event
from tests.support.sealing import one

KILOBYTE = 1024


def setting(minute: int, **values: str) -> Event:
    event = an_event("$set", at=NOON + timedelta(minutes=minute), person="ann")
    event.person = PersonChange(set=msgspec.json.encode(values))
    return event


def store(database: Connection, project_id: int, events: list[Event]) -> None:
    """Store the events as one request, and count what its warnings say."""
    batch = a_batch(project_id, events, NOON + timedelta(days=1))
    batch.batch_id = uuid.uuid4().bytes
    result = Pipeline().store(database, list(flatten([batch])))
    assert len(result.stored) == len(events)
    outcome_counts.record(database, [batch], result.repeated)


def warned(database: Connection, project_id: int) -> int:
    statement = (
        "SELECT coalesce(sum(events), 0)::int FROM intake_warnings"
        " WHERE project_id = %s AND reason = 'profile_too_large'"
    )
    found = one(database, statement, project_id)
    assert isinstance(found, int)
    return found


def test_a_value_that_is_too_large_is_left_out_with_a_warning(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, [setting(0, plan="pro", essay="x" * 9 * KILOBYTE)])
    assert profile(database, project_id, "ann")["properties"] == {"plan": "pro"}
    assert warned(database, project_id) == 1


def test_a_person_keeps_what_fits_and_may_change_it(database: Connection, project_id: int) -> None:
    text = "x" * 6 * KILOBYTE
    store(database, project_id, [setting(n, **{f"k{n:02}": text}) for n in range(20)])
    kept = profile(database, project_id, "ann")["properties"]
    assert sorted(kept) == [f"k{n:02}" for n in range(10)]  # the first that came
    assert warned(database, project_id) == 10
    store(database, project_id, [setting(30, k00="small", k01="y" * 6 * KILOBYTE)])
    assert profile(database, project_id, "ann")["properties"]["k00"] == "small"
    assert profile(database, project_id, "ann")["properties"]["k01"] == "y" * 6 * KILOBYTE
    store(database, project_id, [setting(31, late=text)])  # there is room again
    assert "late" in profile(database, project_id, "ann")["properties"]
    assert warned(database, project_id) == 10


def test_a_group_is_bounded_in_the_same_way(database: Connection, project_id: int) -> None:
    events = []
    for number in range(20):
        event = an_event("$groupidentify", at=NOON + timedelta(minutes=number))
        values = msgspec.json.encode({f"k{number:02}": "x" * 6 * KILOBYTE})
        event.group = GroupChange("company", "acme", values)
        events.append(event)
    store(database, project_id, events)
    kept = one(database, "SELECT properties FROM groups WHERE project_id = %s", project_id)
    assert isinstance(kept, dict)
    assert len(kept) == 10
    assert warned(database, project_id) == 10


def test_too_many_property_names_give_a_warning(database: Connection, project_id: int) -> None:
    names = {f"n{n}": "" for n in range(properties.MAX_PROPERTIES)}
    store(database, project_id, [setting(0, **names)])
    store(database, project_id, [setting(1, one_more="")])
    assert "one_more" not in profile(database, project_id, "ann")["properties"]
    assert warned(database, project_id) == 1


@pytest.mark.parametrize("stored", [200 * KILOBYTE, 60 * KILOBYTE])
def test_what_is_stored_already_is_kept_and_does_not_grow(stored: int) -> None:
    values = {f"k{n}": "x" * 4 * KILOBYTE for n in range(stored // (4 * KILOBYTE))}
    change = Properties()
    for name in ("k0", "new1", "new2"):
        change.write(name, "set", 5, "y" * 4 * KILOBYTE)
    writes = {name: ["set", 1, None, None] for name in values}
    columns = apply_change((values, writes, []), change)
    assert columns is not None
    after = from_columns(*(msgspec.json.decode(column) for column in columns))
    assert after.values["k0"] == "y" * 4 * KILOBYTE
    assert after.values.keys() == values.keys()
    assert change.dropped == 2
