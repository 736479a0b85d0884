"""Responses of the routes, and the documentation of files."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from itertools import chain
from typing import Any

import msgspec
from flask import Response, jsonify, request

from services.query.execution.concurrency_limit import concurrency_limiter
from services.query.execution.responses import ExpiredPart
from services.query.records.figure_persons import CSV, write_csv
from shared.responses import to_json
from shared.web.openapi import reference

PIECE_BYTES = 1024 * 1024
PIECE_SECONDS = 300.0
"""Within this time a client takes a piece. The gateway takes the next ones when the 16 MB are sent
that it keeps of a file, so a client needs 56 kB/s."""


def json_response(body: Any, status: int = 200) -> Response:
    """Return a response dataclass as a JSON response."""
    response = jsonify(to_json(body))
    response.status_code = status
    return response


def start_file(
    project_id: int, chunks: Generator[bytes, None, None]
) -> Generator[bytes, None, None]:
    """Return the chunks in pieces; the connection of a client that takes none in time is closed.

    A client that reads a byte now and then would hold its thread, and a snapshot of the database,
    for days. So each download also takes one of the few threads that downloads may have. An error
    in the first chunk is raised here, so it gets an error status.

    Raises:
        Unavailable: too many downloads or queries are running.
    """
    chunks = _in_download_thread(project_id, chunks)
    first = next(chunks, b"")
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(PIECE_SECONDS)

    def pieces() -> Generator[bytes, None, None]:
        with closing(chunks):
            for chunk in chain([first], chunks):
                for begin in range(0, len(chunk), PIECE_BYTES):
                    yield chunk[begin : begin + PIECE_BYTES]

    return pieces()


def _in_download_thread(
    project_id: int, chunks: Generator[bytes, None, None]
) -> Generator[bytes, None, None]:
    with concurrency_limiter().stream(project_id), closing(chunks):
        yield from chunks


def persons_file(
    project_id: int,
    person_ids: Sequence[int],
    expired: list[ExpiredPart] | msgspec.UnsetType = msgspec.UNSET,
) -> Response:
    """Return a CSV file of persons; its headers say what they were not chosen by."""
    return Response(
        start_file(project_id, write_csv(project_id, person_ids)),
        content_type=CSV,
        headers={
            "Content-Disposition": 'attachment; filename="users.csv"',
            **expired_header(expired),
        },
    )


def expired_header(expired: list[ExpiredPart] | msgspec.UnsetType) -> dict[str, str]:
    """Return the header of a file that says which events it lacks; none if it lacks none."""
    if expired is msgspec.UNSET:
        return {}
    return {"X-Answer-Expired": ", ".join(f"{part.from_}/{part.to}" for part in expired)}


def file_response(
    description: str, *content_types: str, row: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the documentation of a response that is a file, for ``Blueprint.doc``.

    Args:
        description: what the file has.
        content_types: those of the file.
        row: the schema of the objects in a file that is JSON.
    """
    binary = {"type": "string", "format": "binary"}
    content: dict[str, Any] = {kind: {"schema": binary} for kind in content_types}
    if row is not None:
        content["application/json"] = {"schema": {"type": "array", "items": row}}
    return {"200": {"description": description, "content": content}}


def any_response(*response_types: type) -> dict[str, Any]:
    """Return the documentation of a response of one of several types, for ``Blueprint.doc``.

    Other routes must respond with each of them, so that the document has their schemas.
    """
    schemas = [reference(one.__name__) for one in response_types]
    content = {"application/json": {"schema": {"anyOf": schemas}}}
    return {"200": {"description": "OK", "content": content}}
