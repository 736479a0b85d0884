"""The health of a project's data: what came of received events, how fast, in which limits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from statistics import median, quantiles
from typing import Annotated, Literal, NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import limited_session
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import INTERVALS, TimeRange, interval_starts
from services.query.records.ingestion import latest_warnings
from services.query.sources.postgres import index_among_starts, plain_json_text
from shared.events.buckets import BUCKET_SECONDS
from shared.events.outcomes import POLICY_REASONS, DropReason, Outcome, WarningReason
from shared.models import DeadLetter, Event, OutcomeCount, Project
from shared.responses import Doc, Timestamp

LATEST_EVENTS = 2_000
"""So many of the latest events are looked at for clocks and clients."""
_MAX_NOTES = 2_000
_MAX_CLIENTS = 50
_VERSION = re.compile(r"v?([0-9]{1,9}(?:\.[0-9]{1,9}){0,5})(?![0-9A-Za-z.])")
_STORED = (Outcome.STORED.value, Outcome.CRAWLER.value)
_ACCEPTED = (*_STORED, Outcome.DUPLICATE.value)
_NEAR_LIMIT = 0.8
_MANY_REFUSED = 0.02
_SLOW_SECONDS = 30.0

Problem = Literal[
    "many_refused",
    "dead_letters",
    "near_limit",
    "slow_storing",
    "wrong_clocks",
    "undeclared_proxy",
]
LimitName = Literal["events_per_minute", "events_per_day", "events_per_month"]


@dataclass(frozen=True, slots=True)
class OutcomeReason:
    """Why events were refused, or changed before they were stored."""

    reason: Annotated[str, Doc("A reason of the edge or of storing.", example="invalid_name")]
    events: int
    event_name: Annotated[str, Doc("Of the latest such event; empty: it had none.")]
    detail: Annotated[str, Doc("What the latest such event was answered.")]
    last_seen: Timestamp | None


@dataclass(frozen=True, slots=True)
class ReceivedInterval:
    """What came of the events received in one interval."""

    start: Timestamp
    stored: int
    duplicate: int
    refused: int
    wait_seconds: Annotated[
        float | None, Doc("Mean time from receipt to storing; null: nothing was measured.")
    ]
    max_wait_seconds: Annotated[float | None, Doc("Of a request in the interval.")]


@dataclass(frozen=True, slots=True)
class LimitUsage:
    """How much of a limit is used."""

    limit: LimitName
    used: Annotated[int, Doc("Accepted events; a minute's are of the busiest quarter hour today.")]
    maximum: Annotated[int | None, Doc("Null: no limit.")]


@dataclass(frozen=True, slots=True)
class ClockReading:
    """How event times differ from times of receipt, over the latest events."""

    events: int
    median_seconds: Annotated[float | None, Doc("From event time to receipt; null: no events.")]
    late_seconds: Annotated[float | None, Doc("Nineteen of twenty events arrive within this time.")]
    ahead: Annotated[int, Doc("Events of the range whose clock was ahead, counted as now.")]
    ignored: Annotated[int, Doc("Events of the range whose clock could not be corrected.")]


@dataclass(frozen=True, slots=True)
class ClientVersion:
    """A version of a client among the latest events."""

    source: str | None
    library: Annotated[
        str | None,
        Doc("The SDK that the version is of; empty: it gave no name. Null: of the app."),
    ]
    version: Annotated[str | None, Doc("Of the SDK if it says so, else of the app.")]
    events: int
    last_seen: Timestamp
    is_older: Annotated[
        bool,
        Doc("Whether a newer version of the same library and source is there: 1.10 after 1.9."),
    ]


@dataclass(frozen=True, slots=True)
class ProjectHealthResponse:
    """The health of a project's data."""

    from_: Timestamp
    to: Timestamp
    as_of: Timestamp
    interval: Annotated[str, Doc(choices=INTERVALS)]
    received: int
    stored: Annotated[int, Doc("Those of crawlers that the project keeps apart are included.")]
    duplicate: int
    refused: int
    crawlers: Annotated[int, Doc("Events of crawlers, refused as `bot` or stored apart.")]
    reasons: Annotated[list[OutcomeReason], Doc("Why events were refused, most frequent first.")]
    warnings: Annotated[list[OutcomeReason], Doc("Why accepted events were changed.")]
    intervals: list[ReceivedInterval]
    limits: list[LimitUsage]
    clocks: ClockReading
    clients: Annotated[list[ClientVersion], Doc("Among the latest 2,000 events.")]
    dead_letters: Annotated[int, Doc("Events that could not be stored, and wait for a replay.")]
    undeclared_proxy: Annotated[
        str | None,
        Doc(
            "The proxy through which this request came, if TRUSTED_PROXIES does not name "
            "it: all clients behind it count as one.",
            example=None,
        ),
    ]
    problems: Annotated[list[Problem], Doc("What needs somebody's attention.")]


