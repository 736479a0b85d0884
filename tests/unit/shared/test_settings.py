"""What an operator may set, and what Tidemark refuses to start with."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from shared.runtime.settings import Settings, SettingsError, variable_name

GOOD = {
    "DATABASE_URL": "postgresql://user:password@host/db",
    "REDIS_URL": "redis://host:6379/0",
    "STREAM_REDIS_URL": "redis://host:6379/1",
    "SECRET_KEY": "8f14e45fceea167a5a36dedd4bea2543",
}


def test_a_bare_postgresql_url_names_the_driver_we_ship() -> None:
    settings = Settings.from_environment(GOOD)
    assert settings.database_url == "postgresql+psycopg2://user:password@host/db"


def test_every_missing_setting_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as problem:
        Settings.from_environment({})
    for name in GOOD:
        assert name in str(problem.value)


@pytest.mark.parametrize("secret", ["short", "change-me-change-me-change-me-change-me"])
def test_a_short_or_placeholder_secret_is_refused(secret: str) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        Settings.from_environment({**GOOD, "SECRET_KEY": secret})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_POOL_SIZE", "0"),
        ("DB_POOL_SIZE", "many"),
        ("COOKIE_SECURE", "perhaps"),
        ("REDIS_URL", "host:6379"),
        ("DATABASE_URL", "mysql://host/db"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_an_unusable_value_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({**GOOD, name: value})


def test_the_example_file_lists_exactly_the_settings_with_their_defaults() -> None:
    text = (Path(__file__).parents[3] / ".env.example").read_text()
    listed = dict(re.findall(r"^#? ?([A-Z_]+)=(.*)$", text, flags=re.MULTILINE))
    known = {variable_name(entry): entry.metadata["default"] or "" for entry in fields(Settings)}
    runner_only = {
        "PORT",
        "DATABASE_WRITE_URL",
        "DEMO",
        "DATABASE_READ_URL",
        "DATA_DIR",
        "TRUSTED_PROXIES",
        "COUNTRY_HEADER",
        "CLIENT_CONNECTIONS",
        "EVENTS_PATH",
        "SCRIPT_PATH",
        "POSTGRES_PASSWORD",
        "POSTGRES_OWNER_PASSWORD",
        "POSTGRES_WRITE_PASSWORD",
        "POSTGRES_READ_PASSWORD",
        "POSTGRES_SHARED_BUFFERS",
        "REDIS_PASSWORD",
        "REDIS_MAXMEMORY",
        "STREAM_MAXMEMORY",
        "CACHE_MAXMEMORY",
        "REDIS_MEMORY",
        "STREAM_MEMORY",
        "CACHE_MEMORY",
        "POSTGRES_MEMORY",
        "SERVICE_MEMORY",
        "WORKER_MEMORY",
        "GATEWAY_MEMORY",
        "GATEWAY_BODIES",
        "PROCESSORS",
    }
    assert {k: v for k, v in listed.items() if k not in runner_only} == known
