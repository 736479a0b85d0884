"""Who may call what: a row for every operation of every OpenAPI document.

An operation without a row fails tests/contracts/test_tenancy.py. Values in braces are filled in
with what the attacked project has (``Victim.things``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

from services.query.parsing.insight_kind import FigureKind
from services.query.reports.registry import FIGURES, INSIGHTS
from tests.conftest import PASSWORD

Kind = Literal["anybody", "own", "superuser", "project", "reader", "key"]
"""Whose an operation is.

anybody: it asks for no credentials, and gives nothing of a project away.
own: it concerns the caller's own account, or nobody else's objects can be named.
superuser: it takes an owner of the installation.
project: a login and a role in the project that is named; no key.
reader: a login, or a secret key, which is as good as a viewer.
key: a project's key, which may stand in several places.
"""


@dataclass(frozen=True)
class Row:
    """How an operation is called, and by whom it may be."""

    kind: Kind
    role: str = "viewer"
    body: Any = None
    query: dict[str, Any] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)
    """What stands for which parameter of the path, where its name does not say it."""
    stranger: int = 404
    """What somebody with an account, who has nothing to do with the project, is answered."""
    last: int = 0
    """The owner's own calls are made in this order."""
    refused: int = 401
    """What a wrong key is answered."""


_EVENT = {"event": "marker", "distinct_id": "ada"}
_SEGMENT = {"type": "track", "event": "marker", "userId": "ada"}
_CONTEXT = {"context": {"targetingKey": "ada"}}
_RANGE = {"from": "2026-01-01", "to": "2026-01-02"}
_STEPS = [{"event": "marker"}, {"event": "other"}]
_PASSWORD = {"password": PASSWORD}
_CONFIRM = {"current_password": PASSWORD}
_DEAD_LETTERS = {"project_id": "{project_id}", "ids": ["{dead_letter_id}"]}
_DAYS = {"from": "2026-01-01", "to": "2026-01-02"}
_A = "/api/v1/auth"
_P = "/api/v1/projects/{project_id}"
_FLAG = f"{_P}/feature-flags/{{flag_id}}"
_ADMIN_FLAGS = "/api/v1/analytics/admin/feature-flags"
_IN_PROJECT = {"project_id": "{project_id}"}
_Q = "/api/v1/analytics/{project_id}"

