"""Decide an experiment: everybody gets a variant, or the flag is switched off."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import requests

from services.query.saved.experiments import EXPERIMENTS, MAX_DAYS, ExperimentResponse
from services.query.saved.objects import find, update_object
from shared.auth.auth_service import AuthService
from shared.errors import Conflict, ErrorCode, TidemarkError, Unavailable, Unprocessable
from shared.runtime.database import session_scope
from shared.runtime.settings import get_settings


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decides."""

    variant: str | None
    """What everybody gets; None: the flag is switched off."""
    note: str | None
    """What was decided, and why; None: the note stays as it is."""
    user_id: int
    address: str
    """Of the client, for the audit log."""


def decide_experiment(
    project_id: int, key: str, decision: Decision, now: datetime
) -> ExperimentResponse:
    """Change the flag of an experiment for everybody, end the experiment, and record it.

    The flag is changed first, so that no experiment says shipped whose flag is not. A call that
    failed in between may be repeated: what is the same already is not changed again.

    Raises:
        NotFound: there is no such experiment, or the project has no such flag.
        Forbidden: the person's role may not change flags.
        Unprocessable: the experiment or its flag has no such variant.
        Conflict: the experiment has not begun, or other flags need the flag as it is.
        Unavailable: auth does not answer, or the flag is changed and not published yet.
    """
    with session_scope() as session:
        row = find(session, EXPERIMENTS, project_id, key)
        flag_key, variants = row.flag_key, [one["key"] for one in row.variants]
        starts_at, ends_at = row.starts_at, row.ends_at
    if starts_at >= now:
        raise Conflict("The experiment has not begun. Change its flag, or delete the experiment.")
    variant = decision.variant
    if variant is not None and variant not in variants:
        raise Unprocessable(
            f"The experiment has no variant {variant}.",
            code=ErrorCode.INVALID_FIELDS,
            errors={"variant": [f"Use one of: {', '.join(variants)}."]},
        )
    _change_flag(project_id, flag_key, decision)
    changes: dict[str, Any] = {
        "outcome": "rolled_back" if variant is None else "shipped",
        "shipped_variant": variant,
        "decided_at": now,
        "ends_at": min(ends_at or now, now, starts_at + timedelta(days=MAX_DAYS)),
    }
    if decision.note is not None:
        changes["decision"] = decision.note
    return update_object(EXPERIMENTS, project_id, key, changes)


def _change_flag(project_id: int, flag_key: str, decision: Decision) -> None:
    variant = decision.variant
    boolean = {None: False, "false": False, "true": True}
    body = {
        "key": flag_key,
        "value": boolean.get(variant, variant),
        "user_id": decision.user_id,
        "address": decision.address,
    }
    try:
        _auth().request("POST", f"/flags/{project_id}/decisions", json=body)
    except requests.HTTPError as error:
        raise _as_answered(error) from error
    except requests.RequestException as error:
        raise Unavailable(
            "The service that holds feature flags does not answer. Nothing is recorded; the flag "
            "may have been changed. Try again."
        ) from error


def _as_answered(error: requests.HTTPError) -> TidemarkError:
    """Return the error with which auth refused, as if it had been asked directly."""
    answer = error.response
    try:
        body = json.loads(answer.content)
        found = TidemarkError(body["message"], code=ErrorCode(body["code"]))
    except (ValueError, KeyError, TypeError):
        return Unavailable("The service that holds feature flags has a problem. Try again.")
    found.status = answer.status_code
    return found


@cache
def _auth() -> AuthService:
    return AuthService(get_settings())
