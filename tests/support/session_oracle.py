"""The sessions that there ought to be, in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tests.support.insights import Sample

TIMEOUT = timedelta(minutes=60)
DAY = timedelta(days=1)


def inactivity_name(person: int, start: datetime) -> str:
    """Return what this oracle calls a session by inactivity."""
    return f"~{person} from {start.timestamp()}"


def oracle_name(session_id: str, person: int, start: datetime) -> str:
    """Return what this oracle calls a session that Tidemark has named."""
    client_id, mark, _ = session_id.partition("~")
    if not client_id:
        return inactivity_name(person, start)
    return f"{client_id} from {start.timestamp()}" if mark else client_id


def with_sessions(samples: Sequence[Sample]) -> list[Sample]:
    """Name the session of every event: those that the client did not name, by inactivity.

    A client's id is a session of a day at most; no two persons have the same here.

    Give all events of the project, in the order in which they were stored.
    """
    found = list(samples)
    current: dict[int, tuple[datetime, str]] = {}
    begun: dict[tuple[str, int], list[datetime]] = {}
    for index in sorted(range(len(found)), key=lambda index: (found[index].at, index)):
        sample = found[index]
        if sample.session is not None:
            starts = begun.setdefault((sample.session, sample.person), [])
            if not starts or sample.at - starts[-1] > DAY:
                starts.append(sample.at)
            if len(starts) > 1:
                name = f"{sample.session} from {starts[-1].timestamp()}"
                found[index] = replace(sample, session=name)
            continue
        until, name = current.get(sample.person, (sample.at - 2 * TIMEOUT, ""))
        if sample.at - until > TIMEOUT:
            name = inactivity_name(sample.person, sample.at)
        current[sample.person] = sample.at, name
        found[index] = replace(sample, session=name)
    return found
