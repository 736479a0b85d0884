"""Taking one person out of sealed days, or putting another there, without sealing them again."""

from __future__ import annotations

from datetime import date, datetime

from psycopg2.extensions import cursor as Cursor
from pyroaring import BitMap

_DAYS_AT_ONCE = 50


def forget_person(cursor: Cursor, project_id: int, person_id: int) -> list[date]:
    """Clear a person's bit everywhere; answers the days it stood in. Does not commit.

    Days with raw rows become dirty: with the person's rows gone, the next seal corrects events and
    weights too. Of expired days only the persons can be corrected, for nobody knows any more which
    events were theirs. Call it in the transaction that removes the rows, as its last step but
    ``dirty_days.mark`` for the rows themselves.
    """
    days = _days_with(cursor, project_id, person_id)
    _rewrite_bits(cursor, project_id, days, person_id, None)
    cursor.execute(
        "UPDATE sealed_days SET version = version + 1, "
        "dirtied_at = CASE WHEN version = sealed_version THEN now() ELSE dirtied_at END "
        "WHERE project_id = %s AND day = ANY (%s) AND expired_at IS NULL",
        (project_id, days),
    )
    _stamp(cursor, project_id, days)
    return days


def rename_person(
    cursor: Cursor, project_id: int, gone: int, stays: int, known_since: datetime
) -> None:
    """Put one person's bit for another's on expired days; others are sealed again. Does not commit.

    Args:
        cursor: of the transaction that merges the two.
        project_id: theirs.
        gone: who is no more.
        stays: whose the rows are now.
        known_since: when ``gone`` was made: days that were sealed before do not know them.
    """
    cursor.execute(
        "SELECT e.day, e.person_bitmap FROM sealed_days d JOIN sealed_events e "
        "USING (project_id, day) WHERE d.project_id = %s AND d.expired_at IS NOT NULL "
        "AND d.sealed_at >= %s AND e.event_name = '' ORDER BY e.day",
        (project_id, known_since),
    )
    days = [day for day, raw in cursor.fetchall() if gone in BitMap.deserialize(raw)]
    _rewrite_bits(cursor, project_id, days, gone, stays)
    _stamp(cursor, project_id, days)


def _days_with(cursor: Cursor, project_id: int, person_id: int) -> list[date]:
    cursor.execute(
        "SELECT day, person_bitmap FROM sealed_events WHERE project_id = %s AND event_name = '' "
        "ORDER BY day",
        (project_id,),
    )
    return [day for day, raw in cursor.fetchall() if person_id in BitMap.deserialize(raw)]


def _stamp(cursor: Cursor, project_id: int, days: list[date]) -> None:
    """Whoever remembers what a seal held looks at when it was made."""
    cursor.execute(
        "UPDATE sealed_days SET sealed_at = clock_timestamp() "
        "WHERE project_id = %s AND day = ANY (%s) AND sealed_at IS NOT NULL",
        (project_id, days),
    )


def _rewrite_bits(
    cursor: Cursor, project_id: int, days: list[date], person_id: int, other: int | None
) -> None:
    for start in range(0, len(days), _DAYS_AT_ONCE):
        some = days[start : start + _DAYS_AT_ONCE]
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
        f"SELECT person_bitmap, {key} FROM {table} "  # noqa: S608 (our names)
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
            f"UPDATE {table} SET person_bitmap = %s, persons = %s "  # noqa: S608 (our names)
            f"WHERE project_id = %s AND ({key}) = ({', '.join(['%s'] * len(row_key))})",
            (bitmap.serialize(), len(bitmap), of[0], *row_key),
        )
