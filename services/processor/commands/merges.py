"""List the merges of a person, or undo one: its ids are moved to a new person."""

from __future__ import annotations

import argparse

from services.processor.commands.terminal import add_project, confirmed, say
from services.processor.jobs.tasks import undo_merge
from services.processor.persons import merge_log
from services.processor.persons.merge_log import LoggedMerge
from shared.errors import NotFound
from shared.runtime.database import job_connection

NAME = "merges"
ALIASES: list[str] = []


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_project(parser, required=True)
    parser.add_argument("--distinct-id", required=True, help="any id of the person")
    parser.add_argument("--undo", type=int, metavar="MERGE", help="undo the merge of this number")
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def run(options: argparse.Namespace) -> int:
    """List the merges, or ask and undo one.

    Raises:
        NotFound: the person has no such merge.
    """
    with job_connection("command") as connection, connection.cursor() as cursor:
        found = merge_log.list_merges(cursor, options.project, options.distinct_id)
    if options.undo is None:
        for merge in found:
            say(_describe(merge))
        if not found:
            say("The log has no merge of this person. It goes back as far as raw events do.")
        return 0
    wanted = [merge for merge in found if merge.id == options.undo]
    if not wanted:
        raise NotFound(f"The person has no merge {options.undo}. List them without --undo.")
    say(_describe(wanted[0]))
    if not confirmed("Move these ids to a new person?", yes=options.yes):
        return 1
    done = undo_merge(options.project, options.undo)
    say(
        f"Undone: {', '.join(done['distinct_ids'])} now belong to person {done['person_id']}, "
        f"with {done['events']:,} events."
    )
    return 0


def _describe(merge: LoggedMerge) -> str:
    state = " (undone)" if merge.is_undone else ""
    return (
        f"{merge.id}: {merge.merged_at:%Y-%m-%d %H:%M} UTC, {merge.key_kind} key: "
        f"{', '.join(merge.joined_ids)} joined {merge.remaining_id}{state}"
    )
