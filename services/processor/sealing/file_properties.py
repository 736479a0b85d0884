"""Divide the properties of events into columns of a file: one for each frequent property.

A column holds the JSON text of the property's values, so that 1, 1.0, "1", true and null stay
apart, and so do null and a missing property (null in the column). The rest stays one JSON object.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

_SAMPLED_ROWS = 20_000
_MAX_COLUMNS = 200
_MAX_NAME_CHARACTERS = 200


def frequent_properties(
    cursor: Cursor, project_id: int, span: tuple[datetime, datetime]
) -> list[str]:
    """Return the properties that get a column: at most 200, most used first.

    A sample decides, drawn by the end of event ids, which is random in ids of version 7, too;
    they begin with the time. What events say of their persons and groups comes last.

    Args:
        cursor: of the transaction that reads the rows.
        project_id: the project.
        span: of a sealed day: start ≤ timestamp < end.
    """
    cursor.execute(
        "SELECT events FROM sealed_days WHERE project_id = %s AND starts_at = %s AND ends_at = %s",
        (project_id, *span),
    )
    (rows,) = cursor.fetchone() or (0,)
    highest = min(0xFFFFFFFF, 0xFFFFFFFF * _SAMPLED_ROWS // max(1, rows))
    cursor.execute(
        "SELECT key FROM events, jsonb_object_keys("
        "    CASE WHEN jsonb_typeof(properties) = 'object' THEN properties ELSE '{}' END) key "
        "WHERE project_id = %s AND timestamp >= %s AND timestamp < %s "
        'AND right(event_id::text, 8) COLLATE "C" <= %s '
        "AND length(key) <= %s GROUP BY key "
        "ORDER BY key ~ '^[$](set|groups|group_set)[.]', count(*) DESC, key COLLATE \"C\" LIMIT %s",
        (project_id, *span, f"{highest:08x}", _MAX_NAME_CHARACTERS, _MAX_COLUMNS),
    )
    return [key for (key,) in cursor.fetchall()]


def property_columns(names: Sequence[str]) -> list[sql.Composable]:
    """Return the SQL of the columns of some properties, and that of all others in one object.

    The latter is null where there are no others. Properties that are no object are there as they
    are.
    """
    columns: list[sql.Composable] = [
        sql.SQL("properties -> {} AS {}").format(sql.Literal(name), sql.Identifier(f"p{number}"))
        for number, name in enumerate(names)
    ]
    rest = sql.SQL(
        "CASE WHEN jsonb_typeof(properties) = 'object' "
        "THEN nullif(properties - {}::text[], '{{}}') ELSE properties END AS properties"
    )
    return [*columns, rest.format(sql.Literal(list(names)))]