@dataclass(slots=True)
class _Received:
    """The sums of one interval."""

    counts: Counter[str] = field(default_factory=Counter)
    waited_ms: int | None = None
    max_ms: int | None = None


class _Latest(NamedTuple):
    """What is looked at of a late event."""

    timestamp: datetime
    received_at: datetime
    source: str | None
    library: str | None
    version: str | None


def read_health(request: UntypedRequest, undeclared_proxy: str | None) -> ProjectHealthResponse:
    """Read the health of a project's data in a range of receipt.

    Args:
        request: of the project and the range.
        undeclared_proxy: the proxy through which the request came, if it is not declared.

    Raises:
        Unprocessable: names the invalid field.
    """
    project_id, time_range = request.project_id, request.time_range()
    interval = request.interval(time_range)
    starts = interval_starts(time_range, interval)
    with limited_session(project_id) as session:
        received = _received(session, project_id, time_range, starts)
        notes = _notes(session, project_id, time_range)
        limits = _limits(session, project_id, request.now)
        latest = _latest(session, project_id)
        dead = session.scalar(select(func.count()).where(DeadLetter.project_id == project_id)) or 0
    totals: Counter[str] = sum((one.counts for one in received), Counter())
    refused = Counter({name: n for name, n in totals.items() if name not in _ACCEPTED})
    intervals = [_interval(start, one) for start, one in zip(starts, received, strict=True)]
    clocks = _clocks(latest, notes)
    return ProjectHealthResponse(
        from_=time_range.start.isoformat(),
        to=time_range.end.isoformat(),
        as_of=request.now.isoformat(),
        interval=interval,
        received=totals.total(),
        stored=_stored(totals),
        duplicate=totals[Outcome.DUPLICATE],
        refused=refused.total(),
        crawlers=totals[DropReason.BOT] + totals[Outcome.CRAWLER],
        reasons=[
            replace(notes.get(name, OutcomeReason(name, 0, "", "", None)), events=events)
            for name, events in sorted(refused.items(), key=lambda one: (-one[1], one[0]))
        ],
        warnings=[note for name, note in sorted(notes.items()) if name in set(WarningReason)],
        intervals=intervals,
        limits=limits,
        clocks=clocks,
        clients=_clients(latest),
        dead_letters=dead,
        undeclared_proxy=undeclared_proxy,
        problems=_problems(
            undeclared_proxy=undeclared_proxy,
            received=totals.total(),
            faults=sum(n for name, n in refused.items() if name not in POLICY_REASONS),
            dead_letters=dead,
            limits=limits,
            intervals=intervals,
            clocks=clocks,
        ),
    )


def _received(
    session: Session, project_id: int, time_range: TimeRange, starts: Sequence[datetime]
) -> list[_Received]:
    """Return the sums of each interval."""
    number = index_among_starts(OutcomeCount.bucket, starts).label("number")
    rows = session.execute(
        select(
            number,
            OutcomeCount.outcome,
            func.sum(OutcomeCount.events),
            func.sum(OutcomeCount.waited_ms),
            func.max(OutcomeCount.max_wait_ms),
        )
        .where(
            OutcomeCount.project_id == project_id,
            OutcomeCount.bucket >= time_range.start,
            OutcomeCount.bucket < time_range.end,
        )
        .group_by(number, OutcomeCount.outcome)
    )
    found = [_Received() for _ in starts]
    for index, outcome, events, waited_ms, max_ms in rows:
        found[index].counts[outcome] += int(events)
        if waited_ms is not None and max_ms is not None:
            found[index].waited_ms = int(waited_ms)
            found[index].max_ms = int(max_ms)
    return found


def _interval(start: datetime, received: _Received) -> ReceivedInterval:
    counts, stored = received.counts, received.counts[Outcome.STORED]
    accepted = _stored(counts) + counts[Outcome.DUPLICATE]
    is_measured = received.waited_ms is not None and received.max_ms is not None and stored
    return ReceivedInterval(
        start=start.isoformat(),
        stored=_stored(counts),
        duplicate=counts[Outcome.DUPLICATE],
        refused=counts.total() - accepted,
        wait_seconds=round((received.waited_ms or 0) / stored / 1_000, 3) if is_measured else None,
        max_wait_seconds=(received.max_ms or 0) / 1_000 if is_measured else None,
    )


def _stored(counts: Counter[str]) -> int:
    return sum(counts[outcome] for outcome in _STORED)


def _notes(session: Session, project_id: int, time_range: TimeRange) -> dict[str, OutcomeReason]:
    """Return by reason what the edge noted of events: how many, and the latest of them."""
    found: dict[str, OutcomeReason] = {}
    for row in latest_warnings(session, project_id, time_range, _MAX_NOTES):
        latest = found.get(row.reason) or OutcomeReason(
            row.reason, 0, row.event_name, row.detail, row.last_seen.isoformat()
        )
        found[row.reason] = replace(latest, events=latest.events + row.events)
    return found