ROWS: dict[str, Row] = {
    # Accounts
    f"GET {_A}/registration": Row("anybody"),
    f"POST {_A}/register": Row("anybody"),
    f"POST {_A}/login": Row("anybody"),
    f"POST {_A}/login/form": Row("anybody"),
    f"POST {_A}/refresh": Row("anybody"),
    f"POST {_A}/invitations/look": Row("anybody"),
    f"GET {_A}/oidc/start": Row("anybody"),
    f"GET {_A}/oidc/callback": Row("anybody"),
    f"GET {_A}/me": Row("own"),
    f"POST {_A}/logout": Row("own"),
    f"GET {_A}/sessions": Row("own"),
    f"DELETE {_A}/sessions": Row("own"),
    f"DELETE {_A}/sessions/{{session_id}}": Row("own", stranger=404),
    f"POST {_A}/invitations/accept": Row("own", body={"token": "{invitation_token}"}, stranger=403),
    f"POST {_A}/two-factor/setup": Row("own", body=_CONFIRM),
    f"POST {_A}/two-factor/enable": Row("own", body={"code": "1"}),
    f"POST {_A}/two-factor/disable": Row("own", body={**_CONFIRM, "code": "1"}),
    f"POST {_A}/two-factor/recovery-codes": Row("own", body={**_CONFIRM, "code": "1"}),
    f"POST {_A}/ws-ticket": Row("project", body={"project_id": "{project_id}"}),
    "POST /api/v1/users/me/password": Row("own", body={**_CONFIRM, **_PASSWORD}),
    "GET /api/v1/users/{user_id}": Row("own", stranger=404),
    "PATCH /api/v1/users/{user_id}": Row("own", body={"name": "x"}, stranger=404),
    # The installation
    "GET /api/v1/users/": Row("superuser"),
    "DELETE /api/v1/users/{user_id}": Row("superuser"),
    "POST /api/v1/users/{user_id}/password": Row("superuser", body=_PASSWORD),
    "DELETE /api/v1/users/{user_id}/two-factor": Row("superuser"),
    "GET /api/v1/invitations/": Row("superuser"),
    "POST /api/v1/invitations/": Row("superuser", body={"email": "matrix@example.org"}),
    "DELETE /api/v1/invitations/{invitation_id}": Row("superuser"),
    "GET /api/v1/audit-log/": Row("superuser"),
    "GET /api/v1/system/": Row("superuser"),
    "GET /api/v1/system/dead-letters/": Row("superuser"),
    "GET /api/v1/system/dead-letters/{project_id}/{dead_letter_id}": Row("superuser"),
    "POST /api/v1/system/dead-letters/replay": Row("superuser", body=_DEAD_LETTERS),
    "POST /api/v1/system/dead-letters/discard": Row("superuser", body=_DEAD_LETTERS),
    "GET /api/v1/system/jobs/": Row("superuser"),
    "GET /api/v1/system/jobs/schedule": Row("superuser"),
    "POST /api/v1/system/jobs/retry": Row("superuser", body={"ids": ["none"]}),
    "POST /api/v1/system/jobs/remove": Row("superuser", body={"ids": ["none"]}),
    "GET /api/v1/system/sealing/": Row("superuser"),
    "GET /api/v1/system/sealing/{project_id}": Row("superuser"),
    "POST /api/v1/system/sealing/{project_id}": Row("superuser", body=_DAYS),
    # Projects
    "GET /api/v1/projects/": Row("own"),
    "POST /api/v1/projects/": Row("own", body={"name": "x"}),
    f"GET {_P}": Row("project"),
    f"PATCH {_P}": Row("project", "admin", {"name": "marker 2"}),
    f"DELETE {_P}": Row("project", "owner", last=10),
    f"GET {_P}/deletion": Row("project", "owner", last=11),
    f"POST {_P}/restore": Row("project", "owner", last=12),
    f"GET {_P}/settings": Row("project"),
    f"PATCH {_P}/settings": Row("project", "admin", {"retention_days": 30}),
    f"GET {_P}/audit-log/": Row("project", "admin"),
    f"GET {_P}/keys": Row("project", "member"),
    f"POST {_P}/keys": Row("project", "admin", {"kind": "secret"}),
    f"POST {_P}/keys/{{key_id}}/rotate": Row("project", "admin", {"grace_hours": 1}),
    f"DELETE {_P}/keys/{{key_id}}": Row("project", "admin"),
    f"POST {_P}/rotate-key": Row("project", "admin", {"kind": "secret"}),
    f"GET {_P}/members/": Row("project"),
    f"PATCH {_P}/members/{{user_id}}": Row("project", "admin", {"role": "admin"}),
    # Anybody may leave, so a lesser role is refused for the person, not for the operation.
    f"DELETE {_P}/members/{{user_id}}": Row("project", "admin"),
    f"GET {_P}/invitations/": Row("project", "admin"),
    f"POST {_P}/invitations/": Row("project", "admin", {"email": "matrix@example.org"}),
    f"DELETE {_P}/invitations/{{invitation_id}}": Row("project", "admin"),
    f"GET {_P}/sources/": Row("project"),
    f"POST {_P}/sources/": Row("project", "admin", {"name": "another"}),
    f"GET {_P}/sources/{{source_id}}": Row("project"),
    f"PATCH {_P}/sources/{{source_id}}": Row("project", "admin", {"is_active": False}),
    f"DELETE {_P}/sources/{{source_id}}": Row("project", "admin"),
    f"POST {_Q}/sql": Row("project", "analyst", {"statement": "SELECT count(*) FROM events"}),
    # Feature flags
    f"GET {_P}/feature-flags/": Row("project"),
    f"POST {_P}/feature-flags/": Row("project", "member", {"key": "another"}),
    f"GET {_FLAG}": Row("project"),
    f"PATCH {_FLAG}": Row("project", "member", {"name": "changed"}),
    f"DELETE {_FLAG}": Row("project", "member"),
    f"GET {_FLAG}/history": Row("project"),
    f"POST {_FLAG}/rollback": Row("project", "member", {"version": 1}),
    f"POST {_FLAG}/proposed-change/accept": Row(
        "project", "member", {"id": "{proposal}"}, things={"flag_id": "flag_to_accept"}
    ),
    f"POST {_FLAG}/proposed-change/refuse": Row(
        "project", "member", {"id": "{other_proposal}"}, things={"flag_id": "flag_to_refuse"}
    ),
    f"GET {_P}/feature-flags/flags.yaml": Row("project"),
    f"PUT {_P}/feature-flags/flags.yaml": Row("project", "member", {"flags": {"from-file": {}}}),
    f"POST {_P}/feature-flags/copy": Row(
        "project", "member", {"from_project_id": "{project_id}", "dry_run": True}
    ),
    f"GET {_ADMIN_FLAGS}/": Row("project", query=_IN_PROJECT),
    f"POST {_ADMIN_FLAGS}/": Row("project", "member", {**_IN_PROJECT, "key": "one-more"}),
    f"GET {_ADMIN_FLAGS}/{{flag_id}}": Row("project", query=_IN_PROJECT),
    f"PATCH {_ADMIN_FLAGS}/{{flag_id}}": Row(
        "project", "member", {"name": "changed again"}, _IN_PROJECT
    ),
    f"DELETE {_ADMIN_FLAGS}/{{flag_id}}": Row(
        "project", "member", query=_IN_PROJECT, things={"flag_id": "other_flag"}
    ),
    # Questions
    "GET /api/v1/health/": Row("anybody"),
    "GET /api/v1/health/ready": Row("anybody"),
    "GET /api/stats/": Row("reader", query={"project_id": "{project_id}"}),
    "GET /api/events/": Row("reader", query={"project_id": "{project_id}"}),
    f"GET {_Q}/overview": Row("reader"),
    f"GET {_Q}/key-metrics": Row("reader"),
    f"GET {_Q}/movers": Row("reader"),
    f"GET {_Q}/live": Row("reader"),
    f"GET {_Q}/realtime": Row("reader"),
    f"GET {_Q}/realtime/peaks": Row("reader"),
    f"GET {_Q}/timeseries": Row("reader"),
    f"GET {_Q}/top-events": Row("reader"),
    f"GET {_Q}/crawlers": Row("reader"),
    f"GET {_Q}/intake": Row("reader"),
    f"GET {_Q}/health": Row("reader"),
    f"GET {_Q}/install-check": Row("reader"),
    f"GET {_Q}/exports/events": Row("reader"),
    f"GET {_Q}/dead-letters/": Row("reader"),
    f"GET {_Q}/groups/": Row("reader", query={"group_type": "company"}),
    f"GET {_Q}/groups/one": Row("reader", query={"group_type": "company", "group_key": "acme"}),
    f"GET {_Q}/groups/types": Row("reader"),
    f"GET {_Q}/persons/": Row("reader"),
    f"GET {_Q}/persons/export": Row("reader"),
    f"GET {_Q}/persons/properties": Row("reader"),
    f"GET {_Q}/persons/{{person_id}}": Row("reader"),
    f"GET {_Q}/persons/{{person_id}}/activity": Row("reader"),
    f"GET {_Q}/persons/{{person_id}}/events": Row("reader"),
    f"GET {_Q}/persons/{{person_id}}/merges": Row("reader", "admin"),
    f"POST {_Q}/persons/merges/{{merge_id}}/undo": Row("reader", "admin"),
    f"DELETE {_Q}/persons/{{person_id}}": Row("reader", "admin"),
    f"POST {_Q}/persons/{{person_id}}/export": Row("reader", "admin"),
    f"GET {_Q}/persons/jobs/{{job_id}}": Row("reader", "admin"),
    f"GET {_Q}/persons/jobs/{{job_id}}/file": Row("reader", "admin"),
    f"GET {_Q}/sessions": Row("reader"),
    f"GET {_Q}/users": Row("reader"),
    f"GET {_Q}/daily-summaries": Row("reader"),
    f"GET {_Q}/web/": Row("reader"),
    f"GET {_Q}/web/{{dimension}}": Row("reader", things={"dimension": "kind"}),
    f"GET {_Q}/goals/report": Row("reader"),
    f"GET {_Q}/properties/{{name}}/values": Row("reader"),
    f"GET {_Q}/pages": Row("reader"),
    f"GET {_Q}/community-visitors/": Row("reader"),
    f"GET {_Q}/communities/{{key}}/visitors/": Row("reader", things={"key": "communities"}),
    f"GET {_Q}/definitions/events": Row("reader"),
    f"GET {_Q}/definitions/properties": Row("reader"),
    f"GET {_Q}/definitions/catalog": Row("reader"),
    f"GET {_Q}/definitions/catalog-entry": Row("reader", query={"name": "marker"}),
    f"PUT {_Q}/definitions/{{kind}}/{{name}}": Row("reader", "member", {"description": "x"}),
    f"GET {_Q}/cohorts/": Row("reader"),
    f"POST {_Q}/cohorts/": Row("reader", "member", {"name": "x", "distinct_ids": ["ada"]}),
    f"GET {_Q}/cohorts/{{cohort_id}}": Row("reader"),
    f"PATCH {_Q}/cohorts/{{cohort_id}}": Row("reader", "member", {"description": "y"}),
    f"DELETE {_Q}/cohorts/{{cohort_id}}": Row("reader", "member"),
    f"POST {_Q}/cohorts/{{cohort_id}}/refresh": Row("reader", "member"),
    f"POST {_Q}/insights/funnel/trend": Row("reader", body={**_RANGE, "steps": _STEPS}),
    f"POST {_Q}/insights/trends/projects": Row(
        "reader",
        body={**_RANGE, "series": [{"event": "marker"}], "project_ids": ["{project_id}"]},
    ),
}

