"""A user who asks the query service in this very process."""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any

from flask import Flask
from psycopg2.extensions import connection as Connection

from services.query.app import create_app
from shared.auth.login_sessions import get_login_sessions
from shared.runtime.settings import Settings, get_settings
from tests.support.documented import DocumentedClient


def make_user(connection: Connection, *projects: int, role: str = "owner") -> int:
    """A user with a role in some projects; answers the id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO users (email, name, password_hash, is_active, is_superuser)"
            " VALUES (%s, 'Test', 'none', true, false) RETURNING id",
            (f"{uuid.uuid4()}@example.org",),
        )
        (made,) = cursor.fetchone() or (0,)
        for project_id in projects:
            cursor.execute(
                "INSERT INTO memberships (project_id, user_id, role) VALUES (%s, %s, %s)",
                (project_id, made, role),
            )
    connection.commit()
    return int(made)


def make_later_owner(connection: Connection, *projects: int) -> int:
    """A user with a lower id than all owners, whom they made an owner, too; answers the id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO users (id, email, name, password_hash, is_active, is_superuser)"
            " OVERRIDING SYSTEM VALUE SELECT least(min(id), 0) - 1, %s, 'Later', 'none', true,"
            " false FROM users RETURNING id",
            (f"{uuid.uuid4()}@example.org",),
        )
        (made,) = cursor.fetchone() or (0,)
        cursor.executemany(
            "INSERT INTO memberships (project_id, user_id, role, role_since)"
            " VALUES (%s, %s, 'owner', now() + interval '1 second')",
            [(project_id, made) for project_id in projects],
        )
    connection.commit()
    return int(made)


def client_of(user_id: int) -> Any:
    """Return a client of the query service with this user logged in, who checks the answers."""
    token = get_login_sessions().open(user_id).access_token
    client = query_app(get_settings()).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


@cache
def query_app(settings: Settings) -> Flask:
    """Return the service with these settings, which takes longer to create than most answers."""
    assert settings == get_settings()
    app = create_app()
    app.test_client_class = DocumentedClient
    return app
