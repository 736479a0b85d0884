"""Cached answers become stale with every commit, also when a processor died right after one."""

from __future__ import annotations

from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.publication import DataVersions
from services.processor.storing.rows import flatten
from shared.runtime import data_version
from tests.support.factories import a_batch, an_event


def test_a_batch_that_comes_again_makes_cached_answers_stale(
    backends: Backends, database: Connection, project_id: int
) -> None:
    """The first processor committed and died before it could say so."""
    incoming = list(flatten([a_batch(project_id, [an_event("e1")])]))
    Pipeline().store(database, incoming)
    again = Pipeline().store(database, incoming)
    assert (len(again.stored), len(again.repeated)) == (0, 1)
    with Redis.from_url(backends.redis_url) as redis:
        before = data_version.current(redis, project_id)
        DataVersions(redis).advance(again.stored, again.repeated)
        assert data_version.current(redis, project_id) != before
