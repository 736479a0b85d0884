"""However much one account sends, there is room in the stream for the others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Literal

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from services.ingest import submit
from services.ingest.limits import Cost, limits_for
from services.ingest.spool import Spool
from services.ingest.submit import Submitter
from services.processor.maintenance.project_deletion import _remove_from_streams
from services.processor.storing.stream_reader import StreamReader
from shared.errors import ErrorCode, Unavailable
from shared.events.backlogs import BACKLOGS
from shared.events.envelope import Batch
from shared.events.stream import STREAM, stream_of, streams
from shared.policies.policy import Policy
from shared.runtime.redis_memory import read_memory
from tests.support.factories import a_policy

ROOM = 40_000_000
SIZE = 100_000
LOUD, QUIET, THIRD = 1, 2, 3
"""Accounts."""


@pytest.fixture(autouse=True)
def memory(stream: Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stream with room for 40 MB, whose memory is looked at before each request."""
    monkeypatch.setattr(submit, "_MEMORY_CHECK_SECONDS", 0.0)
    usual = str(stream.config_get("maxmemory")["maxmemory"])
    while stream.info("memory")["lazyfree_pending_objects"]:  # of the test before
        time.sleep(0.01)
    stream.config_set("maxmemory", read_memory(stream).used + int(ROOM / 0.8))
    yield
    stream.config_set("maxmemory", usual)


@pytest.fixture
def submitter(stream: Redis) -> Submitter:
    return Submitter(stream, Spool(1_000), 10_000_000, partitions=3)


def of_account(
    account: int, project_id: int | None = None, kind: Literal["public", "secret"] = "secret"
) -> Policy:
    """The policy of a project; projects 11, 12, ... are of account 1, and so on."""
    return a_policy(
        project_id=project_id or 10 * account + 1,
        owner_id=account,
        kind=kind,
        rate_limit_per_minute=100_000_000,
    )


def send(submitter: Submitter, policy: Policy, size: int = 100) -> None:
    batch = Batch(project_id=policy.project_id, received_at_us=0, events=[], user_agent="u" * size)
    submitter.submit(batch, limits_for(policy, "198.51.100.7", 1), Cost(1, 1))


def refusal(submitter: Submitter, policy: Policy) -> Unavailable | None:
    try:
        send(submitter, policy, SIZE)
    except Unavailable as error:
        return error
    return None


def fill(submitter: Submitter, *policies: Policy) -> list[int]:
    """Send in turns until all are refused; return how many bytes were taken of each."""
    sent = [0] * len(policies)
    refused: set[int] = set()
    while len(refused) < len(policies):
        for number, policy in enumerate(policies):
            error = refusal(submitter, policy)
            if error is None:
                sent[number] += SIZE
            else:
                assert (error.code, error.retry_after_seconds) == (ErrorCode.ACCOUNT_BACKLOG, 5)
                refused.add(number)
    return sent


def backlogs(stream: Redis) -> dict[int, int]:
    return {int(account): int(size) for account, size in stream.zscan_iter(BACKLOGS)}


def a_reader(stream: Redis) -> StreamReader:
    reader = StreamReader(stream, batch_events=1, wait_ms=1, reclaim_ms=60_000, partitions=3)
    reader.ensure_group()
    return reader


def drain(stream: Redis) -> None:
    """Read and acknowledge everything, as a processor does."""
    reader = a_reader(stream)
    while sum(stream.xlen(name) for name in streams(stream, 3)):
        reader.acknowledge(reader.read())


def test_an_account_takes_half_of_the_stream_with_all_its_projects(submitter: Submitter) -> None:
    send(submitter, of_account(QUIET))
    sent = fill(submitter, *(of_account(LOUD, project_id) for project_id in (11, 12, 13)))
    assert 0.4 * ROOM < sum(sent) < 0.55 * ROOM
    loud = limits_for(of_account(LOUD), "", 1)
    with pytest.raises(Unavailable, match="this project's owner"):
        submitter.refuse_early(lambda: loud, LOUD, is_public=False)  # before its body is decoded
    for account in (QUIET, THIRD):
        submitter.refuse_early(lambda: loud, account, is_public=False)
        send(submitter, of_account(account), SIZE)


def test_accounts_together_leave_room_for_one_more(submitter: Submitter) -> None:
    sent = fill(submitter, *(of_account(account) for account in range(10, 14)))
    assert all(0.15 * ROOM < size < 0.25 * ROOM for size in sent)
    send(submitter, of_account(QUIET), SIZE)


