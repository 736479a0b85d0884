"""Which feature flags code can probably do without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import limited_session
from services.query.parsing.request import UntypedRequest
from services.query.reports.flag_usage import DAYS, EVALUATED, FLAG_CALLS, first_instant
from services.query.sources.flag_evaluations import FlagEvaluations, read_evaluations
from shared.flags.checks import dependencies
from shared.flags.definition import from_json
from shared.flags.evaluation_counts import OTHER_VALUES, Request
from shared.models import Experiment, FeatureFlag
from shared.responses import Doc, Timestamp

StaleReason = Literal["not_asked", "same_answer"]


@dataclass(frozen=True, slots=True)
class StaleFlag:
    """A flag, and why code can probably do without it."""

    key: str
    reason: Annotated[
        StaleReason,
        Doc(
            f"not_asked: nothing said in {DAYS} days that code needs it. same_answer: every "
            "answer was the same value."
        ),
    ]
    value: Annotated[str | None, Doc("That all were answered; null: nobody asked.", example="true")]
    last_called_at: Annotated[
        Timestamp | None, Doc(f"By events; null: there was none within {DAYS} days.")
    ]
    last_evaluated_at: Annotated[
        Timestamp | None,
        Doc(
            "By the flags service, the start of the hour, or of a day before yesterday; "
            f"null: not within {DAYS} days."
        ),
    ]


@dataclass(frozen=True, slots=True)
class StaleFlagsResponse:
    """The stale flags of a project, by key."""

    items: list[StaleFlag]
    is_complete: Annotated[
        bool,
        Doc(
            "False: events name so many flags and values that the rarest were not read. No flag "
            "is listed then, as any may have been asked for, or have had another value."
        ),
    ]


def run_stale_flags(request: UntypedRequest) -> StaleFlagsResponse:
    """Return the flags of a project that were not asked for, or had one value for everybody.

    A flag that was created less than 30 days ago is not unused yet, and one that was changed since
    may have another value for others. One that another flag depends on, or that an experiment uses
    that has not ended, is needed whatever code asks for.

    Raises:
        Unprocessable: counting the events took too long.
        Unavailable: too many queries of the project are running.
    """
    # Only the counts are cached: a flag that was just changed is not stale.
    calls = FLAG_CALLS.answer(request)
    if calls["has_more"]:
        return StaleFlagsResponse([], is_complete=False)
    with limited_session(request.project_id) as session:
        flags = session.execute(
            select(
                FeatureFlag.key,
                FeatureFlag.created_at,
                FeatureFlag.updated_at,
                FeatureFlag.definition,
            )
            .where(FeatureFlag.project_id == request.project_id)
            .order_by(FeatureFlag.key)
        ).all()
        needed = {key for row in flags for key in dependencies(from_json(row.definition))}
        needed |= _in_experiments(session, request)
        evaluated, definitions = read_evaluations(session, request.project_id, first_instant(calls))
    use = _Use(
        {item["key"]: item for item in calls["items"]},
        evaluated,
        # SDKs that load all flags tell by events which of them code needs. Where no event came,
        # the project's clients send none, and each flag they load may be needed.
        ("used",) if calls["items"] else EVALUATED,
        not calls["items"] and definitions.last_at is not None,
    )
    before = request.now - timedelta(days=DAYS)
    found = [_stale(row, use, before) for row in flags if row.key not in needed]
    return StaleFlagsResponse([one for one in found if one is not None], is_complete=True)


def _in_experiments(session: Session, request: UntypedRequest) -> set[str]:
    """Return the keys of flags that experiments use which have not ended."""
    statement = select(Experiment.flag_key).where(
        Experiment.project_id == request.project_id,
        or_(Experiment.ends_at.is_(None), Experiment.ends_at > request.now),
    )
    return set(session.scalars(statement))


@dataclass(frozen=True, slots=True)
class _Use:
    """What is known of the use of a project's flags."""

    called: dict[str, dict[str, Any]]
    """What events say, by key."""
    evaluated: dict[str, FlagEvaluations]
    show_use: Sequence[Request]
    """The kinds of requests that show that code needs a flag."""
    has_unknown: bool
    """Whether flags are evaluated elsewhere without an event."""


def _stale(flag: Any, use: _Use, before: datetime) -> StaleFlag | None:
    called, evaluated = use.called.get(flag.key), use.evaluated.get(flag.key, FlagEvaluations())
    if use.has_unknown:
        return None
    last_at = evaluated.last_at
    evaluated_at = None if last_at is None else last_at.isoformat()
    if called is None and not evaluated.of(use.show_use):
        is_old = flag.created_at <= before
        return StaleFlag(flag.key, "not_asked", None, None, evaluated_at) if is_old else None
    values = {one["value"] for one in called["values"]} if called else set()
    values |= evaluated.of(EVALUATED).keys()
    if len(values) > 1 or values <= {None, OTHER_VALUES} or flag.updated_at > before:
        return None
    [value] = values
    called_at = called["last_called_at"] if called else None
    return StaleFlag(flag.key, "same_answer", value, called_at, evaluated_at)
