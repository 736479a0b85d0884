"""Hourly: copy the files of sealed days to a folder or bucket of the operator's own.

A copy is named by its day and the SHA-256 of its content, so it is sent once and never changes.
Each month of a project has a manifest with exactly one file a day; it is written after the files
that it names and before those that it no longer names are removed. A reader of the manifests
therefore never counts a day twice, whenever this is interrupted.
"""

from __future__ import annotations

import hmac
import json
import math
import re
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from psycopg2.extensions import connection as Connection
from pyarrow.fs import FileSelector, FileSystem, FileType

from services.processor.jobs.attempts import Work, attempt
from services.processor.jobs.locks import try_lock
from services.processor.jobs.progress import Progress, no_progress
from services.processor.sealing.day_files import damage_of, folder
from shared.runtime.advisory_locks import AdvisoryLock
from shared.runtime.settings import get_settings

_MANIFEST = "manifest.json"
_INSTALLATION = "installation.json"
_PIECE_BYTES = 1 << 20
_UNFINISHED = ".part"
_COPY = re.compile(
    r"\d+/\d{4}-\d\d/(manifest\.json|\d{4}-\d\d-\d\d-[0-9a-f]{64}\.parquet)(\.part)?"
)


class CopiesFailed(RuntimeError):
    """Nothing can be copied; the message says why and what to do."""


@dataclass(slots=True)
class CopyRun:
    """The result of a run."""

    copied: int = 0
    removed: int = 0
    next_after: int = 0
    """The next run is best begun after this project: those that follow waited longest."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a sealed day, as ``day_files`` has it."""

    day: date
    version: int
    path: str
    rows: int
    bytes: int
    sha256: str

    @property
    def copy_name(self) -> str:
        return f"{self.day.isoformat()}-{self.sha256}.parquet"


class _Copies:
    """The folder or bucket with the copies, and the folder of the files."""

    def __init__(self, url: str, source: Path) -> None:
        self.source = source
        self._files: FileSystem
        self._files, root = FileSystem.from_uri(url)
        self._root = root.rstrip("/")
        # A bucket has an object as a whole or not at all, and no folders.
        self._is_bucket = self._files.type_name != "local"

    def projects(self) -> set[int]:
        """Return the ids of the projects that have copies."""
        selector = FileSelector(self._root, allow_not_found=True)
        names = [found.base_name for found in self._files.get_file_info(selector)]
        return {int(name) for name in names if re.fullmatch(r"[0-9]{1,9}", name)}

    def sizes(self, project_id: int) -> dict[str, int]:
        """Return the bytes of the copies and manifests of a project, by path."""
        selector = FileSelector(f"{self._root}/{project_id}", recursive=True, allow_not_found=True)
        sizes = {
            found.path.removeprefix(f"{self._root}/"): found.size
            for found in self._files.get_file_info(selector)
            if found.type == FileType.File
        }
        return {path: size for path, size in sizes.items() if _COPY.fullmatch(path)}

    def read(self, path: str) -> bytes | None:
        """Return the content of a file; None: there is none."""
        try:
            with self._files.open_input_stream(f"{self._root}/{path}") as stored:
                content: bytes = stored.read()
                return content
        except FileNotFoundError:
            return None

    def write(self, path: str, content: BinaryIO) -> None:
        """Write a file, as a whole or not at all."""
        target = f"{self._root}/{path}"
        if self._is_bucket:
            self._put(target, content)
            return
        self._files.create_dir(target.rpartition("/")[0], recursive=True)
        self._put(target + _UNFINISHED, content)
        self._files.move(target + _UNFINISHED, target)

    def _put(self, target: str, content: BinaryIO) -> None:
        with self._files.open_output_stream(target) as written:
            shutil.copyfileobj(content, written, _PIECE_BYTES)

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError):
            self._files.delete_file(f"{self._root}/{path}")


def copy_day_files(
    connection: Connection,
    *,
    start_after: int = 0,
    seconds: float = math.inf,
    progress: Progress = no_progress,
) -> CopyRun:
    """Copy what is new, write the manifests, and remove copies that no manifest names. Commits.

    A project that fails is recorded as a failed attempt, and the others are copied.

    Args:
        connection: of the caller's own.
        start_after: begin with the project that follows this id, and come to the others then.
        seconds: start no further project after this time.
        progress: called after every project.

    Raises:
        CopiesFailed: the folder or bucket cannot be used.
    """
    run = CopyRun(next_after=start_after)
    url, root = get_settings().day_file_copies, folder()
    if not url or root is None:
        return run
    with try_lock(connection, AdvisoryLock.FILE_COPIES) as held:
        if held:
            _copy_projects(connection, _open(url, root), run, time.monotonic() + seconds, progress)
    return run


