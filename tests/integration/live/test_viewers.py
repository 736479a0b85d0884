"""Whoever reads a project counts for its first owner, however they have shown who they are."""

from __future__ import annotations

from datetime import datetime, timezone

from psycopg2.extensions import connection as Connection

from services.auth.projects.keys import add_key
from services.live.viewers import Credentials, authenticate
from shared.auth import tickets
from shared.auth.login_sessions import get_login_sessions
from shared.auth.tickets import TicketHolder
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_login_redis
from tests.support.reader import make_user


def test_logins_tickets_and_keys_count_for_the_first_owner(
    database: Connection, project_id: int
) -> None:
    owner = make_user(database, project_id)
    reader = make_user(database, project_id, role="viewer")
    login = get_login_sessions().open(reader)
    claims = get_login_sessions().check(login.access_token)
    ticket = tickets.issue(
        get_login_redis(), TicketHolder(reader, project_id, claims.session_id, claims.version)
    )
    with session_scope() as session:
        key = add_key(session, project_id, "secret", datetime.now(timezone.utc)).text
    for shown in (
        Credentials(access_token=login.access_token),
        Credentials(ticket=ticket),
        Credentials(key=key),
    ):
        assert authenticate(shown, project_id).owner == owner
