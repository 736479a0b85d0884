"""While the stream is away, one project leaves room in the spool for the others."""

from __future__ import annotations

import pytest
from psycopg2.extensions import connection as Connection

from services.ingest import spool
from services.ingest.spool import Spool
from shared.errors import Unavailable
from tests.conftest import make_project
from tests.support.imports import select


@pytest.fixture(autouse=True)
def counted_at_once(database: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty spool, whose counts are not remembered for a second."""
    monkeypatch.setattr(spool, "_COUNT_SECONDS", 0.0)
    select(database, "DELETE FROM spool")


def fill(held: Spool, project_id: int, size: int) -> tuple[int, str]:
    """Add batches until one is refused; return how many were held, and the message."""
    for number in range(100):
        try:
            held.add(project_id, b"x" * size)
        except Unavailable as error:
            return number, error.message
    return 100, ""


@pytest.mark.parametrize(
    ("held", "size", "room"),
    [(Spool(10), 1, 5), (Spool(1_000, 10_000), 1_000, 5), (Spool(1), 1, 1)],
    ids=["batches", "bytes", "one"],
)
def test_a_project_takes_half_of_the_spool(
    database: Connection, held: Spool, size: int, room: int
) -> None:
    busy, other, third = (make_project(database, "UTC") for _ in range(3))
    first, message = fill(held, busy, size)
    assert first == room
    if room > 1:
        assert "of this project" in message
        second, _ = fill(held, other, size)
        assert second == room
    none, message = fill(held, third, size)
    assert none == 0
    assert "of this project" not in message
    stored = select(database, "SELECT count(*) FROM spool")
    assert stored == [(first if room == 1 else 2 * room,)]
    select(database, "DELETE FROM spool")
    held.add(busy, b"x")
    select(database, "DELETE FROM spool")
