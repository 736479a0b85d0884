"""Copies of the files of sealed days: each once, never two of a day, and none of what is gone."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import requests
from psycopg2.extensions import connection as Connection
from pyarrow.fs import FileSystem

from deploy.local.children import free_port
from services.processor.jobs import tasks
from services.processor.jobs.attempts import list_failed
from services.processor.jobs.locks import try_lock
from services.processor.persons.deletion import delete_person
from services.processor.sealing import file_copies
from services.processor.sealing.file_copies import CopiesFailed, CopyRun, copy_day_files
from services.processor.sealing.run import seal_due
from shared.runtime.advisory_locks import AdvisoryLock
from shared.runtime.database import job_connection
from shared.runtime.redis_clients import get_jobs_redis
from shared.runtime.settings import get_settings
from tests.conftest import make_project
from tests.integration.processor.test_day_files import odd_events
from tests.support.factories import NOON, an_event
from tests.support.sealing import store
from tests.support.waiting import wait_for

_LATER = NOON + timedelta(days=90)


@pytest.fixture
def files(database: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the files of sealed days, which is set; no test before has left a file."""
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM day_files")
    database.commit()
    monkeypatch.setenv("DAY_FILES", str(tmp_path / "files"))
    return tmp_path / "files"


@pytest.fixture
def copies(files: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the copies, which is set."""
    folder = files.with_name("copies of files")
    monkeypatch.setenv("DAY_FILE_COPIES", folder.as_uri())
    get_settings.cache_clear()
    yield folder
    get_settings.cache_clear()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server of this module's own, with the bucket ``copies``."""
    address = f"127.0.0.1:{free_port()}"
    host, _, port = address.partition(":")
    packages = Path(sys.prefix) / "sdks" / "s3"
    assert packages.exists(), f"{packages} is missing. `make ready-to-test` installs it."
    with subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", host, "-p", port],
        env={**os.environ, "PYTHONPATH": str(packages)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            wait_for(lambda: _create_bucket(address))
            yield address
        finally:
            server.terminate()


def _create_bucket(address: str) -> bool:
    try:
        return requests.put(f"http://{address}/copies", timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def seal(database: Connection, project_id: int) -> None:
    seal_due(database, _LATER, project_id=project_id)


def manifests(folder: Path, project_id: int) -> dict[str, list[dict[str, Any]]]:
    """Return what the manifests of a project name, by month."""
    return {
        path.parent.name: json.loads(path.read_text())["files"]
        for path in folder.glob(f"{project_id}/*/manifest.json")
    }


def event_ids(folder: Path, project_id: int) -> list[bytes]:
    """Read the ids of all events as the document tells: by the manifests."""
    return [
        event_id
        for month, listed in manifests(folder, project_id).items()
        for file in listed
        for event_id in pq.read_table(
            folder / str(project_id) / month / file["path"], columns=["event_id"]
        )["event_id"].to_pylist()
    ]


def test_each_event_is_in_the_copies_once_and_files_are_sent_once(
    database: Connection, files: Path, copies: Path
) -> None:
    projects = [make_project(database, zone) for zone in ("UTC", "Asia/Kathmandu")]
    sent = {}
    for number, project in enumerate(projects):
        events = odd_events(random.Random(number))
        events += [an_event("a", at=NOON + timedelta(days=31), person="p1")]
        sent[project] = sorted(event.event_id for event in events)
        store(database, project, events)
        seal(database, project)
    written = len(list(files.rglob("*.parquet")))
    assert counts(copy_day_files(database)) == (written, 0)
    for project in projects:
        assert sorted(event_ids(copies, project)) == sent[project]
        assert sorted(manifests(copies, project)) == ["2026-03", "2026-04"]
        for month, listed in manifests(copies, project).items():
            for file in listed:
                content = (copies / str(project) / month / file["path"]).read_bytes()
                assert hashlib.sha256(content).hexdigest() == file["sha256"]
                assert len(content) == file["bytes"]
    assert counts(copy_day_files(database)) == (0, 0)


def test_a_late_event_replaces_the_copy_of_its_day_alone(
    database: Connection, files: Path, copies: Path, project_id: int
) -> None:
    store(database, project_id, [an_event("a", at=NOON + timedelta(days=day)) for day in range(3)])
    seal(database, project_id)
    copy_day_files(database)
    before = manifests(copies, project_id)["2026-03"]
    store(database, project_id, [an_event("late", at=NOON + timedelta(days=1))])
    seal(database, project_id)
    assert counts(copy_day_files(database)) == (1, 1)
    after = manifests(copies, project_id)["2026-03"]
    assert [file["rows"] for file in after] == [1, 2, 1]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]
    assert len(list(copies.rglob("*.parquet"))) == 3


def test_nothing_of_a_deleted_person_or_project_stays(
    database: Connection, files: Path, copies: Path, project_id: int
) -> None:
    other = make_project(database, "UTC")
    for project in (project_id, other):
        store(database, project, [an_event("a", person="ada"), an_event("a", person="bob-0815")])
        seal(database, project)
    copy_day_files(database)
    assert any(b"bob-0815" in distinct_ids(path) for path in copies.rglob("*.parquet"))
    delete_person(database, project_id, "bob-0815")
    # Before the day is sealed again it has no copy: the old one named the person.
    copy_day_files(database)
    assert not list(copies.glob(f"{project_id}/*/*"))
    seal(database, project_id)
    copy_day_files(database)
    (left,) = copies.glob(f"{project_id}/*/*.parquet")
    assert distinct_ids(left) == {b"ada"}
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM day_files WHERE project_id = %s", (other,))
    database.commit()
    copy_day_files(database)
    assert not list(copies.glob(f"{other}/*/*"))
    assert list(copies.glob(f"{project_id}/*/*.parquet")) == [left]


def counts(run: CopyRun) -> tuple[int, int]:
    """How many files a run copied and removed."""
    return run.copied, run.removed


def distinct_ids(path: Path) -> set[bytes]:
    return {text.encode() for text in pq.read_table(path)["distinct_id"].to_pylist()}


def test_others_files_are_left_alone_and_two_installations_never_share_a_folder(
    database: Connection,
    files: Path,
    copies: Path,
    project_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store(database, project_id, [an_event("a")])
    seal(database, project_id)
    own = copies / str(project_id) / "2026-03" / "notes.txt"
    own.parent.mkdir(parents=True)
    own.write_text("ours")
    copy_day_files(database)
    before = sorted(copies.rglob("*"))
    assert own in before
    monkeypatch.setenv("SECRET_KEY", "4a7d" * 16)
    get_settings.cache_clear()
    with pytest.raises(CopiesFailed, match="another installation"):
        copy_day_files(database)
    assert sorted(copies.rglob("*")) == before


def test_a_damaged_or_missing_file_costs_its_day_alone(
    database: Connection, files: Path, copies: Path, project_id: int
) -> None:
    store(database, project_id, [an_event("a", at=NOON + timedelta(days=day)) for day in range(4)])
    seal(database, project_id)
    first, second, *_rest = sorted(files.rglob("*.parquet"))
    content = bytearray(first.read_bytes())
    content[len(content) // 2] ^= 1
    first.write_bytes(content)
    second.unlink()
    copy_day_files(database)
    listed = manifests(copies, project_id)["2026-03"]
    assert [file["day"] for file in listed] == [
        (NOON + timedelta(days=day)).date().isoformat() for day in (2, 3)
    ]
    assert len(list(copies.rglob("*.parquet"))) == 2


def test_a_copy_cut_short_is_sent_again(
    database: Connection, files: Path, copies: Path, project_id: int
) -> None:
    store(database, project_id, [an_event("a")])
    seal(database, project_id)
    copy_day_files(database)
    (copy,) = copies.rglob("*.parquet")
    whole = copy.read_bytes()
    copy.write_bytes(whole[:100])
    copy.with_name(copy.name + ".part").write_bytes(whole[:50])
    assert counts(copy_day_files(database)) == (1, 1)
    assert copy.read_bytes() == whole
    assert len(list(copies.rglob("*.parquet*"))) == 1


_KILLED = """
import os, signal
from pathlib import Path
from services.processor.sealing import file_copies
from shared.runtime.database import job_connection
left = int(os.environ["STEPS"])
def counted(method):
    def step(*args):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(*args)
    return step
for name in ("write", "remove"):
    setattr(file_copies._Copies, name, counted(getattr(file_copies._Copies, name)))
with job_connection("files") as connection:
    file_copies.copy_day_files(connection)
"""


def test_no_day_is_in_the_copies_twice_wherever_copying_was_killed(
    database: Connection, files: Path, copies: Path, project_id: int
) -> None:
    days = [NOON + timedelta(days=day) for day in range(3)]
    store(database, project_id, [an_event("a", at=at) for at in days])
    seal(database, project_id)
    copy_day_files(database)
    store(database, project_id, [an_event("late", at=at) for at in days[:2]])
    seal(database, project_id)
    for steps in range(10):
        done = subprocess.run(
            [sys.executable, "-c", _KILLED],
            env={**os.environ, "STEPS": str(steps)},
            check=False,
        )
        found = event_ids(copies, project_id)
        assert len(found) in (3, 5), steps
        assert len(found) == len(set(found)), steps
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    assert len(found) == 5
    assert steps > 0
    copy_day_files(database)
    assert len(list(copies.rglob("*.parquet"))) == 3


def test_copies_in_a_bucket_follow_the_days(
    database: Connection,
    files: Path,
    project_id: int,
    s3: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    url = f"s3://id:secret@copies/of%20tidemark?scheme=http&endpoint_override={s3}&region=us-east-1"
    monkeypatch.setenv("DAY_FILE_COPIES", url)
    get_settings.cache_clear()
    events = odd_events(random.Random(5))
    store(database, project_id, events)
    seal(database, project_id)
    written = len(list(files.rglob("*.parquet")))
    assert copy_day_files(database).copied == written
    assert counts(copy_day_files(database)) == (0, 0)
    late = an_event("late")
    store(database, project_id, [late])
    seal(database, project_id)
    assert counts(copy_day_files(database)) == (1, 1)
    bucket, root = FileSystem.from_uri(url)
    local = tmp_path / "read"
    for path in file_copies._Copies(url, files).sizes(project_id):
        (local / path).parent.mkdir(parents=True, exist_ok=True)
        with bucket.open_input_stream(f"{root}/{path}") as stored:
            (local / path).write_bytes(stored.read())
    assert sorted(event_ids(local, project_id)) == sorted(
        event.event_id for event in [*events, late]
    )
    get_settings.cache_clear()


def test_a_bucket_that_cannot_be_used_says_why_and_one_project_never_stops_another(
    database: Connection,
    files: Path,
    copies: Path,
    project_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = make_project(database, "UTC")
    for project in (project_id, other):
        store(database, project, [an_event("a")])
        seal(database, project)
    copies.mkdir()
    (copies / str(project_id)).write_text("a file where a folder should be")
    copy_day_files(database)
    # Tests before may have left failures of other projects.
    mine = [one for one in list_failed(database) if one.project_id in (project_id, other)]
    assert [(one.project_id, one.work) for one in mine] == [(project_id, "copy_files")]
    assert len(event_ids(copies, other)) == 1
    monkeypatch.setenv("DAY_FILE_COPIES", "s3://copies/x?endpoint_override=127.0.0.1:1&scheme=http")
    get_settings.cache_clear()
    with pytest.raises(CopiesFailed, match="DAY_FILE_COPIES cannot be used"):
        copy_day_files(database)
    for unusable in ("copies", "s3://id:hidden@copies/a b"):
        monkeypatch.setenv("DAY_FILE_COPIES", unusable)
        get_settings.cache_clear()
        with pytest.raises(CopiesFailed, match="DAY_FILE_COPIES cannot be used") as refused:
            copy_day_files(database)
        assert "hidden" not in str(refused.value)
    (copies / "installation.json").write_text("{")
    monkeypatch.setenv("DAY_FILE_COPIES", copies.as_uri())
    get_settings.cache_clear()
    with pytest.raises(CopiesFailed, match="another installation"):
        copy_day_files(database)


def test_a_run_beside_another_leaves_the_copies_to_it(
    database: Connection, files: Path, copies: Path, project_id: int
) -> None:
    store(database, project_id, [an_event("a")])
    seal(database, project_id)
    with (
        job_connection("files") as other,
        try_lock(other, AdvisoryLock.FILE_COPIES) as held,
    ):
        assert held
        assert counts(copy_day_files(database)) == (0, 0)
    assert counts(copy_day_files(database)) == (1, 0)


def test_projects_take_turns_when_time_is_short(
    database: Connection, files: Path, copies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projects = [make_project(database, "UTC") for _ in range(3)]
    for project in projects:
        store(database, project, [an_event("a")])
        seal(database, project)
    get_jobs_redis().delete("copied-last")
    monkeypatch.setattr(tasks, "_COPY_SECONDS", 0)
    for done in range(1, 4):
        assert tasks.copy_day_files() == {"copied": 1, "removed": 0}
        assert [bool(event_ids(copies, project)) for project in projects] == [
            number < done for number in range(3)
        ]