# Reads whose path names no project: the query does, or a secret key.
for _path in (
    *("conversions", "demographics", "division-breakdown", "export", "growth", "realtime"),
    "realtime/peaks",
    *("trends", "visitors", "visitors/today", "visitors/weekly", "visitors/monthly"),
):
    ROWS[f"GET /api/analytics/{_path}/"] = Row("reader", query={"project_id": "{project_id}"})
for _path in ("event-aggregates", "events", "events/event_counts", "sessions"):
    ROWS[f"GET /api/v1/analytics/admin/{_path}/"] = Row(
        "reader", query={"project_id": "{project_id}"}
    )

_QUERIES: dict[FigureKind, dict[str, Any]] = {
    "trends": {"series": [{"event": "marker"}]},
    "funnel": {"steps": _STEPS},
    "paths": {"start": "marker"},
    "breakdown": {"breakdown": {"property": "country"}},
}
"""What requests need besides the range, or ask for so that the marker would be seen."""
for _insight in INSIGHTS:
    _body = {**_RANGE, **_QUERIES.get(_insight, {})}
    ROWS[f"POST {_Q}/insights/{_insight}"] = Row("reader", body=_body)
    ROWS[f"GET {_Q}/insights/{_insight}"] = Row("reader", query={"query": json.dumps(_body)})

