"""While the stream is away, one account leaves room in the spool for the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg2.extensions import connection as Connection

from services.ingest import spool
from services.ingest.spool import Spool
from shared.errors import ErrorCode, Unavailable
from tests.conftest import make_project
from tests.support.imports import select


@pytest.fixture(autouse=True)
def counted_at_once(database: Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty spool, whose counts are not remembered for a second."""
    monkeypatch.setattr(spool, "_COUNT_SECONDS", 0.0)
    select(database, "DELETE FROM spool")
    yield
    select(database, "DELETE FROM spool")


def fill(
    held: Spool, project_id: int, size: int, account: int, *, is_public: bool = False
) -> tuple[int, str]:
    """Add batches until one is refused; return how many were held, and the code."""
    for number in range(100):
        try:
            held.add(project_id, b"x" * size, account, is_public=is_public)
        except Unavailable as error:
            return number, error.code
    return 100, ""


@pytest.mark.parametrize(
    ("held", "size"),
    [(Spool(10), 1), (Spool(1_000, 10_000), 1_000)],
    ids=["batches", "bytes"],
)
def test_an_account_takes_as_much_of_the_spool_as_is_free(
    database: Connection, held: Spool, size: int
) -> None:
    one, another, other, third = (make_project(database, "UTC") for _ in range(4))
    busy, normal, small = 71, 72, 73  # accounts
    assert fill(held, one, size, busy) == (5, ErrorCode.ACCOUNT_BACKLOG)
    assert fill(held, another, size, busy) == (0, ErrorCode.ACCOUNT_BACKLOG)
    assert fill(held, other, size, normal) == (3, ErrorCode.ACCOUNT_BACKLOG)
    assert fill(held, third, size, small) == (1, ErrorCode.ACCOUNT_BACKLOG)
    select(database, "DELETE FROM spool WHERE project_id = %s", one)
    assert fill(held, another, size, busy)[0] == 3


@pytest.mark.parametrize("held", [Spool(1), Spool(1_000, 10)], ids=["batches", "bytes"])
def test_a_full_spool_is_nobodys_own_backlog(database: Connection, held: Spool) -> None:
    project_id = make_project(database, "UTC")
    assert fill(held, project_id, 10, 71) == (1, ErrorCode.UNAVAILABLE)
    assert fill(held, project_id, 10, 72) == (0, ErrorCode.UNAVAILABLE)


@pytest.mark.parametrize(
    ("held", "size"),
    [(Spool(100), 1), (Spool(1_000, 100_000), 1_000)],
    ids=["batches", "bytes"],
)
def test_public_keys_leave_room_for_secret_ones(
    database: Connection, held: Spool, size: int
) -> None:
    demo, shop, other = (make_project(database, "UTC") for _ in range(3))
    assert fill(held, demo, size, 71, is_public=True) == (48, ErrorCode.ACCOUNT_BACKLOG)
    assert fill(held, shop, size, 71) == (2, ErrorCode.ACCOUNT_BACKLOG)
    assert fill(held, other, size, 72, is_public=True)[0] == 24


def test_batches_that_name_no_account_count_for_their_project(database: Connection) -> None:
    held, project_id = Spool(10), make_project(database, "UTC")
    for _ in range(5):  # as of an earlier version
        select(database, "INSERT INTO spool (project_id, envelope) VALUES (%s, 'x')", project_id)
    assert fill(held, project_id, 1, -project_id) == (0, ErrorCode.ACCOUNT_BACKLOG)
    assert fill(held, project_id, 1, 71)[0] == 3
