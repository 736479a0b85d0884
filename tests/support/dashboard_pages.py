"""Every page of the dashboard: each route of ``App.tsx``, with the addresses that show it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import requests

from tests.conftest import ROOT, Installation

APP = ROOT / "dashboard" / "src" / "App.tsx"
_STEPS = '{"steps":[{"event":"page_view"},{"event":"signup"}]}'
_SITE = "https://www.reef.example"
_FLAG_KEY = "new-checkout"

ROUTES: dict[str, tuple[str, ...]] = {
    "/login": ("/login",),
    "/register": ("/register",),
    "/invitation": ("/invitation#none",),
    "/shared/:token": ("/shared/{token}", "/shared/unknown"),
    "/embed/:token": ("/embed/{token}",),
    "/account": ("/account",),
    "/admin/*": ("", "/system", "/dead-letters", "/invitations", "/audit-log"),
    "/installation/*": ("/installation/accounts",),
    "/inbox": ("",),
    "/projects": ("/projects",),
    "/projects/:projectId/*": ("/projects/{project}/settings",),
    "/p/:projectId": ("",),
    "/p/:projectId/live": ("",),
    "/p/:projectId/web": ("", "?compare=previous_period"),
    "/p/:projectId/web/communities": ("",),
    "/p/:projectId/game/:tab?": ("", "/engagement", "/monetization", "/progression", "/economy"),
    "/p/:projectId/explore/library": ("",),
    "/p/:projectId/explore/sql": ("",),
    "/p/:projectId/explore/:kind?": (
        "", "/trends", "/trends?chart=table", f"/funnel?q={_STEPS}", "/retention", "/paths",
        "/lifecycle", "/stickiness",
    ),
    "/p/:projectId/dashboards/:key?": ("", "/{board}", "/2147483647"),
    "/p/:projectId/people/*": (
        "", "/companies", "/companies?type=company&key=acme", "/cohorts", "/sessions",
        "/{person}", "/{person}/sessions", "/{person}/properties", "/2147483647",
    ),
    "/p/:projectId/goals": ("",),
    "/p/:projectId/alerts": ("",),
    "/p/:projectId/flags/*": ("", "/{flag}"),
    "/p/:projectId/experiments/:experimentId?": ("", "/{experiment}"),
    "/p/:projectId/reports": ("",),
    "/p/:projectId/events/*": ("", "/catalog", "/catalog?name=page_view"),
    "/p/:projectId/health": ("",),
    "/p/:projectId/install": ("",),
    "/p/:projectId/data": ("",),
    "/p/:projectId/settings/*": (
        "", "/keys", "/sources", "/limits", "/privacy", "/origins", "/retention",
        "/communities", "/channels", "/members", "/audit-log", "/danger",
    ),
    "*": ("/nowhere",),
}  # fmt: skip
"""Addresses by route; those of a pattern that ends with its sections begin behind its path."""
OF_NO_PROJECT = ("/login", "/register", "/invitation", "/shared/:token", "/embed/:token")
"""Pages that are shown without a login."""
_WHOLE = (*OF_NO_PROJECT, "/account", "/installation/*", "/projects", "/projects/:projectId/*", "*")


@dataclass(frozen=True)
class Example:
    """A project, and what stands for the parameters of routes; empty: the project has none."""

    project: int
    things: dict[str, str]

    def addresses(self, routes: tuple[str, ...] = tuple(ROUTES)) -> list[str]:
        """The addresses of these routes, without those for which the project has nothing."""
        known = {"project": str(self.project), **self.things}
        found = []
        for route in routes:
            base = "" if route in _WHOLE else re.sub(r"/(:\w+\?|\*)$", "", route)
            for end in ROUTES[route]:
                address = f"{base.replace(':projectId', str(self.project))}{end}"
                names = re.findall(r"\{(\w+)\}", address)
                if all(name in known for name in names):
                    for name in names:
                        address = address.replace(f"{{{name}}}", known[name])
                    found.append(address)
        return found


def declared_routes() -> set[str]:
    """Return the routes that the dashboard has."""
    return set(re.findall(r'<Route path="([^"]+)"', APP.read_text(encoding="utf-8")))


def project_routes() -> tuple[str, ...]:
    """Return the routes of a project's pages."""
    return tuple(route for route in ROUTES if route.startswith("/p/"))


def make_example(
    installation: Installation, more: Sequence[dict[str, Any]] = (), suffix: str = ""
) -> Example:
    """Make a project that has something to show on every page.

    ``more``: events besides its own. ``suffix``: what the names of saved things end with.
    """
    made = installation.new_project(f"Everything{suffix}"[:100])
    headers = {"X-API-Key": made["public_key"]}
    events = [*_events(), *_exposures(), *more]
    for start in range(0, len(events), 50):
        sent = installation.ingest(made["public_key"], {"events": events[start : start + 50]})
        assert sent.status_code == 202, sent.text
    for path, body in (
        ("identify", {"user_id": "visitor 1", "properties": {"name": "Ada", "plan": "pro"}}),
        ("group", {"group_type": "company", "group_key": "acme", "properties": {"seats": 5}}),
    ):
        url = f"{installation.url}/api/v1/{path}"
        assert requests.post(url, json=body, headers=headers, timeout=10).status_code == 202
    installation.wait_until_stored()
    return Example(made["id"], _save_objects(installation, made["id"], suffix))


