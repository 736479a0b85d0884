"""How much files that are to be imported may take of the disk, which all accounts share."""

from __future__ import annotations

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, Integer, func, literal_column, select, text
from sqlalchemy.orm import Session

from shared.auth.first_owner import first_owner, first_owner_sql
from shared.errors import PayloadTooLarge, TooManyRequests, Unavailable
from shared.imports.parts import ENDED
from shared.models import EventImport
from shared.runtime.advisory_locks import AdvisoryLock
from shared.runtime.disk_space import last_published
from shared.runtime.redis_clients import get_stream
from shared.runtime.settings import get_settings

MAX_OPEN = 3
"""Imports of a project that have not ended."""
_RETRY_SECONDS = 60


def refuse_too_large(size: int) -> None:
    """Refuse a file that is larger than imports may be.

    Raises:
        PayloadTooLarge: it is.
    """
    most = get_settings().import_max_bytes
    if size > most:
        raise PayloadTooLarge(
            f"A file may have at most {most} bytes; this one has {size}. Split it."
        )


def refuse_without_room(size: int) -> None:
    """Refuse bytes of a file that the server's disks have no room for.

    Imports leave free twice of what events need, so they cannot fill a disk until ingest refuses.
    Nothing is refused while nobody measures the disks.

    Raises:
        Unavailable: a disk would have less room.
    """
    try:
        space = last_published(get_stream())
    except RedisError:
        return
    if space is not None and (space.is_low or space.mb_for_imports * 1_000_000 < size):
        raise Unavailable(
            f"The server's disk has {max(0, space.mb_for_imports)} MB of room for imports, too "
            "little for this file. Import a smaller one, or ask the operator to make room (health "
            "and `tidemark doctor` name the disk).",
            retry_after_seconds=_RETRY_SECONDS,
        )


def refuse_beyond_share(session: Session, project_id: int, size: int) -> None:
    """Refuse a file that is too much beside the open imports of project, account and installation.

    An import counts with the whole size of its file until it has ended, and for the first owner of
    its project. Others wait until the transaction has ended.

    Raises:
        TooManyRequests: it is too much.
    """
    session.execute(
        text("SELECT pg_advisory_xact_lock(:key)"), {"key": int(AdvisoryLock.IMPORT_SHARES)}
    )
    is_open = EventImport.state.not_in(ENDED)
    open_ones = session.scalar(
        select(func.count()).where(EventImport.project_id == project_id, is_open)
    )
    if (open_ones or 0) >= MAX_OPEN:
        raise TooManyRequests(
            f"The project has {open_ones} imports that have not ended. Wait for one of them, or "
            "cancel it.",
            retry_after_seconds=_RETRY_SECONDS,
        )
    settings = get_settings()
    counts_for = literal_column(first_owner_sql("imports.project_id"), Integer)
    for whose, most, condition in (
        (
            "of this project's owner",
            settings.import_account_bytes,
            counts_for == first_owner(session, project_id),
        ),
        ("of all projects", settings.import_total_bytes, None),
    ):
        used = (
            _bytes(session, is_open) if condition is None else _bytes(session, is_open, condition)
        )
        if used + size > most:
            raise TooManyRequests(
                f"The imports {whose} that have not ended may have {most} bytes together, and have "
                f"{used}; this file has {size}. Wait for one of them, or cancel it.",
                retry_after_seconds=_RETRY_SECONDS,
            )


def _bytes(session: Session, *conditions: ColumnElement[bool]) -> int:
    return int(session.scalar(select(func.sum(EventImport.size)).where(*conditions)) or 0)
