"""Check the roles in PostgreSQL that the services use, for doctor."""

from __future__ import annotations

import os
from collections.abc import Iterator

from shared.runtime.database import owner_connection
from shared.runtime.database_roles import READ_URL, WRITE_URL, Role
from shared.runtime.settings import get_settings

_DOCUMENT = "docs/operations.md, Database roles"


def check_roles() -> Iterator[tuple[bool, str]]:
    """Check what an injected statement could do through the services' connections."""
    settings = get_settings()
    urls = [os.environ.get(name) for name in (WRITE_URL, READ_URL)]
    roles = sorted({Role.of(url).name for url in urls if url}) or [
        Role.of(settings.database_url).name
    ]
    with owner_connection("doctor") as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper OR rolcreaterole OR rolbypassrls, EXISTS (SELECT "
            "FROM pg_class WHERE oid = 'events'::regclass AND relowner = pg_roles.oid) "
            "FROM pg_roles WHERE rolname = ANY (%s) ORDER BY 1",
            (roles,),
        )
        for role, is_powerful, is_owner in cursor.fetchall():
            if is_powerful:
                yield (
                    False,
                    f"Services use the database role {role}, which rules the whole server. Give "
                    f"them roles of their own: {_DOCUMENT}",
                )
            elif is_owner:
                yield (
                    True,
                    f"Services use the database role {role}, which may drop the tables. Better: "
                    f"roles of their own, see {_DOCUMENT}",
                )
            else:
                yield True, f"The database role {role} can only do what its services need."