_POINTS: dict[FigureKind, dict[str, Any]] = {
    "funnel": {"step": 1},
    "paths": {"step": 1},
    "lifecycle": {"state": "new"},
    # Of at most an hour.
    "live": {"from": "2026-01-01T12:00:00Z", "to": "2026-01-01T13:00:00Z"},
}
"""What requests for the persons behind a figure need besides the query."""
for _figure in FIGURES:
    _body = {**_RANGE, **_QUERIES.get(_figure, {}), **_POINTS.get(_figure, {})}
    for _path in ("persons", "persons/export"):
        ROWS[f"POST {_Q}/insights/{_figure}/{_path}"] = Row("reader", body=_body)

_ALERT = {
    "watch": {"kind": "silence"},
    "condition": {"kind": "absolute", "direction": "below", "threshold": 1},
}
_EXPERIMENT = {
    "name": "x",
    "flag_key": "marker",
    "variants": [{"key": "false", "share": 0.5}, {"key": "true", "share": 0.5}],
    "metrics": [{"name": "x", "kind": "conversion", "event": "marker"}],
    "starts_at": "2026-01-01T00:00:00Z",
    "ends_at": "2026-01-15T00:00:00Z",
}
_SAVED_OBJECTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "annotations": ({"at": "2026-01-01T00:00:00Z", "text": "x"}, {"text": "y"}),
    "saved-insights": ({"name": "x", "kind": "trends", "query": {"series": [{}]}}, {"name": "y"}),
    "dashboards": ({"name": "x"}, {"name": "y"}),
    "goals": ({"name": "x", "event": "marker"}, {"name": "y"}),
    "experiments": (_EXPERIMENT, {"decision": "y"}),
    "reports": (
        {
            "name": "x",
            "dashboard_id": "{dashboards}",
            "frequency": "daily",
            "time": "08:00",
            "recipients": ["ada@example.org"],
        },
        {"name": "y"},
    ),
    "segments": ({"name": "x", "filters": {"property": "country", "value": "FI"}}, {"name": "y"}),
    "communities": ({"id": "another", "name": "x"}, {"name": "y"}),
    "divisions": ({"id": "another", "name": "x"}, {"name": "y"}),
    "alerts": ({**_ALERT, "name": "x"}, {"name": "y"}),
}
for _kind, (_new, _change) in _SAVED_OBJECTS.items():
    _one, _key = f"{_Q}/{_kind}/{{key}}", {"key": _kind}
    ROWS[f"GET {_Q}/{_kind}/"] = Row("reader")
    ROWS[f"POST {_Q}/{_kind}/"] = Row("reader", "member", _new)
    ROWS[f"GET {_one}"] = Row("reader", things=_key)
    ROWS[f"PATCH {_one}"] = Row("reader", "member", _change, things=_key)
    ROWS[f"DELETE {_one}"] = Row("reader", "member", things=_key, last=1)
