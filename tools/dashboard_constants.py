"""The services' constants that the dashboard needs as values: OpenAPI gives it types only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

from services.auth.accounts.oidc import SignInFailure
from services.auth.audit import AuditAction
from services.query.parsing.filters import MAX_TEXT_LENGTH, SCOPES, VALUE_COUNTS
from services.query.parsing.insight_request import MAX_SERIES
from services.query.parsing.time_range import INTERVALS
from services.query.records.event_catalog import MAX_NAMES
from services.query.reports.funnel import MIN_STEPS
from services.query.sources.funnel_plan import MAX_STEPS
from services.query.sources.series import METRICS, PROPERTY_METRICS
from services.query.sources.session_columns import SESSION_COLUMNS
from shared.auth.roles import ROLES
from shared.events.dimensions import PAGE_EVENTS
from shared.events.outcomes import POLICY_REASONS, DropReason, Outcome, WarningReason

PATH = Path(__file__).resolve().parent.parent / "dashboard" / "src" / "constants.gen.ts"
_HEAD = "/** Constants of the services. `make openapi` writes them. */\n"
CONSTANTS: dict[str, tuple[str, object]] = {
    "ROLES": ("Roles of a project's members, from the least to the most powerful.", ROLES),
    "INTERVALS": ("From the shortest to the longest.", INTERVALS),
    "MAX_SERIES": ("Of trends and of stickiness.", MAX_SERIES),
    "MIN_FUNNEL_STEPS": ("", MIN_STEPS),
    "MAX_FUNNEL_STEPS": ("", MAX_STEPS),
    "PROPERTY_METRICS": (
        "The metrics that are calculated from the numbers of a property.",
        [metric for metric in METRICS if metric in PROPERTY_METRICS],
    ),
    "FILTER_SCOPES": ("Whose property a condition tests.", SCOPES),
    "VALUE_COUNTS": (
        "How many values each operator of a condition takes.",
        {name: {"min": least, "max": most} for name, (least, most) in VALUE_COUNTS.items()},
    ),
    "AUDIT_ACTIONS": ("What the audit log records.", get_args(AuditAction)),
    "SIGN_IN_FAILURES": ("Why a sign-in with the provider failed.", get_args(SignInFailure)),
    "POLICY_REASONS": (
        "Why the settings of a project leave events out: nothing is wrong with these.",
        sorted(POLICY_REASONS),
    ),
    "REFUSALS": (
        "Why received events are not stored.",
        [reason.value for reason in (*DropReason, Outcome.DEAD, Outcome.PERSON_DELETED)],
    ),
    "WARNINGS": ("What the edge changes in events that it accepts.", list(WarningReason)),
    "PAGE_EVENTS": ("Names of views of pages and screens.", PAGE_EVENTS),
    "SESSION_COLUMNS": ("What a session has of its first event.", SESSION_COLUMNS),
    "MAX_EVENT_NAMES": (
        "So many of the most frequent are listed; a search finds others.",
        MAX_NAMES,
    ),
    "MAX_VALUE_LENGTH": ("Of a text in a condition.", MAX_TEXT_LENGTH),
}
"""By name: what the comment says, and the value."""


def content() -> str:
    """Return the TypeScript module."""
    return _HEAD + "".join(
        (f"\n/** {comment} */\n" if comment else "\n")
        + f"export const {name} = {json.dumps(value)} as const;\n"
        for name, (comment, value) in CONSTANTS.items()
    )


def write() -> None:
    """Write the module into the dashboard's sources."""
    PATH.write_text(content(), encoding="utf-8")
