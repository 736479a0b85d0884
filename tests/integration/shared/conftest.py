"""A database of the test's own, which has no tables."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest

from deploy.local.backends import Backends
from tests.conftest import plain_url


@pytest.fixture
def empty_database(backends: Backends, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database that migrations of this test run against; its URL for psycopg2."""
    name = f"migrations_{uuid.uuid4().hex[:8]}"
    url = backends.database_url.rsplit("/", 1)[0] + f"/{name}"
    monkeypatch.setenv("DATABASE_URL", url)
    with closing(psycopg2.connect(plain_url(backends.database_url))) as admin:
        admin.autocommit = True
        with admin.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        yield plain_url(url)
        with admin.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
