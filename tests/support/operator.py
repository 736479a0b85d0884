"""An owner of the installation who asks the processor in this very process."""

from __future__ import annotations

from typing import Any

from psycopg2.extensions import connection as Connection

from services.processor.app import create_app
from shared.auth.login_sessions import get_login_sessions
from tests.support.reader import make_user


def operator_client(connection: Connection, *, is_superuser: bool = True) -> Any:
    """Return a client of the processor with an account of its own logged in."""
    user_id = make_user(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE users SET is_superuser = %s WHERE id = %s", (is_superuser, user_id))
    connection.commit()
    client = create_app().test_client()
    token = get_login_sessions().open(user_id).access_token
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client
