"""Replace the flags of a project by those of a file: all of them, or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from services.auth import audit
from services.auth.audit import Actor
from services.auth.flags import approval, store
from services.auth.flags.changes import (
    MAX_FLAGS,
    lock_definitions,
    new_flag,
    publish_change,
    store_change,
    store_deletion,
    too_many_flags,
)
from services.auth.flags.cohort_names import with_names, with_numbers
from services.auth.flags.uses import check_uses
from shared.errors import Unprocessable
from shared.flags.checks import check_definition, check_dependents
from shared.flags.cohort_checks import check_cohorts
from shared.flags.definition import FlagDefinition, cohorts_of, from_json, to_json
from shared.models import FeatureFlag
from shared.runtime.database import session_scope


@dataclass(frozen=True)
class FlagChanges:
    """What a file changes of a project's flags."""

    created: list[str]
    changed: dict[str, dict[str, Any]]
    """By key and field: its value before (``from``) and after (``to``)."""
    deleted: list[str]
    waiting: list[str]
    """Keys of flags whose change waits for a second person; a created one is off until then."""
    unchanged: int

    @property
    def is_empty(self) -> bool:
        """Return whether the project has these flags already."""
        return not (self.created or self.changed or self.deleted)


def portable_flags(project_id: int) -> dict[str, FlagDefinition]:
    """Return a project's flags by key as another project understands them: cohorts by name."""
    with session_scope() as session:
        rows = store.list_flags(session, project_id)
        return with_names(session, project_id, {row.key: from_json(row.definition) for row in rows})


def copy_flags(
    actor: Actor,
    project_id: int,
    from_project_id: int,
    keys: Collection[str] | None,
    *,
    keep_rollout: bool,
    dry_run: bool,
) -> FlagChanges:
    """Give a project flags of another one, all or none, as ``replace_flags`` does.

    Args:
        actor: who does it.
        project_id: the project that gets the flags.
        from_project_id: the project that has them.
        keys: of the flags; None: all of them.
        keep_rollout: whether a flag that the project has stays on or off, and keeps its own share
            and schedule; one that it does not have is then off. Conditions are copied with theirs.
        dry_run: only find out what would change, and whether it may.

    Raises:
        Unprocessable: the other project has no such flag, or they cannot stand here.
        Conflict: as ``replace_flags`` says.
        Unavailable: as ``replace_flags`` says.
    """
    source = portable_flags(from_project_id)
    unknown = sorted(set(keys or ()) - set(source))
    if unknown:
        messages = [f"The other project has no flag {key}." for key in unknown]
        raise Unprocessable("There are no such flags.", errors={"keys": messages})
    wanted = {key: flag for key, flag in source.items() if keys is None or key in keys}
    return replace_flags(
        actor,
        project_id,
        wanted,
        delete_missing=False,
        dry_run=dry_run,
        keep_rollout=keep_rollout,
    )


def replace_flags(
    actor: Actor,
    project_id: int,
    wanted: Mapping[str, FlagDefinition],
    *,
    delete_missing: bool,
    dry_run: bool,
    keep_rollout: bool = False,
) -> FlagChanges:
    """Give a project the flags of a file, all or none. They are published before this returns.

    Args:
        actor: who does it.
        project_id: the project.
        wanted: the flags of the file by key; cohorts may be named by ``name``.
        delete_missing: whether flags that are not in the file are deleted; else they stay.
        dry_run: only find out what would change, and whether it may.
        keep_rollout: as ``copy_flags`` takes it.

    Raises:
        Conflict: flags that stay depend on what would go, or there would be too many; or, where
            changes wait for approval, somebody else's change waits, or a flag to delete is on.
        Unprocessable: a definition would be wrong.
        Unavailable: the flags are stored, but not published yet.
    """
    with session_scope() as session:
        before = lock_definitions(session, project_id)
        wanted = with_numbers(session, project_id, wanted)
        if keep_rollout:
            wanted = {key: _as_rolled_out(one, before.get(key)) for key, one in wanted.items()}
        after = {**({} if delete_missing else before), **wanted}
        _check_all(session, project_id, before, after, wanted)
        rows = {row.key: row for row in store.list_flags(session, project_id)}
        changes = _changes(session, project_id, before, after)
        if changes.waiting:
            # What does not wait is stored at once, beside flags as they still are.
            now = {
                key: before.get(key, one) if key in changes.waiting else one
                for key, one in after.items()
            }
            _check_all(session, project_id, before, now, {key: now[key] for key in wanted})
        for key in changes.deleted:
            approval.check_deletion(session, rows[key])
        values = {
            key: {field: one["to"] for field, one in fields.items()}
            for key, fields in changes.changed.items()
        }
        for key, fields in values.items():
            approval.check_change(session, actor, rows[key], fields)
        if dry_run or changes.is_empty:
            return changes
        for key in changes.deleted:
            store_deletion(session, actor, rows[key])
        for key in changes.created:
            _create(session, actor, new_flag(actor, project_id, key), after[key], changes)
        for key, fields in values.items():
            approval.change_or_propose(session, actor, rows[key], after[key], fields)
        published = store.flag_set(session, project_id)
    publish_change(published)
    return changes


