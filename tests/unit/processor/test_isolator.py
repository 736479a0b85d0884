"""Accounts take turns in isolation, and what PostgreSQL never takes is given up for others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import MagicMock

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from services.processor.storing import isolator
from services.processor.storing.isolator import Isolator
from services.processor.storing.pipeline import Result
from services.processor.storing.stream_reader import Entry
from tests.support.factories import a_batch, an_event
from tests.support.waiting import wait_for

ALICE, BOB, CAROL = 11, 12, 13


def an_entry(account: int, project_id: int, entry_id: bytes = b"1-1") -> Entry:
    return Entry(entry_id, b"", a_batch(project_id, [an_event()]), account=account)


@pytest.fixture
def isolating(monkeypatch: pytest.MonkeyPatch) -> Iterator[Isolator]:
    monkeypatch.setattr(isolator, "_PAUSE_SECONDS", 0.01)
    one = Isolator(MagicMock(spec=psycopg2.connect))
    yield one
    one.stop()


def projects_of(entries: list[Entry]) -> list[int]:
    return [entry.batch.project_id for entry in entries if entry.batch is not None]


def test_an_account_with_many_groups_has_one_turn_while_others_have_one(
    isolating: Isolator, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def store(_: Connection, entries: list[Entry], _stopping: threading.Event) -> Result:
        begun.set()
        assert go_on.wait(10)
        stored.extend(projects_of(entries))
        return Result()

    monkeypatch.setattr(isolator, "store_isolated", store)
    assert isolating.take([an_entry(ALICE, 1)])
    assert begun.wait(10)
    for project_id in (2, 3):  # other projects of the same account
        assert isolating.take([an_entry(ALICE, project_id)])
    for account, project_id in ((BOB, 4), (CAROL, 5), (BOB, 6)):
        assert isolating.take([an_entry(account, project_id)])
    go_on.set()
    wait_for(lambda: len(stored) == 6, 10)
    assert stored == [1, 4, 5, 2, 6, 3]


def test_an_event_that_always_fails_temporarily_holds_up_no_other_account(
    isolating: Isolator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither those that wait nor those whose entries are isolated with it."""
    tries: list[list[int]] = []

    def store(_: Connection, entries: list[Entry], _stopping: threading.Event) -> Result:
        tries.append(projects_of(entries))
        if 1 in tries[-1]:
            raise psycopg2.OperationalError("could not extend file")
        return Result()

    monkeypatch.setattr(isolator, "store_isolated", store)
    ours, theirs = an_entry(ALICE, 1), an_entry(BOB, 2)
    assert isolating.take([ours, theirs])
    assert isolating.take([replace(theirs, account=CAROL, batch=a_batch(3, []))])
    done: list[tuple[list[int], bool]] = []

    def settle() -> bool:
        for entries, result in isolating.finished(from_spool=False):
            done.append((projects_of(entries), result is not None))
        return len(done) == 3

    wait_for(settle, 10)
    assert sorted(done) == [([1], False), ([2], True), ([3], True)]
    assert tries.count([1]) == 3
    assert isolating._bytes == 0
