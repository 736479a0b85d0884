"""Read finished exports of persons."""

from __future__ import annotations

import uuid
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sqlalchemy import func, select

from services.query.execution.read_session import limited_session, read_only_session
from shared.errors import NotFound
from shared.models import PersonExportPart

_STORED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PersonExport:
    """The gzipped JSON lines of an export."""

    size: int
    """In bytes."""
    chunks: Generator[bytes, None, None]


def get_export(project_id: int, job_id: str) -> PersonExport:
    """Return a finished export. Its parts are read as they are sent.

    Raises:
        NotFound: there is no such export, or it is more than a day old.
    """
    statement = (
        select(
            PersonExportPart.created_at,
            func.count(),
            func.sum(func.octet_length(PersonExportPart.content)),
        )
        .where(
            PersonExportPart.project_id == project_id,
            PersonExportPart.job_id == uuid.UUID(job_id),
            PersonExportPart.created_at > datetime.now(timezone.utc) - _STORED,
        )
        .group_by(PersonExportPart.created_at)
    )
    with limited_session(project_id) as session:
        found = session.execute(statement).first()
    if found is None:
        raise NotFound("There is no such export: exports expire after a day. Request it again.")
    created_at, parts, size = found
    return PersonExport(size, _chunks(project_id, uuid.UUID(job_id), created_at, parts))


def _chunks(
    project_id: int, job_id: uuid.UUID, created_at: datetime, parts: int
) -> Generator[bytes, None, None]:
    """Yield the parts. Each is a query of its own: a slow client holds no connection.

    Raises:
        NotFound: the export was replaced or deleted meanwhile; the client sees the end is missing.
    """
    for part in range(parts):
        with read_only_session() as session:
            content = session.scalar(
                select(PersonExportPart.content).where(
                    PersonExportPart.project_id == project_id,
                    PersonExportPart.job_id == job_id,
                    PersonExportPart.part == part,
                    PersonExportPart.created_at == created_at,
                )
            )
        if content is None:
            raise NotFound("The export was replaced or deleted while it was downloaded.")
        yield content
