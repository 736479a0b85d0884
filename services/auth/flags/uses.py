"""What compares or collects persons by a flag, which a flag for groups cannot serve."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from shared.errors import Conflict
from shared.flags.definition import FlagDefinition
from shared.flags.uses_lock import lock_for_groups
from shared.models import Cohort, Experiment


def check_uses(
    session: Session, project_id: int, before: FlagDefinition | None, definition: FlagDefinition
) -> None:
    """Refuse that a flag becomes one for groups while persons are compared or collected by it.

    Persons of a group are not independent, so the intervals of an experiment would be too narrow,
    and which groups persons are in is not stored, so a cohort would have everybody or nobody.

    Args:
        session: has locked the project.
        project_id: the project.
        before: the flag as it is; None: it is new.
        definition: what it should be.

    Raises:
        Conflict: names the experiment that has not ended, or the cohort.
    """
    was_for_groups = before is not None and before.group_type is not None
    if definition.group_type is None or was_for_groups:
        return
    lock_for_groups(session, project_id)
    experiment = _first_name(
        session,
        Experiment,
        Experiment.project_id == project_id,
        Experiment.flag_key == definition.key,
        or_(Experiment.ends_at.is_(None), Experiment.ends_at > func.now()),
    )
    if experiment is not None:
        raise Conflict(
            f"The experiment {experiment} compares persons by the flag {definition.key}. End the "
            "experiment first, or use another flag for groups."
        )
    cohort = _first_name(
        session,
        Cohort,
        Cohort.project_id == project_id,
        Cohort.query["flag"].astext == definition.key,
    )
    if cohort is not None:
        raise Conflict(
            f"The cohort {cohort} has the persons with a value of the flag {definition.key}. "
            "Delete the cohort first, or use another flag for groups."
        )


def _first_name(
    session: Session, model: type[Cohort | Experiment], *conditions: ColumnElement[bool]
) -> str | None:
    """Return the name of the oldest row that meets the conditions; None: there is none."""
    return session.scalar(select(model.name).where(*conditions).order_by(model.id).limit(1))
