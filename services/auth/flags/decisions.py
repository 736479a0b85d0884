"""Give everybody the same value of a flag, or switch it off, once an experiment is decided."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select

from services.auth.audit import Actor
from services.auth.flags.changes import definition_of
from services.auth.flags.definitions import update_flag
from shared.auth.access import Caller, access_of
from shared.errors import Conflict, NotFound, Unprocessable
from shared.flags.definition import FlagDefinition, FlagValue, from_json
from shared.models import FeatureFlag, User
from shared.runtime.database import session_scope


class FlagDecision(msgspec.Struct, forbid_unknown_fields=True):
    """Which value of a flag everybody gets from now on, and who decided it."""

    key: str
    value: FlagValue
    """False: the flag is switched off, and its definition stays as it is."""
    user_id: int
    address: str = ""
    """Of the client."""


def decide(project_id: int, decision: FlagDecision) -> None:
    """Change a flag as the person could do by hand: with their role, in its history.

    A value replaces conditions, overrides and times, which the history keeps. The change is
    published before this returns.

    Raises:
        NotFound: the project has no such flag, or the person may not see the project.
        Forbidden: the person's role may not change flags.
        Unprocessable: the flag has no such value.
        Conflict: as of any change, or the change waits for a second person.
        Unavailable: as of any change.
    """
    with session_scope() as session:
        user = session.get(User, decision.user_id)
        flag = session.scalar(
            select(FeatureFlag).where(
                FeatureFlag.project_id == project_id, FeatureFlag.key == decision.key
            )
        )
    if user is None or not user.is_active:
        raise NotFound("There is no such account.")
    access_of(Caller(user.id, user.is_superuser), project_id, "member")
    if flag is None:
        raise NotFound(
            f"The project has no feature flag {decision.key}. If another system serves it, change "
            "it there, and save the decision as a note only."
        )
    changes = _changes(from_json(flag.definition), decision.value)
    actor = Actor(user.id, user.email, decision.address, user.is_superuser)
    found = update_flag(actor, project_id, flag.id, changes).definition
    # Whoever has proposed it: the experiment is decided once the flag is what was decided.
    if definition_of({**found, **changes}) != from_json(found):
        raise Conflict(
            f"The change of the flag {decision.key} waits for approval by a second person. Ship "
            "again once it is accepted."
        )


def _changes(definition: FlagDefinition, value: FlagValue) -> dict[str, Any]:
    if value is False:
        return {"is_active": False}
    values: list[FlagValue] = [one.key for one in definition.variants] or [True]
    if value not in values:
        names = ", ".join("true" if one is True else str(one) for one in values)
        raise Unprocessable(
            f"The flag {definition.key} has no variant {value}. It has: {names}. Add the variant "
            "to the flag first.",
        )
    everybody = {"filters": [], "rollout_percentage": 100.0, "variant": value}
    return {
        "is_active": True,
        "rollout_percentage": 100.0,
        "conditions": [] if value is True else [everybody],
        "overrides": {},
        "starts_at": None,
        "ends_at": None,
        # Also for those who are in no group.
        "group_type": None,
    }
