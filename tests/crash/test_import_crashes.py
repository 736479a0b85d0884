"""A worker that is killed while it imports a file: every row is counted once, none is missing.

``IMPORT_KILLS=20`` kills it twenty times.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone

import pytest
from psycopg2.extensions import connection as Connection

from deploy.local.backends import Backends
from services.processor.storing import crash_points
from tests.conftest import ROOT, SECRET_KEY
from tests.support.imports import counted, csv_file, hold, iso, select, stored, totals

BEGIN = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=200)
KILLED = -9
_KILLS = int(os.environ.get("IMPORT_KILLS", "4"))
_CHUNK = 2_000
_RUN = (
    "from services.processor.imports import reading_ahead, translating; "
    f"translating.CHUNK_ROWS = {_CHUNK}; reading_ahead.ALONE_BYTES = 0; "
    "from services.processor.jobs.tasks import run_imports; run_imports()"
)
_POINTS = (
    crash_points.AFTER_LEDGER,
    crash_points.BEFORE_COMMIT,
    crash_points.IMPORT_BEFORE_SETTLING,
    crash_points.IMPORT_AFTER_SETTLING,
)


def start(backends: Backends, crash_at: str = "") -> subprocess.Popen[bytes]:
    """Run the job in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", _RUN],
        cwd=ROOT,
        env={
            **os.environ,
            **backends.environment,
            "SECRET_KEY": SECRET_KEY,
            "TIDEMARK_CRASH_AT": crash_at,
        },
    )


@pytest.mark.usefixtures("stream")  # an import gives way to events that wait there
@pytest.mark.timeout(300 + 15 * _KILLS)
def test_kills_in_one_import_change_no_total(
    backends: Backends, database: Connection, project_id: int
) -> None:
    seed = int(os.environ.get("SOAK_SEED") or random.randrange(10**6))
    print(f"seed {seed}: SOAK_SEED={seed} repeats it")
    chance = random.Random(seed)
    select(database, "UPDATE imports SET state = 'cancelled' WHERE finished_at IS NULL")
    number = _CHUNK * (_KILLS + 2)
    rows = [
        (
            chance.choice(("played", "bought", "")),  # a third is refused
            iso(BEGIN + timedelta(minutes=chance.randrange(20 * 1440))),
            f"user {chance.randrange(300)}",
            f"id {chance.randrange(number)}",  # a third of the ids comes twice
        )
        for _ in range(number)
    ]
    import_id = hold(database, project_id, csv_file(rows, ("event", "time", "user", "event_id")))
    select(
        database,
        "UPDATE imports SET mapping = jsonb_set(mapping, '{fields,event_id}', '[\"event_id\"]') "
        "WHERE id = %s",
        import_id,
    )
    for kill in range(_KILLS):
        if kill % 4 == 3:
            victim = start(backends)
            time.sleep(chance.uniform(0.5, 1.5))
            victim.kill()
            victim.wait()
        else:
            assert start(backends, f"{_POINTS[kill % 4]}:1").wait(60) == KILLED
    assert start(backends).wait(300) == 0
    refused = sum(not name for name, *_ in rows)
    unique = len({event_id for name, _, _, event_id in rows if name})
    expected = (unique, number - refused - unique, refused)
    assert totals(database, project_id, import_id) == expected
    assert stored(database, project_id) == counted(database, project_id)
    assert sum(stored(database, project_id).values()) == unique
