"""Who would have a feature flag: a definition evaluated for persons of the project.

Nothing is stored. The persons are a sample, and evaluating them ends after a time, so that no
definition can hold a process up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from time import monotonic
from typing import Annotated, Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import limited_session
from services.query.records.flag_persons import FlagPerson, own_id, with_what_is_asked
from services.query.records.person_summaries import distinct_ids_of
from shared.errors import Unprocessable
from shared.flags.checks import check_definition
from shared.flags.cohort_checks import check_cohorts
from shared.flags.definition import Flag, FlagDefinition, FlagSet, from_json
from shared.flags.evaluation import Evaluation, Reason
from shared.flags.prepared import PreparedFlags
from shared.models import FeatureFlag, Group, Person, PersonDistinctId
from shared.responses import Doc

MAX_PERSONS = 1_000
EXAMPLES = 3
"""Persons that are shown of each value."""
MAX_PROPERTIES = 200
_SECONDS = 2.0
"""How long persons are evaluated."""
_NO_DAY = date(1, 1, 1)
_Index = Annotated[int | None, Doc("Of the condition that decided, from 0. Null: none did.")]
_Value = Annotated[str, Doc("true, false or the key of a variant.", example="true")]


@dataclass(frozen=True, slots=True)
class FlagValueCount:
    """A value of the flag, and how many of the evaluated persons would have it."""

    value: _Value
    persons: int


@dataclass(frozen=True, slots=True)
class FlagReasonCount:
    """Why persons would have their value, and how many."""

    reason: Reason
    condition_index: _Index
    persons: int


@dataclass(frozen=True, slots=True)
class PreviewedPerson:
    """The value that somebody would have."""

    distinct_id: Annotated[str, Doc("Of a group its key.")]
    person_id: Annotated[int | None, Doc("Null: nobody is known by this id, or it is a group.")]
    value: _Value
    reason: Reason
    condition_index: _Index


@dataclass(frozen=True, slots=True)
class FlagPreviewResponse:
    """Who would have the flag; of a flag for groups, groups stand in place of persons."""

    group_type: Annotated[str | None, Doc("Of the evaluated groups. Null: persons were evaluated.")]
    persons: Annotated[int, Doc("How many were evaluated.")]
    is_sample: Annotated[
        bool,
        Doc(
            f"Whether there are more: the latest active are evaluated, at most {MAX_PERSONS:,}; of "
            "groups those that were first described last."
        ),
    ]
    values: Annotated[list[FlagValueCount], Doc("Most frequent first.")]
    reasons: Annotated[list[FlagReasonCount], Doc("Most frequent first.")]
    examples: Annotated[list[PreviewedPerson], Doc(f"At most {EXAMPLES} of each value.")]
    tested: Annotated[
        PreviewedPerson | None, Doc("The requested distinct id. Null: none was requested.")
    ]
    properties: Annotated[
        list[str], Doc("Names of properties that evaluated persons have, most frequent first.")
    ]


def preview_flag(
    project_id: int, fields: Mapping[str, Any], distinct_id: str | None, now: datetime
) -> FlagPreviewResponse:
    """Evaluate a definition for the latest active persons, or the latest groups, of a project.

    They are evaluated with the properties that are stored of them, a person under one of its
    distinct ids: one that no SDK made up, if it has one.

    Args:
        project_id: the project.
        fields: the definition, as the schema of requests loaded it.
        distinct_id: somebody, or the key of a group, to evaluate, too, whether known or not; None:
            nobody.
        now: the current instant, for schedules.

    Raises:
        Unprocessable: names what is wrong with the definition.
        Unavailable: too many queries of the project are running.
    """
    definition = msgspec.convert(dict(fields), FlagDefinition)
    with limited_session(project_id) as session:
        others = _other_flags(session, project_id, definition.key)
        _check(session, project_id, definition, others)
        if definition.group_type is None:
            known, is_sample = _latest_persons(session, project_id)
            tested = None if distinct_id is None else _find(session, project_id, distinct_id)
        else:
            location = (project_id, definition.group_type)
            known, is_sample = _latest_groups(session, *location)
            tested = None if distinct_id is None else _find_group(session, *location, distinct_id)
        flags = FlagSet(project_id, 0, (*others.values(), Flag(0, 0, definition)))
        known = with_what_is_asked(session, flags, known, now)
        asked = with_what_is_asked(session, flags, [] if tested is None else [tested], now)
        found = list(_evaluate(flags, definition.key, known, now))
        answers = _evaluate(flags, definition.key, asked, now)
        is_sample = is_sample or len(found) < len(known)
        return _response(definition.group_type, found, is_sample, next(iter(answers), None))


def _check(
    session: Session, project_id: int, definition: FlagDefinition, others: Mapping[str, Flag]
) -> None:
    try:
        check_definition(definition, {key: flag.definition for key, flag in others.items()})
        check_cohorts(session, project_id, definition)
    except Unprocessable as error:
        errors = {f"definition.{name}": texts for name, texts in error.errors.items()}
        raise Unprocessable("The flag cannot be evaluated like this.", errors=errors) from error


def _other_flags(session: Session, project_id: int, key: str) -> dict[str, Flag]:
    rows = session.scalars(
        select(FeatureFlag).where(FeatureFlag.project_id == project_id, FeatureFlag.key != key)
    )
    return {row.key: Flag(row.id, row.version, from_json(row.definition)) for row in rows}


def _latest_persons(session: Session, project_id: int) -> tuple[list[FlagPerson], bool]:
    """Return the latest active persons, and whether there are more."""
    last_day = func.coalesce(Person.last_seen_on, _NO_DAY)
    rows = session.execute(
        select(Person.person_id, Person.properties)
        .where(Person.project_id == project_id)
        .order_by(last_day.desc(), Person.person_id.desc())
        .limit(MAX_PERSONS + 1)
    ).all()
    chosen = rows[:MAX_PERSONS]
    ids = distinct_ids_of(session, project_id, [row.person_id for row in chosen])
    known = [
        FlagPerson(own_id(ids[row.person_id]), row.person_id, row.properties)
        for row in chosen
        if row.person_id in ids
    ]
    return known, len(rows) > MAX_PERSONS


def _latest_groups(
    session: Session, project_id: int, group_type: str
) -> tuple[list[FlagPerson], bool]:
    """Return the groups of a type that were first described last, and whether there are more."""
    rows = session.execute(
        select(Group.group_key, Group.properties)
        .where(Group.project_id == project_id, Group.group_type == group_type)
        .order_by(Group.created_at.desc(), Group.group_key)
        .limit(MAX_PERSONS + 1)
    ).all()
    known = [
        FlagPerson(row.group_key, None, row.properties, group_type=group_type)
        for row in rows[:MAX_PERSONS]
    ]
    return known, len(rows) > MAX_PERSONS


def _find_group(session: Session, project_id: int, group_type: str, key: str) -> FlagPerson:
    row = session.get(Group, (project_id, group_type, key))
    return FlagPerson(key, None, {} if row is None else row.properties, group_type=group_type)


def _find(session: Session, project_id: int, distinct_id: str) -> FlagPerson:
    row = session.execute(
        select(Person.person_id, Person.properties)
        .join(
            PersonDistinctId,
            (PersonDistinctId.project_id == Person.project_id)
            & (PersonDistinctId.person_id == Person.person_id),
        )
        .where(
            PersonDistinctId.project_id == project_id, PersonDistinctId.distinct_id == distinct_id
        )
    ).first()
    if row is None:
        return FlagPerson(distinct_id, None, {})
    return FlagPerson(distinct_id, row.person_id, row.properties)


def _evaluate(
    flags: FlagSet, key: str, known: Iterable[FlagPerson], now: datetime
) -> Iterable[tuple[FlagPerson, Evaluation]]:
    """Yield each person with the value of a flag, until the time is over."""
    end = monotonic() + _SECONDS
    prepared = PreparedFlags(flags)
    for one in known:
        if monotonic() > end:
            return
        yield one, prepared.evaluate(one.evaluated(), now, [key])[key]


def _response(
    group_type: str | None,
    found: Sequence[tuple[FlagPerson, Evaluation]],
    is_sample: bool,
    tested: tuple[FlagPerson, Evaluation] | None,
) -> FlagPreviewResponse:
    described = [_describe(*one) for one in found]
    values = Counter(one.value for one in described)
    reasons = Counter((one.reason, one.condition_index) for one in described)
    names = Counter(name for known, _ in found for name in known.properties)
    return FlagPreviewResponse(
        group_type=group_type,
        persons=len(found),
        is_sample=is_sample,
        values=[FlagValueCount(*one) for one in values.most_common()],
        reasons=[FlagReasonCount(*why, count) for why, count in reasons.most_common()],
        examples=[
            one
            for value, _ in values.most_common()
            for one in [each for each in described if each.value == value][:EXAMPLES]
        ],
        tested=None if tested is None else _describe(*tested),
        properties=[
            name if group_type is None else f"{group_type}.{name}"
            for name, _ in names.most_common(MAX_PROPERTIES)
        ],
    )


def _describe(known: FlagPerson, found: Evaluation) -> PreviewedPerson:
    value = found.value if isinstance(found.value, str) else str(found.value).lower()
    return PreviewedPerson(
        known.distinct_id, known.person_id, value, found.reason, found.condition_index
    )