_THE_EXPERIMENT = {"experiment_id": "experiments"}
_ONE_EXPERIMENT = f"{_Q}/experiments/{{experiment_id}}"
ROWS |= {
    f"GET {_ONE_EXPERIMENT}/results": Row("reader", things=_THE_EXPERIMENT),
    f"GET {_ONE_EXPERIMENT}/segments": Row(
        "reader", query={"property": "country"}, things=_THE_EXPERIMENT
    ),
    f"POST {_ONE_EXPERIMENT}/ship": Row(
        "reader", "member", {"variant": "true"}, things=_THE_EXPERIMENT
    ),
    f"POST {_ONE_EXPERIMENT}/roll-back": Row("reader", "member", {}, things=_THE_EXPERIMENT),
    f"POST {_Q}/experiments/sample": Row("reader", body={"metrics": _EXPERIMENT["metrics"]}),
    f"POST {_Q}/experiments/aa": Row("reader", body={"metrics": _EXPERIMENT["metrics"]}),
}
_MAPPING = {"fields": {"event_name": ["a"], "timestamp": ["b"], "distinct_id": ["c"]}}
_IMPORT = {"name": "x.csv", "format": "csv", "size": 1, "mapping": _MAPPING}
_ONE_IMPORT, _ITS_ID = f"{_Q}/imports/{{import_id}}", {"import_id": "imports"}
ROWS |= {
    f"GET {_Q}/imports/": Row("reader"),
    f"POST {_Q}/imports/": Row("reader", "admin", _IMPORT),
    f"POST {_Q}/imports/preview": Row("reader", "admin", {"format": "csv", "head": "a\n1\n"}),
    f"GET {_ONE_IMPORT}": Row("reader", things=_ITS_ID),
    f"GET {_ONE_IMPORT}/counts": Row("reader", things=_ITS_ID),
    f"GET {_ONE_IMPORT}/refused": Row("reader", "admin", things=_ITS_ID),
    f"PUT {_ONE_IMPORT}/parts/{{part}}": Row(
        "reader", "admin", "marker", things={**_ITS_ID, "part": "import_part"}
    ),
    f"POST {_ONE_IMPORT}/start": Row("reader", "admin", things=_ITS_ID),
    f"POST {_ONE_IMPORT}/cancel": Row("reader", "admin", things=_ITS_ID, last=1),
    f"DELETE {_ONE_IMPORT}": Row("reader", "admin", things=_ITS_ID, last=2),
}
_CHANNEL, _ITS_KEY = f"{_Q}/channels/{{key}}", {"key": "channels"}
ROWS |= {
    f"GET {_Q}/channels/": Row("reader"),
    f"POST {_Q}/channels/": Row(
        "reader", "member", {"name": "x", "kind": "webhook", "url": "https://marker.invalid/x"}
    ),
    f"GET {_Q}/channels/mail-setup": Row("reader"),
    f"GET {_CHANNEL}": Row("reader", things=_ITS_KEY),
    f"PATCH {_CHANNEL}": Row("reader", "member", {"name": "y"}, things=_ITS_KEY),
    f"GET {_CHANNEL}/deliveries/": Row("reader", things=_ITS_KEY),
    f"POST {_CHANNEL}/signing-key": Row("reader", "member", things=_ITS_KEY),
    # The name of its host has no address, so no message leaves.
    f"POST {_CHANNEL}/test": Row("reader", "member", things=_ITS_KEY),
    f"POST {_CHANNEL}/deliveries/{{delivery_id}}/retry": Row("reader", "member", things=_ITS_KEY),
    f"DELETE {_CHANNEL}": Row("reader", "member", things=_ITS_KEY, last=1),
    f"POST {_Q}/feature-flags/preview": Row("reader", body={"definition": {"key": "x"}}),
    f"GET {_Q}/feature-flags/usage": Row("reader"),
    f"GET {_Q}/feature-flags/stale": Row("reader"),
    f"POST {_Q}/alerts/preview": Row("reader", body=_ALERT),
    f"GET {_Q}/alerts/{{alert_id}}/evaluations": Row("reader", things={"alert_id": "alerts"}),
    f"POST {_Q}/alert-events/{{event_id}}/acknowledge": Row("reader", "member", {"note": "x"}),
    f"POST {_Q}/alert-events/{{event_id}}/resolve": Row("reader", "member", {}),
    "GET /api/v1/alert-events/": Row("reader", query={"project_id": "{project_id}"}),
}
_REPORT = {"key": "reports"}
ROWS[f"GET {_Q}/reports/{{key}}/preview"] = Row("reader", things=_REPORT)
ROWS[f"POST {_Q}/reports/{{key}}/send-now"] = Row("project", things=_REPORT)
_LEAVE = "/api/v1/analytics/reports/unsubscribe/{token}"
ROWS[f"GET {_LEAVE}"] = Row("anybody")
ROWS[f"POST {_LEAVE}"] = Row("anybody")
ROWS[f"POST {_LEAVE}/undo"] = Row("anybody")
_Q_SHARED = "/api/v1/analytics/shared/dashboards"
_SHARE = f"{_Q}/dashboards/{{key}}/share"
ROWS[f"POST {_SHARE}"] = Row("reader", "member", things={"key": "dashboards"})
ROWS[f"GET {_Q_SHARED}/{{token}}"] = Row("anybody")
ROWS[f"POST {_Q_SHARED}/{{token}}/access"] = Row("anybody", body={"password": "x"})
ROWS[f"GET {_Q_SHARED}/{{token}}/embedding"] = Row("anybody")
ROWS[f"GET {_Q_SHARED}/{{token}}/insights/{{insight_id}}"] = Row("anybody")
ROWS[f"DELETE {_SHARE}"] = Row("reader", "member", things={"key": "dashboards"})

