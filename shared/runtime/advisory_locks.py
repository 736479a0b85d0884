"""Every PostgreSQL advisory lock of the installation, in one table, so that no two share a number.

A number must never change: during an upgrade old and new processes exclude each other by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

_STRIPES = 64


class AdvisoryLock(IntEnum):
    """The first key of each lock; the comment names the second key, if there is one."""

    MIGRATION = 7_204_911
    """Alone. One process migrates at a time, however many containers start together."""
    SETUP = 7_204_912
    """Alone. One process at a time decides who owns the installation."""
    ROLES = 7_204_914
    """Alone. One process at a time creates the roles of the database, or gives them rights."""
    PARTITION = 7_204_913
    """The day's ordinal. One process at a time makes the partition of a day."""
    FLAG_USES = 7_204_915
    """The project. Shared by transactions that save an experiment or a cohort of a flag; exclusive
    for those that make a flag one for groups."""
    DIRTY_DAYS = 7_204_920
    """The project's stripe. Shared by transactions that change rows of sealed days; exclusive for
    the sealing run that must know that they have ended."""
    SEAL = 7_204_921
    """The project. One process at a time seals or expires its days."""
    REPAIR = 7_204_922
    """The project. One process at a time corrects its event counts."""
    RETENTION = 7_204_923
    """Zero. One retention run at a time."""
    MERGES = 7_204_925
    """The project. One process at a time carries out its pending merges."""
    DELETION = 7_204_924
    """The project. One process at a time purges it."""
    IMPORTS = 7_204_926
    """The import. One process at a time reads its file."""
    IMPORT_SHARES = 7_204_927
    """Alone. One process at a time adds a file to those that accounts may import."""
    FILE_COPIES = 7_204_928
    """Zero. One process at a time copies the files of sealed days."""
    SPOOL = 7_204_930
    """Alone. One processor at a time stores what waits in the spool."""
    SESSIONS = 7_204_940
    """The project's stripe. Shared by transactions that only append to sessions that clients named;
    exclusive for those that join, divide or move sessions. Taken before any row of a session."""
    PERSONS = 7_204_950
    """The project's stripe. Shared by transactions that store events; exclusive for those that
    merge or delete a person."""


def stripe(project_id: int) -> int:
    """Return the second key for a lock that a transaction may take for many projects."""
    return project_id % _STRIPES


def stripes(project_ids: Iterable[int]) -> list[int]:
    """Return the stripes of projects, each once and ascending, to prevent deadlocks.

    Stripes bound the locks of a transaction, however many projects its rows belong to.
    """
    return sorted({stripe(project_id) for project_id in project_ids})