def _check_all(
    session: Session,
    project_id: int,
    before: Mapping[str, FlagDefinition],
    after: Mapping[str, FlagDefinition],
    wanted: Mapping[str, FlagDefinition],
) -> None:
    """Refuse flags of a file that cannot stand beside each other, or beside those that stay."""
    if len(after) > MAX_FLAGS:
        raise too_many_flags()
    errors: dict[str, Any] = {}
    for key, definition in wanted.items():
        try:
            check_definition(definition, _without(after, key))
            known = cohorts_of([before[key]]) if key in before else ()
            check_cohorts(session, project_id, definition, known)
        except Unprocessable as error:
            errors |= {f"flags.{key}.{field}": found for field, found in error.errors.items()}
    if errors:
        raise Unprocessable("The flags cannot be stored like this.", errors=errors)
    for key in {*before, *wanted}:
        check_dependents(key, after.get(key), _without(after, key))
    for key, definition in wanted.items():
        check_uses(session, project_id, before.get(key), definition)


def _create(
    session: Session,
    actor: Actor,
    flag: FeatureFlag,
    definition: FlagDefinition,
    changes: FlagChanges,
) -> None:
    waits = flag.key in changes.waiting
    stored = msgspec.structs.replace(definition, is_active=False) if waits else definition
    flag.version = 1
    flag.definition = to_json(stored)
    store_change(session, actor, flag, stored, "flag.created")
    if waits:
        approval.propose(session, actor, flag, {"is_active": True})


def _changes(
    session: Session,
    project_id: int,
    before: Mapping[str, FlagDefinition],
    after: Mapping[str, FlagDefinition],
) -> FlagChanges:
    changed = {
        key: audit.differences(to_json(before[key]), to_json(after[key]))
        for key in sorted(before.keys() & after.keys())
    }
    created = sorted(after.keys() - before.keys())
    values = {
        key: {field: one["to"] for field, one in fields.items()} for key, fields in changed.items()
    } | {key: {"is_active": True} for key in created if after[key].is_active}
    return FlagChanges(
        created=created,
        changed={key: fields for key, fields in changed.items() if fields},
        deleted=sorted(before.keys() - after.keys()),
        waiting=sorted(
            key for key, one in values.items() if approval.must_wait(session, project_id, one)
        ),
        unchanged=sum(not fields for fields in changed.values()),
    )


def _as_rolled_out(flag: FlagDefinition, before: FlagDefinition | None) -> FlagDefinition:
    """Return a flag for those who had it before; for nobody, if there was none."""
    if before is None:
        return msgspec.structs.replace(flag, is_active=False)
    return msgspec.structs.replace(
        flag,
        is_active=before.is_active,
        rollout_percentage=before.rollout_percentage,
        starts_at=before.starts_at,
        ends_at=before.ends_at,
    )


def _without(flags: Mapping[str, FlagDefinition], key: str) -> dict[str, FlagDefinition]:
    return {other: flag for other, flag in flags.items() if other != key}
