"""Import a file of events: CSV or JSON lines, of another system or exported by Tidemark.

Without a mapping the names of the columns decide. A row is imported once, however often its file
is: an id that is known adds nothing. See docs/importing.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO

from psycopg2.extensions import connection as Connection

from services.processor.commands.terminal import bar, say, table
from services.processor.imports import file_parts, outcomes, store
from services.processor.imports.continuing import RunOptions, continue_import
from shared.errors import NotFound, PayloadTooLarge, Unprocessable
from shared.imports.dry_run import ProjectLimits, preview
from shared.imports.mapping import Mapping, decode_mapping, file_format_of, to_object
from shared.imports.parts import PART_BYTES
from shared.imports.presets import PRESETS
from shared.imports.project_rules import rules_of, window_of
from shared.imports.reading import FORMATS, FileFormat
from shared.runtime.database import job_connection
from shared.runtime.redis_clients import get_jobs_redis
from shared.runtime.settings import get_settings

NAME = "import"
ALIASES: list[str] = []
_HEAD_BYTES = 4_194_304


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", type=Path, help="CSV or JSON lines, in UTF-8")
    parser.add_argument("--project", type=int, required=True, metavar="ID")
    parser.add_argument("--format", choices=FORMATS, help="default: as the file's name ends")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--preset", choices=sorted(PRESETS), help="the system that wrote the file")
    how.add_argument("--mapping", type=Path, help="a file with the mapping as JSON")
    parser.add_argument(
        "--dry-run",
        nargs="?",
        type=int,
        const=20,
        metavar="ROWS",
        help="only say what would become of the first rows",
    )
    parser.add_argument("--queue", action="store_true", help="let a worker import it")
    parser.add_argument(
        "--resume", type=int, metavar="IMPORT", help="go on with an import that was cut off"
    )


def run(options: argparse.Namespace) -> int:
    """Import the file, or say what would become of it; return 1 if rows were refused."""
    file_format = _format(options)
    with options.file.open("rb") as file, job_connection("import") as connection:
        shown = preview(
            file.read(_HEAD_BYTES),
            file_format,
            _mapping(options),
            options.dry_run or 1,
            _limits(connection, options.project),
        )
        if options.dry_run is not None:
            return _show_preview(shown.to_rows())
        if shown.problem:
            raise Unprocessable(shown.problem)
        import_id = options.resume or _hold(connection, options, file, file_format, shown.mapping)
        if options.queue:
            say(f"Import {import_id} waits for a worker, which begins within a minute.")
            return 0
        return _import(connection, options.project, import_id)


def _limits(connection: Connection, project_id: int) -> ProjectLimits:
    """Return what the project's settings refuse. Commits."""
    now = datetime.now(timezone.utc)
    with connection.cursor() as cursor:
        rules = rules_of(cursor, project_id, now)
    connection.commit()
    if rules is None or rules.is_deleted:
        raise NotFound(f"There is no project {project_id}.")
    return ProjectLimits(window_of(rules, get_settings().import_days, now), rules.events)


def _format(options: argparse.Namespace) -> FileFormat:
    found: FileFormat | None = options.format or file_format_of(options.file.name)
    if found is None:
        raise Unprocessable("The file's name does not say its format. Add --format csv or jsonl.")
    return found


def _mapping(options: argparse.Namespace) -> Mapping | None:
    if options.preset:
        return PRESETS[options.preset]
    if options.mapping is None:
        return None
    try:
        return decode_mapping(options.mapping.read_bytes())
    except ValueError as error:
        raise Unprocessable(str(error)) from error


def _show_preview(rows: list[tuple[object, ...]]) -> int:
    table(("row", "event", "time", "distinct id", "refused"), rows)
    return int(any(row[-1] for row in rows))


def _hold(
    connection: Connection,
    options: argparse.Namespace,
    file: BinaryIO,
    file_format: FileFormat,
    mapping: Mapping,
) -> int:
    """Hold the file in the database; return the import's id."""
    size = options.file.stat().st_size
    most = get_settings().import_max_bytes
    if size > most:
        raise PayloadTooLarge(
            f"The file has {size} bytes, and IMPORT_MAX_BYTES are {most}. Split it, or raise them."
        )
    import_id = store.add(
        connection,
        options.project,
        store.NewImport(options.file.name, file_format, to_object(mapping), size),
    )
    file.seek(0)
    for part, content in enumerate(_parts(file)):
        file_parts.add_part(connection, options.project, import_id, part, content)
    store.queue(connection, options.project, import_id)
    return import_id


def _parts(file: BinaryIO) -> Iterator[bytes]:
    while content := file.read(PART_BYTES):
        yield content


def _import(connection: Connection, project_id: int, import_id: int) -> int:
    run_options = RunOptions(get_settings(), get_jobs_redis())
    with bar(f"import {import_id}") as progress:
        state = continue_import(connection, project_id, import_id, run_options, progress)
    one = store.find(connection, project_id, import_id)
    if one is None:
        raise NotFound(f"The project has no import {import_id}.")
    counts = outcomes.list_counts(connection, project_id, import_id)
    table(
        ("day (UTC)", "event", "rows", "imported", "duplicates", "refused"),
        [(*row[:2], row.imported + row.duplicates + row.refused, *row[2:]) for row in counts],
    )
    total = [
        sum(row.imported for row in counts),
        sum(row.duplicates for row in counts),
        sum(row.refused for row in counts),
    ]
    say(
        f"Import {import_id} is {state}: {sum(total)} rows, {total[0]} imported, "
        f"{total[1]} duplicates, {total[2]} refused."
    )
    if one.problem:
        say(one.problem)
    if total[2]:
        say(
            f"The refused rows: /api/v1/analytics/{project_id}/imports/{import_id}/refused, and "
            "on the page Import & export."
        )
    return int(state != "finished" or total[2] > 0)
