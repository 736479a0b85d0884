"""What the teams of the sample projects have saved: goals, insights on a dashboard and more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]
"""A request that creates one of them."""


@dataclass(frozen=True, slots=True)
class SavedItems:
    """Saved items of one project."""

    goals: tuple[Body, ...]
    insights: tuple[Body, ...]
    """Tiles of the dashboard, in this order; half of its width each."""
    dashboard: str
    """Its name."""
    text: str
    """Markdown above the tiles."""
    cohort: Body
    alert: Body
    """It watches the last insight."""


def _funnel(name: str, *steps: str) -> Body:
    return {"name": name, "kind": "funnel", "query": {"steps": list(steps)}}


def _trend(name: str, event: str, metric: str = "count", **more: object) -> Body:
    series = {"event": event, "metric": metric, **more}
    return {"name": name, "kind": "trends", "query": {"series": [series]}}


def _retention(name: str, first: str, back: str) -> Body:
    query = {"target": {"event": first}, "returning": {"event": back}}
    return {"name": name, "kind": "retention", "query": query}


def _none_in_a_day(name: str) -> Body:
    """Return an alert for a day without events of the insight that it watches."""
    return {
        "name": name,
        "watch": {"kind": "series"},
        "condition": {"kind": "absolute", "direction": "below", "threshold": 1},
        "every": "day",
        "window_minutes": 24 * 60,
    }


SHOP = SavedItems(
    goals=(
        {"name": "Purchase", "event": "purchase", "value_property": "revenue"},
        {"name": "Reached checkout", "page": "/checkout"},
        {"name": "Read a guide", "page": "/guides/*"},
    ),
    insights=(
        _funnel("From basket to purchase", "add_to_cart", "checkout_started", "purchase"),
        _trend("Revenue by day", "purchase", "sum", property="revenue"),
        _retention("Visitors who return", "page_view", "page_view"),
        _trend("Purchases", "purchase"),
    ),
    dashboard="Shop at a glance",
    text="# Monday\n\nSales of last week, and where baskets are left.",
    cohort={"name": "Buyers", "query": {"event": "purchase", "period": "90d"}},
    alert=_none_in_a_day("A day without a purchase"),
)

SAAS = SavedItems(
    goals=(
        {"name": "Sign-up", "event": "signed_up"},
        {"name": "First project", "event": "project_created"},
        {"name": "Subscription", "event": "subscription_started"},
    ),
    insights=(
        _funnel("Activation", "signed_up", "project_created", "invite_sent"),
        _trend("Users who complete tasks", "task_completed", "unique_persons"),
        _retention("New users who stay", "signed_up", "page_view"),
        _trend("Sign-ups", "signed_up"),
    ),
    dashboard="Activation",
    text="# Activation\n\nHow many new users create a project and invite a colleague.",
    cohort={"name": "Subscribers", "query": {"event": "subscription_started", "period": "90d"}},
    alert=_none_in_a_day("A day without a sign-up"),
)

GAME = SavedItems(
    goals=(
        {"name": "Level completed", "event": "progression",
         "filters": {"and": [{"property": "status", "operator": "is", "value": "complete"}]}},
        {"name": "Shop opened", "event": "shop_opened"},
        {"name": "Purchase", "event": "purchase", "value_property": "revenue"},
    ),
    insights=(
        _funnel("From shop to purchase", "app_opened", "shop_opened", "purchase"),
        _trend("Crashes", "crash"),
        _retention("Players who return", "app_opened", "app_opened"),
        _trend("Players", "app_opened", "unique_persons"),
    ),
    dashboard="Launch",
    text="# Launch\n\nDo players return, and does a release crash?",
    cohort={"name": "Payers", "query": {"event": "purchase", "period": "90d"}},
    alert=_none_in_a_day("A day without players"),
)  # fmt: skip
