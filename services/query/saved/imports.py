"""Files of events that are to be imported: their upload, and how far each has come."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from redis.exceptions import RedisError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from services.query.parsing.errors import invalid_field
from services.query.saved.import_limits import (
    charge_part,
    refuse_beyond_share,
    refuse_too_large,
    refuse_without_room,
)
from shared.errors import Conflict, NotFound, Unprocessable
from shared.imports.mapping import Mapping, from_object, problem_of, to_object
from shared.imports.parts import ENDED, PART_BYTES, bytes_of_part, parts_of
from shared.models import EventImport, ImportCount, ImportPart, ImportRefusal
from shared.responses import Doc, Timestamp
from shared.runtime.database import session_scope
from shared.runtime.job_queue import enqueue_once
from shared.runtime.redis_clients import get_state_redis
from shared.web.pagination import decode_id, encode_cursor

STATES = ("uploading", "queued", "running", "waiting", "finished", "failed", "cancelled")
_TASK = "services.processor.jobs.tasks.run_imports"


@dataclass(frozen=True, slots=True)
class ImportResponse:
    """A file of events, and what became of its rows so far."""

    id: int
    name: Annotated[str, Doc("Of the file.")]
    format: Annotated[str, Doc(choices=("csv", "jsonl"))]
    mapping: Annotated[dict[str, Any], Doc("Which columns become what.", schema="ImportMapping")]
    state: Annotated[
        str,
        Doc(
            "uploading: parts are missing; waiting: the problem says for what; it goes on by "
            "itself.",
            choices=STATES,
        ),
    ]
    problem: Annotated[str | None, Doc("Why it waits or failed. Null: it does not.")]
    attempts: Annotated[
        int,
        Doc(
            "Runs that have begun since rows were last settled, and did not end by themselves. An "
            "import that has failed with attempts did not get on."
        ),
    ]
    size: Annotated[int, Doc("Bytes of the file.")]
    part_bytes: Annotated[int, Doc("Bytes of each part but the last.")]
    parts: Annotated[int, Doc("Parts that the file is sent in, from 0 on.")]
    bytes_done: Annotated[int, Doc("Bytes whose rows are settled.")]
    rows: Annotated[int, Doc("Rows that are settled: imported + duplicates + refused.")]
    imported: Annotated[int, Doc("Rows that became events.")]
    duplicates: Annotated[int, Doc("Rows with the id of an event that is there already.")]
    refused: Annotated[int, Doc("Rows that became no event, each with its reason.")]
    created_by: Annotated[int | None, Doc("Id of a user; null: imported by a command.")]
    created_at: Timestamp
    started_at: Timestamp | None
    finished_at: Timestamp | None


@dataclass(frozen=True, slots=True)
class ImportPage:
    """A page of imports, latest first."""

    items: list[ImportResponse]
    next_cursor: str | None


def list_imports(project_id: int, limit: int, cursor: str | None) -> ImportPage:
    """Return a page of a project's imports, latest first.

    Raises:
        Unprocessable: the cursor is invalid.
    """
    before = decode_id(cursor)
    statement = select(EventImport).where(EventImport.project_id == project_id)
    if before is not None:
        statement = statement.where(EventImport.id < before)
    with session_scope() as session:
        rows = session.scalars(statement.order_by(EventImport.id.desc()).limit(limit + 1)).all()
    more = encode_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return ImportPage([_serialize(row) for row in rows[:limit]], more)


def get_import(project_id: int, import_id: int) -> ImportResponse:
    """Return an import.

    Raises:
        NotFound: the project has no such import.
    """
    with session_scope() as session:
        return _serialize(find_import(session, project_id, import_id))


def create_import(project_id: int, values: dict[str, Any], user_id: int | None) -> ImportResponse:
    """Begin an import; the parts of the file follow.

    Raises:
        Unprocessable: the mapping cannot be used.
        PayloadTooLarge: the file is larger than imports may be.
        TooManyRequests: the project has as many imports as may be open at a time, the files of
            open ones are as large as may be, or the account has sent too much today.
        Unavailable: the server's disk has no room for the file.
    """
    mapping = mapping_of(values["mapping"])
    if problem := problem_of(mapping):
        raise invalid_field("mapping", problem)
    refuse_too_large(values["size"])
    refuse_without_room(values["size"])
    with session_scope() as session:
        refuse_beyond_share(session, project_id, values["size"])
        row = EventImport(
            project_id=project_id,
            name=values["name"],
            file_format=values["format"],
            mapping=to_object(mapping),
            size=values["size"],
            created_by=user_id,
        )
        session.add(row)
        session.flush()
        session.refresh(row)
        return _serialize(row)


def put_part(project_id: int, import_id: int, part: int, content: bytes) -> None:
    """Hold a part of a file. Until the import is started, it may be sent again; nothing is written.

    Writing it again would leave the earlier one on the disk for a while.

    Raises:
        NotFound: the project has no such import, or the file no such part.
        Conflict: the import was started, or the part is held with another content.
        Unprocessable: the part has not the bytes that it must have.
        TooManyRequests: imports of the account or the installation hold too much by now, or the
            account has sent too much today.
        Unavailable: the server's disk has no room for it.
    """
    refuse_without_room(len(content))
    with session_scope() as session:
        row = find_import(session, project_id, import_id, lock=True)
        if row.state != "uploading":
            raise Conflict(f"The import is {row.state}; it takes no more parts.")
        wanted = bytes_of_part(row.size, part)
        if not wanted:
            raise NotFound(f"The file has {parts_of(row.size)} parts, from 0 on.")
        if len(content) != wanted:
            raise Unprocessable(f"Part {part} must have {wanted} bytes; {len(content)} were sent.")
        held = session.get(ImportPart, (project_id, import_id, part))
        if held is None:
            charge_part(session, project_id, len(content))
            session.add(
                ImportPart(project_id=project_id, import_id=import_id, part=part, content=content)
            )
            row.updated_at = func.now()
        elif held.content != content:
            raise Conflict(
                f"Part {part} is held already, with another content. Cancel the import, and begin "
                "one for the file as it is now."
            )


def start_import(project_id: int, import_id: int) -> ImportResponse:
    """Let a worker import the file. Starting it again changes nothing.

    Raises:
        NotFound: the project has no such import.
        Conflict: it has ended, or parts of the file are missing.
    """
    with session_scope() as session:
        row = find_import(session, project_id, import_id, lock=True)
        if row.state in ENDED:
            raise Conflict(f"The import is {row.state}. Import the file anew.")
        if row.state == "uploading":
            missing = _missing_part(session, row)
            if missing is not None:
                raise Conflict(f"Part {missing} of the file is missing. Send it, then start.")
            row.state = "queued"
            session.flush()
            session.refresh(row)
        found = _serialize(row)
    with suppress(RedisError):  # the schedule queues the job within a minute
        enqueue_once(get_state_redis(), _TASK, job_id="run_imports")
    return found


def cancel_import(project_id: int, import_id: int) -> ImportResponse:
    """Stop an import; what it has imported stays. One that has ended stays as it is.

    Raises:
        NotFound: the project has no such import.
    """
    with session_scope() as session:
        row = find_import(session, project_id, import_id, lock=True)
        if row.state not in ENDED:
            row.state, row.problem, row.finished_at = "cancelled", None, func.now()
            session.flush()
            _remove(session, ImportPart, row)
            session.refresh(row)
        return _serialize(row)


def delete_import(project_id: int, import_id: int) -> None:
    """Forget an import that has ended, with its refused rows; its events stay.

    Raises:
        NotFound: the project has no such import.
        Conflict: it has not ended.
    """
    with session_scope() as session:
        row = find_import(session, project_id, import_id, lock=True)
        if row.state not in ENDED:
            raise Conflict(f"The import is {row.state}. Cancel it first.")
        for model in (ImportRefusal, ImportCount, ImportPart):
            _remove(session, model, row)
        session.delete(row)


def find_import(
    session: Session, project_id: int, import_id: int, *, lock: bool = False
) -> EventImport:
    """Return the row of an import.

    Raises:
        NotFound: the project has no such import.
    """
    row = session.get(EventImport, (project_id, import_id), with_for_update=lock or None)
    if row is None:
        raise NotFound("The project has no such import. List them to find the id.")
    return row


def mapping_of(given: dict[str, Any]) -> Mapping:
    """Return a mapping that was sent.

    Raises:
        Unprocessable: it is none.
    """
    try:
        return from_object(given)
    except ValueError as error:
        raise invalid_field("mapping", str(error)) from error


def _missing_part(session: Session, row: EventImport) -> int | None:
    held = session.scalars(
        select(ImportPart.part)
        .where(ImportPart.project_id == row.project_id, ImportPart.import_id == row.id)
        .order_by(ImportPart.part)
    )
    expected = 0
    for part in held:
        if part != expected:
            return expected
        expected += 1
    return None if expected == parts_of(row.size) else expected


def _remove(
    session: Session,
    model: type[ImportPart] | type[ImportCount] | type[ImportRefusal],
    row: EventImport,
) -> None:
    session.execute(
        delete(model).where(model.project_id == row.project_id, model.import_id == row.id)
    )


def _serialize(row: EventImport) -> ImportResponse:
    return ImportResponse(
        id=row.id,
        name=row.name,
        format=row.file_format,
        mapping=row.mapping,
        state=row.state,
        problem=row.problem,
        attempts=row.attempts,
        size=row.size,
        part_bytes=PART_BYTES,
        parts=parts_of(row.size),
        bytes_done=row.size if row.state == "finished" else row.bytes_done,
        rows=row.rows_done,
        imported=row.imported,
        duplicates=row.duplicates,
        refused=row.refused,
        created_by=row.created_by,
        created_at=row.created_at.isoformat(),
        started_at=row.started_at.isoformat() if row.started_at else None,
        finished_at=row.finished_at.isoformat() if row.finished_at else None,
    )
