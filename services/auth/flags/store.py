"""SQL of auth about feature flags. The project is locked by whoever changes one."""

from __future__ import annotations

from sqlalchemy import and_, delete, func, null, or_, select
from sqlalchemy.orm import Session

from services.auth.audit import Actor
from shared.errors import NotFound
from shared.flags.definition import Flag, FlagDefinition, FlagSet, from_json, to_json
from shared.models import FeatureFlag, FeatureFlagVersion, ProposedFlagChange

STORED_VERSIONS = 500
"""Of a flag, the newest."""


def list_flags(session: Session, project_id: int) -> list[FeatureFlag]:
    """Return a project's flags, by key."""
    return list(
        session.scalars(
            select(FeatureFlag)
            .where(FeatureFlag.project_id == project_id)
            .order_by(FeatureFlag.key)
        )
    )


def get_flag(session: Session, project_id: int, flag_id: int) -> FeatureFlag:
    """Return one flag of a project.

    Raises:
        NotFound: the project has no such flag.
    """
    flag = session.get(FeatureFlag, (project_id, flag_id))
    if flag is None:
        raise NotFound("This project has no such flag. List its flags to find the id.")
    return flag


def get_proposal(session: Session, project_id: int, flag_id: int) -> ProposedFlagChange | None:
    """Return the change of a flag that waits for approval; None: there is none."""
    return session.scalar(
        select(ProposedFlagChange).where(
            ProposedFlagChange.project_id == project_id, ProposedFlagChange.flag_id == flag_id
        )
    )


def delete_proposal(session: Session, flag: FeatureFlag) -> None:
    """Delete the change of a flag that waits for approval, if there is one."""
    session.execute(
        delete(ProposedFlagChange).where(
            ProposedFlagChange.project_id == flag.project_id,
            ProposedFlagChange.flag_id == flag.id,
        )
    )


def flag_set(session: Session, project_id: int) -> FlagSet:
    """Return a project's flags with the version of all of them, from one snapshot."""
    newest = (
        select(func.coalesce(func.max(FeatureFlagVersion.id), 0))
        .where(FeatureFlagVersion.project_id == project_id)
        .scalar_subquery()
    )
    # One statement, so that no change falls between the version and the flags.
    rows = session.execute(
        select(newest, FeatureFlag)
        .select_from(select(1).subquery())
        .outerjoin(FeatureFlag, FeatureFlag.project_id == project_id)
        .order_by(FeatureFlag.key)
    ).all()
    flags = (row for _, row in rows if row is not None)
    return FlagSet(
        project_id,
        rows[0][0],
        tuple(Flag(row.id, row.version, from_json(row.definition)) for row in flags),
    )


def list_versions(
    session: Session, project_id: int, flag_id: int, *, before: int | None, limit: int
) -> list[FeatureFlagVersion]:
    """Return versions of a flag, newest first."""
    statement = select(FeatureFlagVersion).where(
        FeatureFlagVersion.project_id == project_id, FeatureFlagVersion.flag_id == flag_id
    )
    if before is not None:
        statement = statement.where(FeatureFlagVersion.version < before)
    return list(session.scalars(statement.order_by(FeatureFlagVersion.version.desc()).limit(limit)))


def get_version(
    session: Session, project_id: int, flag_id: int, version: int
) -> FeatureFlagVersion | None:
    """Return one version of a flag."""
    return session.scalar(
        select(FeatureFlagVersion).where(
            FeatureFlagVersion.project_id == project_id,
            FeatureFlagVersion.flag_id == flag_id,
            FeatureFlagVersion.version == version,
        )
    )


def add_version(
    session: Session,
    actor: Actor,
    flag: FeatureFlag,
    definition: FlagDefinition | None,
    proposal: ProposedFlagChange | None = None,
) -> None:
    """Add what a change made of a flag to its history; no definition: it was deleted.

    Of a proposal that is accepted, who proposed it has changed the flag, and the actor approved it.

    Older versions than the last ``STORED_VERSIONS`` go, and all of a deleted flag but this one: the
    newest of a project is the version of all its flags.
    """
    oldest = flag.version if definition is None else flag.version - STORED_VERSIONS + 1
    session.execute(
        delete(FeatureFlagVersion).where(
            FeatureFlagVersion.project_id == flag.project_id,
            or_(
                and_(FeatureFlagVersion.flag_id == flag.id, FeatureFlagVersion.version < oldest),
                FeatureFlagVersion.definition.is_(null()),
            ),
        )
    )
    session.add(
        FeatureFlagVersion(
            project_id=flag.project_id,
            flag_id=flag.id,
            version=flag.version,
            definition=None if definition is None else to_json(definition),
            changed_by=proposal.proposed_by if proposal else actor.existing_user_id,
            changed_by_email=proposal.proposed_by_email if proposal else actor.email,
            approved_by=actor.existing_user_id if proposal else None,
            approved_by_email=actor.email if proposal else None,
        )
    )
