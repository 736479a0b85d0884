"""The samples of docs/day-files.md read the files that sealing writes."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from services.processor.sealing.file_copies import copy_day_files
from services.processor.sealing.file_rows import COLUMNS
from services.processor.sealing.run import seal_due
from shared.runtime.settings import get_settings
from tests.conftest import ROOT, make_project
from tests.docs.markdown import blocks
from tests.support.factories import NOON, an_event
from tests.support.sealing import store

_DOCUMENT = ROOT / "docs" / "day-files.md"
_DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The folder of the files, which is set."""
    monkeypatch.setenv("DAY_FILES", str(tmp_path / "files"))
    monkeypatch.setenv("DAY_FILE_COPIES", (tmp_path / "copies").as_uri())
    get_settings.cache_clear()
    yield tmp_path / "files"
    get_settings.cache_clear()


def test_duckdb_and_pandas_count_what_was_stored(database: Connection, folder: Path) -> None:
    project = make_project(database, "UTC")
    purchases = [
        (NOON, "ada", b'{"ship_to": "DE", "amount": 12.50}'),
        (NOON, "ada", b'{"ship_to": "DE", "amount": "7.25"}'),
        (NOON, "bob", b'{"ship_to": "NO, \\"x\\"", "amount": 100, "coupon": "A"}'),
        (NOON + _DAY, "ada", b'{"ship_to": "DE", "amount": 1}'),
    ]
    events = [
        an_event("purchase", at=at, person=person, properties=properties)
        for at, person, properties in purchases
    ]
    events += [an_event("visit", at=NOON, person="eve")]
    store(database, project, events)
    seal_due(database, NOON + 9 * _DAY, project_id=project)
    assert len(list((folder / str(project)).iterdir())) == 2

    duckdb, pandas, copies = (
        block for block in blocks(_DOCUMENT) if block.language == "python" and not block.words
    )
    daily, revenue = _run(duckdb.text, folder, project).splitlines()
    first = NOON.date()
    assert daily == str([(first, 3, 2), (first + _DAY, 1, 1)])
    assert revenue == ("[('DE', Decimal('20.75')), ('NO, \"x\"', Decimal('100.00')), (None, None)]")
    assert ast.literal_eval(_run(pandas.text, folder, project)) == {"purchase": 2, "visit": 1}
    copy_day_files(database)
    assert _run(copies.text, folder, project) == "[(5,)]\n"


def test_every_column_is_described() -> None:
    text = _DOCUMENT.read_text()
    assert [name for name in COLUMNS.names if f"`{name}`" not in text] == []


def _run(program: str, folder: Path, project: int) -> str:
    environment = {**os.environ, "DAY_FILES": str(folder), "PROJECT": str(project)}
    environment["COPIES"] = str(folder.with_name("copies"))
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
