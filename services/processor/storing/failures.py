"""Distinguish temporary failures from those that an event causes at every attempt."""

from __future__ import annotations

import psycopg2
import psycopg2.errors

from shared.runtime.database_errors import is_outage


def is_temporary(error: BaseException) -> bool:
    """Return whether storing the same events will succeed later without intervention.

    These are an absent or busy PostgreSQL, a full disk, a deadlock, a schema that is not migrated
    yet, and missing rights. Everything else (no memory, a mistake in the code or in its SQL, values
    that PostgreSQL refuses, limits of PostgreSQL) comes back as often as the events do.
    """
    if isinstance(error, psycopg2.Error) and not error.pgcode and "out of memory" in str(error):
        return False  # said by this process, whose memory the rows exceed
    if isinstance(error, psycopg2.errors.InternalError_):
        # PostgreSQL has codes of their own for a full disk and for a quota. Other errors of its
        # files, such as a file that has reached its largest size, are internal errors.
        return str(error).startswith("could not ") and " file " in str(error)
    operator_mends = (
        psycopg2.errors.UndefinedTable,
        psycopg2.errors.UndefinedColumn,
        psycopg2.errors.InsufficientPrivilege,
    )
    unknown = type(error) in (psycopg2.Error, psycopg2.DatabaseError)
    return is_outage(error) or isinstance(error, operator_mends) or unknown
