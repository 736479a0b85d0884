"""Delete a person permanently: events, sessions, counts and dead letters."""

from __future__ import annotations

import argparse

from services.processor.commands.terminal import add_project, confirmed, say
from services.processor.jobs.tasks import delete_person
from services.processor.persons.deletion import distinct_ids_of
from shared.errors import NotFound
from shared.runtime.database import job_connection
from shared.runtime.job_queue import enqueue
from shared.runtime.redis_clients import get_jobs_redis

NAME = "delete_person"
ALIASES: list[str] = []


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_project(parser, required=True)
    parser.add_argument("--distinct-id", required=True, help="any id of the person")
    parser.add_argument("--dry-run", action="store_true", help="only report what would be deleted")
    parser.add_argument("--queue", action="store_true", help="let a worker do it")
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def run(options: argparse.Namespace) -> int:
    """Report the person's ids, ask for confirmation, and delete.

    Raises:
        NotFound: no person of the project has this id.
    """
    project_id, distinct_id = options.project, options.distinct_id
    with job_connection("command") as connection:
        ids = sorted(distinct_ids_of(connection, project_id, distinct_id))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM events"
                " JOIN person_distinct_ids d USING (project_id, person_id)"
                " WHERE project_id = %s AND d.distinct_id = %s",
                (project_id, distinct_id),
            )
            (events,) = cursor.fetchone() or (0,)
    if not ids:
        raise NotFound(f"No person of project {project_id} has the id {distinct_id!r}.")
    say(f"The person with the ids {', '.join(ids)} has {events:,} events.")
    if options.dry_run:
        return 0
    if not confirmed("Delete everything that is stored of this person?", yes=options.yes):
        return 1
    if options.queue:
        enqueue(
            get_jobs_redis(),
            "services.processor.jobs.tasks.delete_person",
            project_id,
            distinct_id,
        )
        say("Queued.")
        return 0
    done = delete_person(project_id, distinct_id)
    say(
        f"Deleted: {done['events']:,} events, {done['sessions']:,} sessions, "
        f"{done['dead_letters']:,} dead letters."
    )
    if not done["stream_is_clear"]:
        say("Some of their events still wait in the stream; they will be refused when read.")
    return 0
