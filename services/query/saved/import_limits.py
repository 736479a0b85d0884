"""How much files that are to be imported may take of the disk, which all accounts share."""

from __future__ import annotations

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, Integer, case, func, literal_column, select, text, true
from sqlalchemy.orm import Session

from shared.auth.first_owner import first_owner, first_owner_sql
from shared.errors import PayloadTooLarge, TooManyRequests, Unavailable
from shared.imports.parts import ENDED, PART_BYTES
from shared.models import EventImport, ImportPart
from shared.runtime.advisory_locks import AdvisoryLock
from shared.runtime.disk_space import last_published
from shared.runtime.redis_clients import get_stream
from shared.runtime.settings import get_settings

MAX_OPEN = 3
"""Imports of a project that have not ended."""
_RETRY_SECONDS = 60
_CANCELLED_SHARES = 4
"""Shares of an account that its imports may have which were cancelled within a day: what was sent
has been written to the disk and to its log, and cancelling makes room to send as much again."""
_CANCELLED_RETRY_SECONDS = 3600


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

    An import counts with the bytes that it holds, and for the first owner of its project. Others
    wait until the transaction has ended.

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
    _refuse_beyond_bytes(session, project_id, size)
    _refuse_cancelled_bytes(session, project_id, size)


def refuse_part_beyond_share(session: Session, project_id: int) -> None:
    """Refuse a part of an open import for which account or installation hold too much by now.

    It is among the bytes that count for its import already. Parts that come at the same moment do
    not wait for each other, so each client may go beyond by one.

    Raises:
        TooManyRequests: they hold too much.
    """
    _refuse_beyond_bytes(session, project_id, 0)


def _refuse_beyond_bytes(session: Session, project_id: int, more: int) -> None:
    settings = get_settings()
    of_owner = _is_of_owner(session, project_id)
    for whose, most, condition in (
        ("of this project's owner", settings.import_account_bytes, of_owner),
        ("of all projects", settings.import_total_bytes, true()),
    ):
        used = _held_bytes(session, condition)
        if used + more > most:
            raise TooManyRequests(
                f"The imports {whose} that have not ended may hold {most} bytes together, and hold "
                f"{used}; this file needs {more} more. Wait for one of them, or cancel it.",
                retry_after_seconds=_RETRY_SECONDS,
            )


def _refuse_cancelled_bytes(session: Session, project_id: int, size: int) -> None:
    most = _CANCELLED_SHARES * get_settings().import_account_bytes
    is_cancelled = EventImport.state == "cancelled"
    is_recent = EventImport.created_at > func.now() - text("interval '1 day'")
    of_owner = _is_of_owner(session, project_id)
    sizes = select(func.sum(EventImport.size)).where(is_cancelled, is_recent, of_owner)
    cancelled = int(session.scalar(sizes) or 0)
    if cancelled + size > most:
        raise TooManyRequests(
            f"The imports of this project's owner that were cancelled within a day have {cancelled}"
            f" bytes; with this file they could exceed {most}. Try again later.",
            retry_after_seconds=_CANCELLED_RETRY_SECONDS,
        )


def _is_of_owner(session: Session, project_id: int) -> ColumnElement[bool]:
    """Return the condition for imports that count for the first owner of a project."""
    counts_for = literal_column(first_owner_sql("imports.project_id"), Integer)
    return counts_for == first_owner(session, project_id)


def _held_bytes(session: Session, condition: ColumnElement[bool]) -> int:
    """Return how much open imports hold; one that is uploaded counts for the next part, too.

    Not for its size: whoever says a size, and sends nothing, would keep out others.
    """
    parts = (
        select(func.count())
        .where(ImportPart.project_id == EventImport.project_id)
        .where(ImportPart.import_id == EventImport.id)
        .scalar_subquery()
    )
    held = func.least(EventImport.size, (parts + 1) * PART_BYTES)
    bytes_of = case((EventImport.state == "uploading", held), else_=EventImport.size)
    is_open = EventImport.state.not_in(ENDED)
    return int(session.scalar(select(func.sum(bytes_of)).where(is_open, condition)) or 0)
