"""Measure the limit: plain COPY of the same rows into PostgreSQL, with nothing else to do."""

from __future__ import annotations

import random
import time
import uuid

import msgspec
import psycopg2

from benchmarks.load import event_template
from services.ingest.protocols.native import canonical
from services.processor.storing import event_store
from services.processor.storing.rows import Incoming, flatten
from shared.events.batch_context import BatchContext
from shared.events.envelope import Batch
from shared.events.normalise import normalise

_ROWS_PER_COPY = 5_000


def copied_rows_per_second(database_url: str, rows: int = 100_000) -> float:
    """Copy rows like the benchmark's into a table like ``events``, 5,000 a transaction."""
    chunk = _rows(_ROWS_PER_COPY)
    persons = {item.person_key: 1 for item in chunk}
    connection = psycopg2.connect(database_url.replace("+psycopg2", "", 1))
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA bench_copy")
            cursor.execute("SET search_path = bench_copy, public")
            cursor.execute(
                "CREATE TABLE bench_copy.events (LIKE public.events INCLUDING DEFAULTS "
                "INCLUDING INDEXES, id_of_row bigint GENERATED ALWAYS AS IDENTITY)"
            )
            cursor.execute("ALTER TABLE bench_copy.events ALTER COLUMN id DROP NOT NULL")
            connection.commit()
            started = time.monotonic()
            for _ in range(rows // _ROWS_PER_COPY):
                event_store.copy_events(cursor, chunk, persons)
                connection.commit()
            elapsed = time.monotonic() - started
            cursor.execute("DROP SCHEMA bench_copy CASCADE")
            connection.commit()
    finally:
        connection.close()
    return rows / elapsed


def _rows(count: int) -> list[Incoming]:
    chance = random.Random(0)
    now_us = time.time_ns() // 1000
    context = BatchContext(now_us, 0, 0, lambda: "visitor")
    raw = [msgspec.json.decode(event_template(chance) % uuid.uuid4()) for _ in range(count)]
    batch = Batch(1, now_us, [normalise(canonical(event), context) for event in raw])
    return list(flatten([batch]))
