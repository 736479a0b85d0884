"""How much files that are to be imported may take of the disk, which all accounts share."""

from __future__ import annotations

from datetime import datetime, timezone

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, Date, Integer, case, func, literal_column, select, text, true
from sqlalchemy.orm import Session

from shared.auth.first_owner import first_owner, first_owner_sql
from shared.errors import PayloadTooLarge, TooManyRequests, Unavailable
from shared.imports.parts import ENDED, PART_BYTES
from shared.models import EventImport, ImportPart, ImportUpload
from shared.runtime.advisory_locks import AdvisoryLock
from shared.runtime.disk_space import last_published
from shared.runtime.redis_clients import get_stream
from shared.runtime.settings import get_settings

MAX_OPEN = 3
"""Imports of a project that have not ended."""
_RETRY_SECONDS = 60
_SHARES_PER_DAY = 4
"""Shares of an account that it may send within a UTC day: what was sent has been written to the
disk and to its log, and imports that end make room to send as much again."""
_TODAY = literal_column("(now() AT TIME ZONE 'UTC')::date", Date)
_CHARGE = text(
    "INSERT INTO import_uploads AS charged (account, day, received) "
    "VALUES (:account, (now() AT TIME ZONE 'UTC')::date, :size) "
    "ON CONFLICT (account, day) DO UPDATE SET received = charged.received + excluded.received "
    "RETURNING received"
)


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
    _refuse_beyond_day(_sent_today(session, project_id) + size)


def charge_part(session: Session, project_id: int, size: int) -> None:
    """Count a part of an open import that is going to be written, or refuse it.

    It is among the bytes that count for its import already. Parts that come at the same moment do
    not wait for each other, so each client may go beyond the share by one. What was sent within the
    day counts whatever became of it, so parts of one account wait for each other.

    Raises:
        TooManyRequests: account or installation hold too much by now, or the account has sent too
            much today; the caller's transaction has to be rolled back.
    """
    _refuse_beyond_bytes(session, project_id, 0)
    sent = session.scalar(_CHARGE, {"account": _account(session, project_id), "size": size})
    _refuse_beyond_day(int(sent or 0))


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


def _refuse_beyond_day(sent: int) -> None:
    most = _SHARES_PER_DAY * get_settings().import_account_bytes
    if sent > most:
        now = datetime.now(timezone.utc)
        raise TooManyRequests(
            f"The projects of this project's owner may send {most} bytes of files within a day "
            f"(UTC), and would have sent {sent}. Send the rest tomorrow.",
            retry_after_seconds=86_400 - (now.hour * 60 + now.minute) * 60 - now.second,
        )


def _sent_today(session: Session, project_id: int) -> int:
    sent = select(ImportUpload.received).where(
        ImportUpload.account == _account(session, project_id), ImportUpload.day == _TODAY
    )
    return int(session.scalar(sent) or 0)


def _account(session: Session, project_id: int) -> int:
    return first_owner(session, project_id) or -project_id


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