def _limits(session: Session, project_id: int, now: datetime) -> list[LimitUsage]:
    """Return the use of a project's limits of events; days and months are those of UTC."""
    project = session.get_one(Project, project_id)
    today = now.astimezone(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    accepted = (
        OutcomeCount.project_id == project_id,
        OutcomeCount.outcome.in_([outcome.value for outcome in Outcome]),
    )
    by_quarter = (
        select(func.sum(OutcomeCount.events).label("events"))
        .where(*accepted, OutcomeCount.bucket >= now - timedelta(days=1))
        .group_by(OutcomeCount.bucket)
        .subquery()
    )
    busiest = session.scalar(select(func.max(by_quarter.c.events))) or 0
    since = select(func.sum(OutcomeCount.events)).where(*accepted)
    month = session.scalar(since.where(OutcomeCount.bucket >= today.replace(day=1))) or 0
    day = session.scalar(since.where(OutcomeCount.bucket >= today)) or 0
    per_minute = -(-int(busiest) * 60 // BUCKET_SECONDS)
    return [
        LimitUsage("events_per_minute", per_minute, project.rate_limit_per_minute),
        LimitUsage("events_per_day", int(day), project.daily_quota),
        LimitUsage("events_per_month", int(month), project.monthly_quota),
    ]


def _latest(session: Session, project_id: int) -> list[_Latest]:
    of_sdk = plain_json_text(Event.properties, "$lib_version")
    library = case(
        (of_sdk.is_not(None), func.coalesce(plain_json_text(Event.properties, "$lib"), ""))
    )
    version = func.coalesce(of_sdk, Event.app_version)
    rows = session.execute(
        select(Event.timestamp, Event.received_at, Event.source, library, version)
        .where(Event.project_id == project_id)
        .order_by(Event.timestamp.desc())
        .limit(LATEST_EVENTS)
    )
    return [_Latest(*row) for row in rows]


def _clocks(latest: Sequence[_Latest], notes: dict[str, OutcomeReason]) -> ClockReading:
    late = [(one.received_at - one.timestamp).total_seconds() for one in latest]
    ahead, ignored = (
        notes[reason].events if reason in notes else 0
        for reason in (WarningReason.TIME_IN_FUTURE, WarningReason.CLOCK_IGNORED)
    )
    return ClockReading(
        events=len(late),
        median_seconds=round(median(late), 3) if late else None,
        late_seconds=round(quantiles(late, n=20)[-1], 3) if len(late) > 1 else None,
        ahead=ahead,
        ignored=ignored,
    )


def _clients(latest: Sequence[_Latest]) -> list[ClientVersion]:
    """Count the versions; only those of one library, or of one app, are older or newer."""
    counts = Counter((one.source, one.library, one.version) for one in latest)
    last: dict[tuple[str | None, str | None, str | None], datetime] = {}
    for one in latest:
        key = (one.source, one.library, one.version)
        last[key] = max(last.get(key, one.received_at), one.received_at)
    newest: dict[tuple[str | None, str | None], tuple[int, ...]] = {}
    for source, library, version in counts:
        of = (source, library)
        newest[of] = max(newest.get(of, ()), _version_numbers(version))
    return [
        ClientVersion(
            source,
            library,
            version,
            events,
            last[source, library, version].isoformat(),
            is_older=() < _version_numbers(version) < newest[source, library],
        )
        for (source, library, version), events in counts.most_common(_MAX_CLIENTS)
    ]


def _version_numbers(version: str | None) -> tuple[int, ...]:
    """Return the numbers that a version begins with, without zeros at the end; none: it has none.

    What comes behind them, such as ``-beta``, orders nothing. A hash such as ``7f3a9c1`` has none.
    """
    found = _VERSION.match(version or "")
    numbers = [int(part) for part in found.group(1).split(".")] if found else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _problems(
    *,
    received: int,
    faults: int,
    dead_letters: int,
    limits: Sequence[LimitUsage],
    intervals: Sequence[ReceivedInterval],
    clocks: ClockReading,
    undeclared_proxy: str | None,
) -> list[Problem]:
    slowest = max((one.max_wait_seconds or 0.0 for one in intervals), default=0.0)
    near = any(one.maximum and one.used >= _NEAR_LIMIT * one.maximum for one in limits)
    wrong = clocks.ahead + clocks.ignored > _MANY_REFUSED * max(1, received)
    found: dict[Problem, bool] = {
        "many_refused": faults > _MANY_REFUSED * received,
        "dead_letters": dead_letters > 0,
        "near_limit": near,
        "slow_storing": slowest > _SLOW_SECONDS,
        "wrong_clocks": wrong,
        "undeclared_proxy": undeclared_proxy is not None,
    }
    return [name for name, is_so in found.items() if is_so]
