"""The sessions that there ought to be, in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tests.support.insights import Sample

TIMEOUT = timedelta(minutes=60)


def inactivity_name(person: int, start: datetime) -> str:
    """Return what this oracle calls a session by inactivity."""
    return f"~{person} from {start.timestamp()}"


def with_sessions(samples: Sequence[Sample]) -> list[Sample]:
    """Name the session of every event: those that the client did not name, by inactivity.

    Give all events of the project, in the order in which they were stored.
    """
    found = list(samples)
    current: dict[int, tuple[datetime, str]] = {}
    for index in sorted(range(len(found)), key=lambda index: (found[index].at, index)):
        sample = found[index]
        if sample.session is not None:
            continue
        until, name = current.get(sample.person, (sample.at - 2 * TIMEOUT, ""))
        if sample.at - until > TIMEOUT:
            name = inactivity_name(sample.person, sample.at)
        current[sample.person] = sample.at, name
        found[index] = replace(sample, session=name)
    return found
