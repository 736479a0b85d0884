"""Remove one person from sealed days, or replace them by another, without sealing again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from psycopg2.extensions import cursor as Cursor
from pyroaring import BitMap

_DAYS_PER_STEP = 50
_DAY = timedelta(days=1)


class Lifetime(NamedTuple):
    """When a person was active."""

    first_seen_on: date
    """The UTC day of the first event; the project's days may differ by one."""
    last_seen_on: date
    created_at: datetime
    """When the person was created: days sealed before cannot contain them."""


def remove_person(cursor: Cursor, project_id: int, person_id: int) -> list[date]:
    """Clear a person's bit in every sealed day; return the days that contained it.

    Does not commit. Days with raw rows become dirty: with the person's rows deleted, the next seal
    corrects events and weights too. In expired days only the persons can be corrected, since it is
    unknown which events were theirs. Call it in the transaction that removes the rows, as
    the last step before ``dirty_days.mark_dirty`` for the rows themselves.
    """
    days = _days_with(cursor, project_id, person_id)
    _rewrite_bits(cursor, project_id, days, person_id, None)
    cursor.execute(
        "UPDATE sealed_days SET version = version + 1, "
        "dirtied_at = CASE WHEN version = sealed_version THEN now() ELSE dirtied_at END "
        "WHERE project_id = %s AND day = ANY (%s) AND expired_at IS NULL",
        (project_id, days),
    )
    _touch(cursor, project_id, days)
    return days


def replace_person(
    cursor: Cursor, project_id: int, merged: int, target: int, lifetime: Lifetime
) -> None:
    """Replace one person's bit by another's in expired days; other days are sealed again.

    Does not commit. Only days that may contain the person are read: most merges concern a visitor
    of today, and there may be years of expired days.

    Args:
        cursor: of the transaction that merges the two.
        project_id: their project.
        merged: the person who no longer exists.
        target: the person who has the rows now.
        lifetime: that of ``merged``.
    """
    cursor.execute(
        "SELECT e.day, e.person_bitmap FROM sealed_days d JOIN sealed_events e "
        "USING (project_id, day) WHERE d.project_id = %s AND d.expired_at IS NOT NULL "
        "AND d.day BETWEEN %s AND %s AND d.sealed_at >= %s AND e.event_name = '' ORDER BY e.day",
        (
            project_id,
            lifetime.first_seen_on - _DAY,
            lifetime.last_seen_on + _DAY,
            lifetime.created_at,
        ),
    )
    days = [day for day, raw in cursor.fetchall() if merged in BitMap.deserialize(raw)]
    _rewrite_bits(cursor, project_id, days, merged, target)
    _touch(cursor, project_id, days)


def _days_with(cursor: Cursor, project_id: int, person_id: int) -> list[date]:
    cursor.execute(
        "SELECT day, person_bitmap FROM sealed_events WHERE project_id = %s AND event_name = '' "
        "ORDER BY day",
        (project_id,),
    )
    return [day for day, raw in cursor.fetchall() if person_id in BitMap.deserialize(raw)]


def _touch(cursor: Cursor, project_id: int, days: list[date]) -> None:
    """Update the time of the seal, by which caches of bitmaps know that it has changed."""
    cursor.execute(
        "UPDATE sealed_days SET sealed_at = clock_timestamp() "
        "WHERE project_id = %s AND day = ANY (%s) AND sealed_at IS NOT NULL",
        (project_id, days),
    )


def _rewrite_bits(
    cursor: Cursor, project_id: int, days: list[date], person_id: int, other: int | None
) -> None:
    for start in range(0, len(days), _DAYS_PER_STEP):
        some = days[start : start + _DAYS_PER_STEP]
        for table, key in (
            ("sealed_events", "day, event_name"),
            ("sealed_values", "day, event_name, dimension, rank"),
        ):
            _rewrite_bit(cursor, (table, key), (project_id, some), person_id, other)


def _rewrite_bit(
    cursor: Cursor,
    where: tuple[str, str],
    of: tuple[int, list[date]],
    person_id: int,
    other: int | None,
) -> None:
    table, key = where
    cursor.execute(
        f"SELECT person_bitmap, {key} FROM {table} "  # noqa: S608 (constant names)
        "WHERE project_id = %s AND day = ANY (%s)",
        of,
    )
    for raw, *row_key in cursor.fetchall():
        bitmap = BitMap.deserialize(raw)
        if person_id not in bitmap:
            continue
        bitmap.discard(person_id)
        if other is not None:
            bitmap.add(other)
        bitmap.run_optimize()
        cursor.execute(
            f"UPDATE {table} SET person_bitmap = %s, persons = %s "  # noqa: S608 (constant names)
            f"WHERE project_id = %s AND ({key}) = ({', '.join(['%s'] * len(row_key))})",
            (bitmap.serialize(), len(bitmap), of[0], *row_key),
        )
