"""Taking one person out of sealed days, at once: their bits do not wait for the next seal."""

from __future__ import annotations

from datetime import date

from psycopg2.extensions import cursor as Cursor
from pyroaring import BitMap

_DAYS_AT_ONCE = 50
_BITMAPS = (
    ("sealed_events", "day, event_name"),
    ("sealed_values", "day, event_name, dimension, rank"),
)


def forget_person(cursor: Cursor, project_id: int, person_id: int) -> list[date]:
    """Clear a person's bit everywhere; answers the days it stood in. Does not commit.

    Days with raw rows become dirty: with the person's rows gone, the next seal corrects events and
    weights too. Of expired days only the persons can be corrected, for nobody knows any more which
    events were theirs. Call it in the transaction that removes the rows, as its last step but
    ``dirty_days.mark`` for the rows themselves.
    """
    days = _days_with(cursor, project_id, person_id)
    for start in range(0, len(days), _DAYS_AT_ONCE):
        some = days[start : start + _DAYS_AT_ONCE]
        for table, key in _BITMAPS:
            _clear_bit(cursor, (table, key), (project_id, some), person_id)
    cursor.execute(
        "UPDATE sealed_days SET version = version + 1, "
        "dirtied_at = CASE WHEN version = sealed_version THEN now() ELSE dirtied_at END "
        "WHERE project_id = %s AND day = ANY (%s) AND expired_at IS NULL",
        (project_id, days),
    )
    return days


def rename_person(cursor: Cursor, project_id: int, person_id: int, into_id: int) -> None:
    """Give a person's bits of expired days to another. Does not commit.

    The other days are sealed again from their rows, which the caller has rewritten.
    """
    days = _days_with(cursor, project_id, person_id, only_expired=True)
    for start in range(0, len(days), _DAYS_AT_ONCE):
        for table, key in _BITMAPS:
            of = (project_id, days[start : start + _DAYS_AT_ONCE])
            _clear_bit(cursor, (table, key), of, person_id, into_id)


def _days_with(
    cursor: Cursor, project_id: int, person_id: int, *, only_expired: bool = False
) -> list[date]:
    cursor.execute(
        "SELECT e.day, e.person_bitmap FROM sealed_events e JOIN sealed_days d "
        "USING (project_id, day) WHERE e.project_id = %s AND e.event_name = '' "
        "AND (d.expired_at IS NOT NULL OR NOT %s) ORDER BY e.day",
        (project_id, only_expired),
    )
    return [day for day, raw in cursor.fetchall() if person_id in BitMap.deserialize(raw)]


def _clear_bit(
    cursor: Cursor,
    where: tuple[str, str],
    of: tuple[int, list[date]],
    person_id: int,
    into_id: int | None = None,
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
        if into_id is not None:
            bitmap.add(into_id)
        bitmap.run_optimize()
        cursor.execute(
            f"UPDATE {table} SET person_bitmap = %s, persons = %s "  # noqa: S608 (our names)
            f"WHERE project_id = %s AND ({key}) = ({', '.join(['%s'] * len(row_key))})",
            (bitmap.serialize(), len(bitmap), of[0], *row_key),
        )
