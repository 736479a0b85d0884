"""Keep each sealed day as a Parquet file too, from which sequence questions are read.

A file holds the rows of one version of its day: it is written from a snapshot in which the day is
clean in that version, and read only while it still is. Whatever makes a day dirty therefore makes
its file unused in the same transaction (docs/decisions/0061-day-files.md).
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.jobs.attempts import Work, attempt
from services.processor.sealing import store
from services.processor.sealing.file_rows import LAYOUT, write_rows
from services.processor.storing import crash_points
from shared.runtime.disk_space import MIN_FREE_FACTOR
from shared.runtime.settings import get_settings

log = logging.getLogger(__name__)

_GRACE_SECONDS = 3600
_OURS = re.compile(r"\d{4}-\d\d-\d\d-\d+-[0-9a-f]{8}\.parquet(\.part)?")


def folder() -> Path | None:
    """Return the folder of the files; None: no files are kept."""
    configured = get_settings().day_files
    return Path(configured) if configured else None


def keep_file(connection: Connection, project_id: int, day: date) -> None:
    """Write the file of a clean day that has none. Commits.

    A failure is recorded and never raised: the day stays sealed, its rows are read from PostgreSQL,
    and the nightly job tries again. So it does where the disk has little room.
    """
    root = folder()
    if root is None or not _has_room(root):
        return
    with attempt(connection, project_id, Work.WRITE_FILE, day):
        _write(connection, root, project_id, day)


def _has_room(root: Path) -> bool:
    """Return whether the disk has room beyond what events need; files can be written later."""
    needed = MIN_FREE_FACTOR * get_settings().disk_min_free_mb
    found = next(path for path in (root, *root.absolute().parents) if path.exists())
    free = shutil.disk_usage(found).free // 1024**2
    if free < needed:
        log.warning("no file of a sealed day is written: %d of %d MB are free", free, needed)
    return free >= needed


def _write(connection: Connection, root: Path, project_id: int, day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        state = store.list_day_states(cursor, project_id, [day]).get(day)
        if state is None or not state.is_clean or state.expired_at is not None:
            connection.rollback()
            return
        name = f"{day.isoformat()}-{state.version}-{secrets.token_hex(4)}.parquet"
        path = root / str(project_id) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(name + ".part")
        try:
            rows = write_rows(cursor, project_id, (state.starts_at, state.ends_at), draft)
            connection.rollback()
            size, digest = _settle(draft)
            crash_points.reach(crash_points.DAY_FILE_BEFORE_RENAME)
            draft.rename(path)
            _sync(path.parent)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    crash_points.reach(crash_points.DAY_FILE_BEFORE_COMMIT)
    relative = f"{project_id}/{name}"
    if not rows:
        remove([relative])
        return
    with connection.cursor() as cursor:
        replaced = _register(
            cursor, (project_id, day, state.version), relative, (rows, size, digest)
        )
    connection.commit()
    remove(replaced)


def _settle(draft: Path) -> tuple[int, str]:
    """Have the file on the disk; return its bytes and their SHA-256."""
    with draft.open("rb") as written:
        os.fsync(written.fileno())
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return draft.stat().st_size, digest


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _register(
    cursor: Cursor, of: tuple[int, date, int], path: str, content: tuple[int, int, str]
) -> list[str]:
    """Register a file if its day is still clean in its version; return the paths to remove."""
    # The lock orders this with deletions, which mark the day first and then forget its file.
    cursor.execute(
        "SELECT FROM sealed_days WHERE project_id = %s AND day = %s AND version = %s "
        "AND version = sealed_version AND expired_at IS NULL FOR SHARE",
        of,
    )
    if cursor.fetchone() is None:
        return [path]
    cursor.execute("SELECT path FROM day_files WHERE project_id = %s AND day = %s", of[:2])
    replaced = [old for (old,) in cursor.fetchall()]
    cursor.execute(
        "INSERT INTO day_files (project_id, day, version, layout, path, rows, bytes, sha256) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (project_id, day) DO UPDATE SET "
        "version = excluded.version, layout = excluded.layout, path = excluded.path, "
        "rows = excluded.rows, bytes = excluded.bytes, sha256 = excluded.sha256, "
        "written_at = now()",
        (*of, LAYOUT, path, *content),
    )
    return replaced


def forget_unused(cursor: Cursor, project_id: int) -> list[str]:
    """Forget the files of a project's dirty and expired days; return their paths.

    Call it after the days were marked, and ``remove`` the paths after COMMIT.
    """
    cursor.execute(
        "DELETE FROM day_files f USING sealed_days d WHERE f.project_id = %s "
        "AND d.project_id = f.project_id AND d.day = f.day "
        "AND (d.version <> f.version OR d.expired_at IS NOT NULL) RETURNING f.path",
        (project_id,),
    )
    return [path for (path,) in cursor.fetchall()]


def remove(paths: Iterable[str]) -> None:
    """Remove files that no row of ``day_files`` names any more."""
    root = folder()
    if root is None:
        return
    for path in paths:
        try:
            (root / path).unlink(missing_ok=True)
        except OSError:
            log.exception("the file %s cannot be removed; the nightly job tries again", path)


def remove_project(project_id: int) -> None:
    """Remove all files of a project, whose rows of ``day_files`` are deleted."""
    root = folder()
    if root is not None:
        remove([str(one.relative_to(root)) for one in (root / str(project_id)).glob("*")])


def days_without_file(connection: Connection, project_id: int) -> list[date]:
    """List the clean days with rows that have no file of their version, newest first. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.day FROM sealed_days d LEFT JOIN day_files f ON f.project_id = d.project_id "
            "AND f.day = d.day AND f.version = d.version AND f.layout = %s "
            "WHERE d.project_id = %s AND d.version = d.sealed_version AND d.expired_at IS NULL "
            "AND d.events > 0 AND f.day IS NULL ORDER BY d.day DESC",
            (LAYOUT, project_id),
        )
        found = [day for (day,) in cursor.fetchall()]
    connection.commit()
    return found


