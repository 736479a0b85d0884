"""A worker that is killed while it imports a file: every row is counted once, none is missing.

``IMPORT_KILLS=20`` kills it twenty times.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import textwrap
import time
from datetime import datetime, timedelta, timezone

import pytest
from psycopg2.extensions import connection as Connection

from deploy.local.backends import Backends
from services.processor.imports import store
from services.processor.imports.run import MAX_ATTEMPTS
from services.processor.storing import crash_points
from tests.conftest import ROOT, SECRET_KEY, make_project
from tests.support.imports import counted, csv_file, hold, iso, select, stored, totals

BEGIN = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=200)
KILLED = -9
_COLUMNS = ("event", "time", "user")
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


def start(backends: Backends, crash_at: str = "", before: str = "") -> subprocess.Popen[bytes]:
    """Run the job in a process of its own, after other statements."""
    return subprocess.Popen(
        [sys.executable, "-c", f"{before}\n{_RUN}"],
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


@pytest.mark.usefixtures("stream")
def test_an_import_that_kills_its_process_each_time_fails_and_others_go_on(
    backends: Backends, database: Connection
) -> None:
    select(database, "UPDATE imports SET state = 'cancelled' WHERE finished_at IS NULL")
    ours, theirs = (make_project(database, "UTC") for _ in range(2))
    content = csv_file([("played", iso(BEGIN), f"user {number}") for number in range(5)], _COLUMNS)
    victim, next_one = (hold(database, ours, content) for _ in range(2))
    of_others = hold(database, theirs, content)
    deadly = textwrap.dedent(
        f"""
        import os, signal
        from services.processor.imports.chunks import ChunkImporter

        add = ChunkImporter.add

        def deadly(self, *args):
            if self._import.import_id == {victim}:
                os.kill(os.getpid(), signal.SIGKILL)
            return add(self, *args)

        ChunkImporter.add = deadly
        """
    )
    codes = []
    for _ in range(MAX_ATTEMPTS):
        codes.append(start(backends, before=deadly).wait(60))
        if len(codes) == 2:
            assert totals(database, theirs, of_others) == (5, 0, 0)
    assert codes == [KILLED] * MAX_ATTEMPTS
    assert start(backends, before=deadly).wait(60) == 0
    found = store.find(database, ours, victim)
    assert found is not None
    assert (found.state, found.attempts) == ("failed", MAX_ATTEMPTS)
    assert "before the rows after row 0 were settled" in (found.problem or "")
    assert select(database, "SELECT count(*) FROM import_parts WHERE import_id = %s", victim) == [
        (0,)
    ]
    assert totals(database, ours, next_one) == (5, 0, 0)