# Taking events
for _path in ("/api/capture_event/", "/api/events/ingest", "/api/v1/events/ingest"):
    ROWS[f"POST {_path}"] = Row("key", body=_EVENT)
ROWS |= {
    "POST /api/v1/analytics/capture/": Row("key", body=_EVENT),
    "POST /api/v1/analytics/batch/": Row("key", body={"events": [_EVENT]}),
    "POST /api/v1/analytics/session/start/": Row("key", body={"distinct_id": "ada"}),
    "PUT /api/v1/analytics/session/{session_id}/end/": Row(
        "key", body={"distinct_id": "ada"}, things={"session_id": "event_session"}
    ),
    "POST /api/v1/alias": Row("key", body={"previous_id": "a", "user_id": "ada"}),
    "POST /api/v1/group": Row(
        "key", body={"user_id": "ada", "group_type": "guild", "group_key": "g"}
    ),
    "POST /api/v1/identify": Row("key", body={"user_id": "ada"}),
    "GET /api/v1/pixel.gif": Row("key", query={"event": "marker"}),
    "POST /v1/b": Row("key", body={"batch": [_SEGMENT]}),
    "POST /v1/batch": Row("key", body={"batch": [_SEGMENT]}),
    "POST /v1/{call}": Row("key", body=_SEGMENT, things={"call": "call"}),
    "POST /flags/": Row("key", body={"token": "{key}", "distinct_id": "ada"}),
    "POST /decide/": Row("key", body={"token": "{key}", "distinct_id": "ada"}),
    "POST /ofrep/v1/evaluate/flags": Row("key", body=_CONTEXT),
    "POST /ofrep/v1/evaluate/flags/{key}": Row("key", body=_CONTEXT, things={"key": "name"}),
    "GET /api/v1/analytics/public/feature-flags/": Row("key"),
    "GET /api/v1/analytics/public/feature-flags/for_user/": Row(
        "key", query={"distinct_id": "ada"}
    ),
    # What SDKs ask before they send; it is the same for every project.
    "GET /array/{token}/config": Row("anybody"),
    "GET /array/{token}/config.js": Row("anybody"),
    "GET /v1/projects/{write_key}/settings": Row("anybody"),
    "GET /sourceConfig/": Row("key"),
    "GET /flags/definitions": Row("key"),
    "GET /api/feature_flag/local_evaluation/": Row("key"),
}
for _path in ("/e/", "/i/v0/e/", "/capture/", "/track/", "/batch/", "/i/v0/ai/batch/"):
    ROWS[f"POST {_path}"] = Row("key", body=_EVENT)
    ROWS[f"GET {_path}"] = Row("key", query={"data": json.dumps(_EVENT)})
_SET = {"$distinct_id": "ada", "$set": {"a": 1}}
ROWS["POST /engage/"] = Row("key", body=_SET)
ROWS["GET /engage/"] = Row("key", query={"data": json.dumps(_SET)})