def forget_damaged(connection: Connection) -> list[str]:
    """Forget the files that are missing or differ from what was written. Commits.

    Returns:
        Their paths, with what is wrong.
    """
    found = find_damaged(connection)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM day_files WHERE path = ANY (%s)", (list(found),))
    connection.commit()
    for path, what in found.items():
        log.error("the file %s of a sealed day %s; it is written anew", path, what)
    remove(found)
    return [f"{path} {what}" for path, what in found.items()]


def find_damaged(connection: Connection, *, seconds: float | None = None) -> dict[str, str]:
    """Return what is wrong with files, by path. Commits.

    Args:
        connection: of the caller.
        seconds: compare contents for so long at most, the newest first; None: of all files.
    """
    root = folder()
    if root is None:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT path, bytes, sha256 FROM day_files ORDER BY written_at DESC")
        rows = cursor.fetchall()
    connection.commit()
    until = None if seconds is None else time.monotonic() + seconds
    found = {}
    for path, size, digest in rows:
        wrong = damage_of(
            root / path, size, digest if until is None or time.monotonic() < until else ""
        )
        if wrong:
            found[path] = wrong
    return found


def damage_of(path: Path, size: int, digest: str) -> str:
    """Return what is wrong with a file; empty: nothing.

    Args:
        path: of the file.
        size: the bytes it was written with.
        digest: the SHA-256 it was written with; empty: contents are not compared.
    """
    try:
        if path.stat().st_size != size:
            return "has another size than was written"
        if digest:
            with path.open("rb") as stored:
                if hashlib.file_digest(stored, "sha256").hexdigest() != digest:
                    return "has another content than was written"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return ""


def remove_orphans(connection: Connection, now: float | None = None) -> int:
    """Remove files that no row names and that are older than an hour; return how many. Commits."""
    root = folder()
    if root is None or not root.is_dir():
        return 0
    # Listed before the rows are read: a file that is registered meanwhile is not among these.
    before = (time.time() if now is None else now) - _GRACE_SECONDS
    old = [
        path
        for path in root.glob("[0-9]*/*")
        if _OURS.fullmatch(path.name) and path.stat().st_mtime < before
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT path FROM day_files")
        known = {path for (path,) in cursor.fetchall()}
    connection.commit()
    orphans = [path for one in old if (path := str(one.relative_to(root))) not in known]
    remove(orphans)
    return len(orphans)
