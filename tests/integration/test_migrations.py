"""Migrations: up, down, up again, and what they make is what the models say."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid

import psycopg2

from deploy.local.backends import Backends
from tests.conftest import ROOT, plain_url


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