def _events() -> list[dict[str, Any]]:
    """Visits of a site, plays of a game, and purchases of 40 users on three days."""
    now = datetime.now(timezone.utc)
    found = []
    for number in range(60):
        at = now - timedelta(hours=number, minutes=10)
        common = {
            "user_id": f"visitor {number % 40}",
            "session_id": f"visit {number}",
            "browser": ("Chrome", "Firefox")[number % 2],
            "country": ("DE", "US", "CA", "BR", "IN")[number % 5],
            "groups": {"company": "acme"},
        }
        level = {
            "status": ("start", "fail", "complete")[number % 3],
            "progression01": f"world {number % 4}",
        }
        flow = {"flow": ("source", "sink")[number % 2], "currency": "gold", "amount": 5 + number}
        asked = {
            "$feature_flag": _FLAG_KEY,
            "$feature_flag_response": ("control", "test")[number % 2],
        }
        paid = {"amount": 5, "currency": "EUR", "revenue": 5}
        steps: list[tuple[str, dict[str, Any]]] = [
            ("page_view", {"page_url": f"{_SITE}/", "referrer": "https://www.google.com/"}),
            ("page_view", {"page_url": f"{_SITE}/docs"}),
            ("signup", {}) if number % 4 == 0 else ("scroll", {}),
            ("progression", {"properties": level}),
            ("resource", {"properties": flow}),
            ("purchase", {"properties": paid}),
            ("$feature_flag_called", {"properties": asked}),
        ]
        for step, (name, more) in enumerate(steps):
            when = (at + timedelta(seconds=40 * step)).isoformat()
            event = {"event_id": str(uuid.uuid4()), "event_name": name, "timestamp": when}
            found.append({**event, **common, **more})
    return found


def _flag(suffix: str) -> dict[str, Any]:
    """A flag that shows everything: the example's events ask for it."""
    return {
        "key": _FLAG_KEY,
        "name": f"Checkout{suffix}"[:200],
        "rollout_percentage": 50,
        "conditions": [{"filters": [{"property": "plan", "value": [f"pro{suffix}"[:200]]}]}],
        "variants": [
            {"key": "control", "rollout_percentage": 50},
            {"key": "test", "rollout_percentage": 50},
        ],
        "payloads": {"test": {"colour": f"teal{suffix}"}},
        "overrides": {f"visitor{suffix}"[:400]: "test"},
    }


def _exposures() -> list[dict[str, Any]]:
    """Which variant of a button each of the visitors saw, two days ago and since."""
    now = datetime.now(timezone.utc)
    return [
        {
            "event_id": str(uuid.uuid4()),
            "event_name": "$feature_flag_called",
            "timestamp": (now - timedelta(hours=50 - number)).isoformat(),
            "user_id": f"visitor {number}",
            "country": ("DE", "US")[number // 2 % 2],
            "properties": {
                "$feature_flag": "button",
                "$feature_flag_response": ("control", "test")[number % 2],
            },
        }
        for number in range(40)
    ]


def _experiment(suffix: str) -> dict[str, Any]:
    """An experiment on that button, with a metric of each role."""
    begun = datetime.now(timezone.utc) - timedelta(days=3)
    revenue = {"kind": "sum", "event": "purchase", "value_property": "amount"}
    return {
        "name": f"Button{suffix}"[:200],
        "flag_key": "button",
        "variants": [{"key": "control", "share": 0.5}, {"key": "test", "share": 0.5}],
        "metrics": [
            {"name": f"Signs up{suffix}"[:200], "kind": "conversion", "event": "signup"},
            {"name": f"Revenue{suffix}"[:200], "role": "secondary", **revenue},
            {"name": f"Views{suffix}"[:200], "role": "guardrail", "kind": "count",
             "event": "page_view"},
        ],
        "starts_at": begun.isoformat(),
        "decision": f"More signed up.{suffix}",
    }  # fmt: skip


def _save_objects(installation: Installation, project: int, suffix: str) -> dict[str, str]:
    """Save one of everything, and return what stands for the parameters of routes."""
    owner, base = installation.login(), f"{installation.url}/api/v1/analytics/{project}"

    def saved(path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = owner.post(f"{base}/{path}", json=body, timeout=30)
        assert answer.ok, (path, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    query = {"series": [{"event": "page_view"}], "breakdown": {"property": "country"}}
    insight = saved("saved-insights/", {"name": f"Views{suffix}", "kind": "trends", "query": query})
    tiles = [{"insight_id": insight["id"]}, {"text": "# Monday\n\nWhat the team looks at."}]
    board = saved("dashboards/", {"name": f"Monday{suffix}", "tiles": {"items": tiles}})
    link = saved(f"dashboards/{board['id']}/share", {})
    saved("goals/", {"name": f"Sign-up{suffix}", "event": "signup"})
    saved(
        "segments/",
        {"name": f"Germans{suffix}"[:100], "filters": {"property": "country", "value": "DE"}},
    )
    saved("cohorts/", {"name": f"Some{suffix}", "distinct_ids": ["visitor 1"]})
    sending = {"dashboard_id": board["id"], "frequency": "daily", "time": "08:00"}
    report = {"name": f"Monday{suffix}"[:200], "recipients": ["ada@example.org"], **sending}
    saved("reports/", report)
    flag = owner.post(
        f"{installation.url}/api/v1/projects/{project}/feature-flags/",
        json=_flag(suffix),
        timeout=30,
    )
    assert flag.ok, flag.text
    experiment = saved("experiments/", _experiment(suffix))
    today = datetime.now(timezone.utc).isoformat()
    saved("annotations/", {"at": today, "text": f"Version 2{suffix}"})
    persons = owner.get(f"{base}/persons/", params={"search": "Ada"}, timeout=30).json()["items"]
    return {
        "board": str(board["id"]),
        "experiment": str(experiment["id"]),
        "token": str(link["token"]),
        "person": str(persons[0]["person_id"]),
        "flag": str(flag.json()["id"]),
    }