def test_an_account_alone_leaves_room_for_the_first_events_of_another(
    stream: Redis, submitter: Submitter
) -> None:
    [sent] = fill(submitter, of_account(LOUD))
    assert 0.8 * ROOM < sent < 0.92 * ROOM
    send(submitter, of_account(QUIET), SIZE)
    assert list(backlogs(stream)) == [QUIET, LOUD]  # by size


def test_bodies_are_not_decoded_while_the_stream_is_full(
    stream: Redis, submitter: Submitter
) -> None:
    stream.config_set("maxmemory", read_memory(stream).used)
    error = refusal(submitter, of_account(LOUD))
    assert error
    assert error.code == ErrorCode.UNAVAILABLE
    with pytest.raises(Unavailable, match="Too many events are"):
        submitter.refuse_early(lambda: limits_for(of_account(LOUD), "", 1), LOUD, is_public=False)


@pytest.mark.parametrize("others", [[], [QUIET]], ids=["alone", "beside others"])
def test_a_public_key_leaves_room_for_secret_ones_of_its_account(
    submitter: Submitter, others: list[int]
) -> None:
    """Everybody may copy the key of a demo; the owner's shop must not stand still for it."""
    for account in others:
        send(submitter, of_account(account))
    demo, shop = of_account(LOUD, 11, kind="public"), of_account(LOUD, 12)
    share = (0.5 if others else 0.9) * ROOM
    [sent] = fill(submitter, demo)
    assert 0.8 * share < sent < 0.98 * share
    limits = limits_for(demo, "", 1)
    with pytest.raises(Unavailable, match="this project's owner"):
        submitter.refuse_early(lambda: limits, LOUD, is_public=True)
    submitter.refuse_early(lambda: limits, LOUD, is_public=False)
    send(submitter, shop, SIZE)
    [more] = fill(submitter, shop)
    assert sent + SIZE + more < 1.15 * share


def test_what_is_stored_counts_no_longer_even_when_the_memory_is_full(
    stream: Redis, submitter: Submitter
) -> None:
    send(submitter, of_account(QUIET))
    fill(submitter, of_account(LOUD))
    assert backlogs(stream)[LOUD] > 0.4 * ROOM
    reader = a_reader(stream)
    entries = reader.read()
    stream.config_set("maxmemory", 1)
    before = sum(backlogs(stream).values())
    reader.acknowledge(entries)
    reader.acknowledge(entries)  # as by the processor that took them over
    after = sum(backlogs(stream).values())
    assert before - after == sum(len(entry.raw) + 100 for entry in entries) > 0
    stream.config_set("maxmemory", read_memory(stream).used * 2)
    drain(stream)
    assert backlogs(stream) == {LOUD: 0, QUIET: 0}
    send(submitter, of_account(LOUD), SIZE)


def test_a_count_that_is_wrong_is_right_again_once_the_stream_is_empty(
    stream: Redis, submitter: Submitter
) -> None:
    for account in (LOUD, QUIET):
        send(submitter, of_account(account))
    stream.zincrby(BACKLOGS, ROOM, str(LOUD))
    stream.zincrby(BACKLOGS, -150, str(QUIET))  # less than it has
    stream.xadd(STREAM, {"batch": b"of nobody"})
    drain(stream)
    assert backlogs(stream) == {LOUD: 0, QUIET: 0}


def test_entries_of_a_deleted_project_count_no_longer(stream: Redis, submitter: Submitter) -> None:
    for project_id in (11, 12):
        send(submitter, of_account(LOUD, project_id))
    before = backlogs(stream)[LOUD]
    _remove_from_streams(stream, 11)
    assert backlogs(stream)[LOUD] == before / 2
    assert stream.xlen(stream_of(11, 3)) == 0


def test_a_stream_that_is_away_refuses_nobody_early(
    submitter: Submitter, monkeypatch: pytest.MonkeyPatch, database: Connection
) -> None:
    send(submitter, of_account(LOUD))
    monkeypatch.setattr(submitter, "_redis", Redis(port=1, socket_connect_timeout=0.1))
    submitter.refuse_early(lambda: limits_for(of_account(LOUD), "", 1), LOUD, is_public=False)
    send(submitter, of_account(LOUD))
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM spool WHERE project_id = 11")
        assert cursor.rowcount == 1
    database.commit()
