"""Migrations: up, down, up again, and what they make is what the models say."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid

import psycopg2

from deploy.local.backends import Backends
from services.processor.storing.event_store import copy_events
from services.processor.storing.partitions import make_partition
from services.processor.storing.rows import flatten
from tests.conftest import ROOT, plain_url
from tests.support.factories import NOON, a_batch, an_event


def test_migrations_run_up_and_down_and_match_the_models(backends: Backends) -> None:
    name = f"migrations_{uuid.uuid4().hex[:8]}"
    admin = psycopg2.connect(plain_url(backends.database_url))
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    url = backends.database_url.rsplit("/", 1)[0] + f"/{name}"
    try:
        for arguments in (
            ["upgrade", "head"],
            ["check"],
            ["downgrade", "base"],
            ["upgrade", "head"],
        ):
            done = subprocess.run(
                [sys.executable, "-m", "alembic", *arguments],
                cwd=ROOT,
                env={**os.environ, "DATABASE_URL": url},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, (arguments, done.stdout + done.stderr)
    finally:
        with admin.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        admin.close()


def test_events_survive_a_change_of_their_columns_order(backends: Backends) -> None:
    name = f"migrations_{uuid.uuid4().hex[:8]}"
    admin = psycopg2.connect(plain_url(backends.database_url))
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    url = backends.database_url.rsplit("/", 1)[0] + f"/{name}"

    def alembic(*arguments: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "alembic", *arguments],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url},
            capture_output=True,
            check=True,
        )

    try:
        alembic("upgrade", "accounts_1")
        connection = psycopg2.connect(plain_url(url))
        make_partition(connection, NOON.date())
        batch = a_batch(1, [an_event(f"event {n}", session_id=f"s{n}") for n in range(3)])
        with connection.cursor() as cursor:
            copy_events(cursor, flatten([batch]), {(1, "somebody"): 5})
            cursor.execute("SELECT to_jsonb(e) FROM events e ORDER BY id")
            before = cursor.fetchall()
        connection.commit()
        for arguments in (("upgrade", "0004"), ("downgrade", "accounts_1")):
            alembic(*arguments)
            with connection.cursor() as cursor:
                cursor.execute("SELECT to_jsonb(e) FROM events e ORDER BY id")
                assert cursor.fetchall() == before
                cursor.execute("SELECT nextval(pg_get_serial_sequence('events', 'id'))")
                assert cursor.fetchone() == (4,)
            connection.commit()
        connection.close()
    finally:
        with admin.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        admin.close()