def _copy_projects(
    connection: Connection, copies: _Copies, run: CopyRun, deadline: float, progress: Progress
) -> None:
    found = _files_of_projects(connection)
    # Deleted projects, too: their copies are removed.
    projects = sorted(
        {*found, *copies.projects()}, key=lambda project: (project <= run.next_after, project)
    )
    for number, project_id in enumerate(projects, start=1):
        with attempt(connection, project_id, Work.COPY_FILES):
            _copy_project(copies, project_id, found.get(project_id, []), run)
        run.next_after = project_id
        progress(number, len(projects), f"project {project_id}")
        if time.monotonic() > deadline:
            break


def _open(url: str, root: Path) -> _Copies:
    """Return the copies of this installation; their folder is made its own at first."""
    key = get_settings().secret_key.encode()
    own = _json({"installation": hmac.new(key, b"copies of day files", "sha256").hexdigest()})
    try:
        copies = _Copies(url, root)
        found = copies.read(_INSTALLATION)
        if found is None:
            copies.write(_INSTALLATION, BytesIO(own))
            return copies
    except (OSError, ValueError) as error:
        # Messages of Arrow repeat the address, which may hold the key of the bucket.
        reason = str(error).replace(url, "the address")
        raise CopiesFailed(
            f"DAY_FILE_COPIES cannot be used: {type(error).__name__}: {reason}. Correct the "
            "setting, or what it names, then run `tidemark jobs --run copy_day_files`."
        ) from None
    if found != own:
        raise CopiesFailed(
            "DAY_FILE_COPIES holds the copies of another installation (or SECRET_KEY was "
            f"changed). Name another folder, or remove {_INSTALLATION} from this one."
        )
    return copies


def _files_of_projects(connection: Connection) -> dict[int, list[_File]]:
    """Return the files of clean days, by project and in order of days. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.project_id, f.day, f.version, f.path, f.rows, f.bytes, f.sha256 "
            "FROM day_files f JOIN sealed_days d USING (project_id, day) "
            "WHERE d.version = f.version AND d.sealed_version = f.version "
            "AND d.expired_at IS NULL ORDER BY f.project_id, f.day"
        )
        found: dict[int, list[_File]] = {}
        for project_id, *rest in cursor:
            found.setdefault(project_id, []).append(_File(*rest))
    connection.commit()
    return found


def _copy_project(copies: _Copies, project_id: int, files: list[_File], run: CopyRun) -> None:
    sizes = copies.sizes(project_id)
    months: dict[str, list[_File]] = {}
    for file in files:
        month = f"{project_id}/{file.day:%Y-%m}"
        path = f"{month}/{file.copy_name}"
        if sizes.get(path) != file.bytes:
            # One that was replaced or damaged meanwhile: its next version is copied the next time.
            source = copies.source / file.path
            if damage_of(source, file.bytes, file.sha256):
                continue
            with source.open("rb") as content:
                copies.write(path, content)
            run.copied += 1
        months.setdefault(month, []).append(file)
    for month, listed in months.items():
        manifest = _manifest(project_id, month.partition("/")[2], listed)
        if copies.read(f"{month}/{_MANIFEST}") != manifest:
            copies.write(f"{month}/{_MANIFEST}", BytesIO(manifest))
    named = {
        f"{month}/{name}"
        for month, listed in months.items()
        for name in (_MANIFEST, *(file.copy_name for file in listed))
    }
    # Manifests first: what is left of a month without one is no copy of a day.
    for path in sorted(sizes.keys() - named, key=lambda path: not path.endswith(_MANIFEST)):
        copies.remove(path)
        run.removed += 1


def _manifest(project_id: int, month: str, files: list[_File]) -> bytes:
    return _json(
        {
            "project_id": project_id,
            "month": month,
            "files": [
                {
                    "path": file.copy_name,
                    "day": file.day.isoformat(),
                    "version": file.version,
                    "rows": file.rows,
                    "bytes": file.bytes,
                    "sha256": file.sha256,
                }
                for file in files
            ],
        }
    )


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, indent=1).encode() + b"\n"
