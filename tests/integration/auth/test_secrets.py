"""Passwords, keys and the installation's secret: how they are stored and made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
from redis import Redis

from deploy.local.backends import Backends
from shared.auth.api_keys import key_hash
from tests.conftest import ROOT, Installation, plain_url


def test_passwords_are_stored_as_argon2id(backends: Backends, email: str) -> None:
    connection = psycopg2.connect(plain_url(backends.database_url))
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT password_hash FROM users WHERE email = %s", (email,))
        (stored,) = cursor.fetchone() or ("",)
    connection.close()
    kind, version, costs, *_ = stored.lstrip("$").split("$")
    assert (kind, version) == ("argon2id", "v=19")
    memory, rounds, _ = (int(cost.partition("=")[2]) for cost in costs.split(","))
    # RFC 9106, section 4: the second recommended option.
    assert (memory >= 64 * 1024, rounds >= 3) == (True, True)


def test_a_secret_key_is_shown_once_and_stored_nowhere(installation: Installation) -> None:
    project, owner = installation.new_project("secret"), installation.login()
    secret = project["secret_key"]
    path = f"{installation.url}/api/v1/projects/{project['id']}"
    made = owner.post(f"{path}/keys", json={"kind": "secret"}, timeout=10).json()["key"]
    for url in (path, f"{path}/keys", f"{path}/audit-log/", f"{installation.url}/api/v1/projects/"):
        text = owner.get(url, timeout=10).text
        assert secret not in text, url
        assert made not in text, url
    connection = psycopg2.connect(plain_url(installation.environment["DATABASE_URL"]))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT key_hash FROM api_keys WHERE project_id = %s AND kind = 'secret'",
                (project["id"],),
            )
            assert {row[0] for row in cursor} == {key_hash(secret), key_hash(made)}
            for table in ("api_keys", "projects", "audit_log"):
                cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
                (everything,) = cursor.fetchone() or ("",)
                assert secret not in everything
                assert made not in everything
    finally:
        connection.close()
    installation.ingest(secret, {"event": "a"})
    for name in ("REDIS_URL", "STREAM_REDIS_URL", "CACHE_REDIS_URL"):
        with Redis.from_url(installation.environment[name]) as redis:
            for key in redis.scan_iter(count=1000):
                assert secret.encode() not in key + (redis.dump(key) or b"")
    assert len(key_hash(secret)) == 64
    assert secret not in installation.log.read_text()


@pytest.mark.parametrize("secret", ["short", "change-me-" * 5, ""])
def test_a_service_does_not_start_with_an_invalid_secret(backends: Backends, secret: str) -> None:
    started = subprocess.run(
        [sys.executable, "-c", "from services.auth.app import create_app; create_app()"],
        cwd=ROOT,
        env={**backends.environment, "SECRET_KEY": secret, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert started.returncode != 0
    assert "SECRET_KEY" in started.stderr
    assert "openssl rand" in started.stderr or "32 random characters" in started.stderr


def test_an_installation_without_a_secret_makes_its_own_and_keeps_it(
    installation: Installation,
) -> None:
    file = Path(installation.data_dir) / "secret_key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().strip() == installation.environment["SECRET_KEY"]
    assert len(installation.environment["SECRET_KEY"]) >= 32
