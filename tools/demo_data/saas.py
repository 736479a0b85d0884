"""A SaaS product: companies, plans, an experiment in the onboarding, subscriptions and churn."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tools.demo_data import saved_items
from tools.demo_data.timeline import Calendar, Event, Note, Story, Visit, hour_of_day, in_order
from tools.demo_data.visitors import Visitor, email, make_visitor

_APP = "https://app.harbor.example"
_PLANS = {"free": 0.0, "team": 29.0, "business": 99.0}
_INDUSTRIES = ("software", "retail", "education", "health", "media")
_EXPERIMENT = "onboarding-checklist"
_EXPERIMENT_DAYS_AGO, _RELEASE_DAYS_AGO = 40, 25


@dataclass(slots=True)
class _Company:
    key: str
    name: str
    industry: str
    plan: str = "free"


@dataclass(slots=True)
class _User:
    visitor: Visitor
    company: _Company
    joined: datetime
    stays: float
    """The share of working days on which the user comes."""
    variant: str | None


def _events(calendar: Calendar) -> Iterator[list[Event]]:
    chance = random.Random(f"saas {calendar.seed}")
    companies: list[_Company] = []
    users: list[_User] = []
    for number, date in calendar.all_days():
        ago = (calendar.today - date).days
        visits = []
        for index in range(calendar.count(chance, 9, number, weekend=0.4)):
            user = _sign_up(chance, f"saas-{number}-{index}", companies, date, ago)
            users.append(user)
            visits.append(_first_visit(chance, user, hour_of_day(chance, date, 10, 15)))
        is_weekend = date.weekday() >= 5
        for user in users:
            if user.joined < date and chance.random() < user.stays * (0.2 if is_weekend else 1):
                visits.append(_visit(chance, user, hour_of_day(chance, date, 10, 15), ago))
                user.stays *= 0.985
        yield in_order(visits, calendar.now)


def _sign_up(
    chance: random.Random, user_id: str, companies: list[_Company], date: datetime, ago: int
) -> _User:
    if not companies or chance.random() < 0.4:
        number = len(companies) + 1
        names = ("Anchor", "Beacon", "Coral", "Delta", "Estuary", "Fjord", "Gulf", "Islet")
        companies.append(
            _Company(
                f"company-{number}",
                f"{names[number % len(names)]} {number}",
                chance.choice(_INDUSTRIES),
            )
        )
    variant = chance.choice(["control", "test"]) if ago <= _EXPERIMENT_DAYS_AGO else None
    stays = chance.choice([0.05, 0.15, 0.45, 0.7]) * (1.35 if variant == "test" else 1.0)
    company = chance.choice(companies[-60:])
    return _User(make_visitor(chance, user_id), company, date, stays, variant)


def _start(chance: random.Random, user: _User, start: datetime) -> Visit:
    common = {"source": "app", "groups": {"company": user.company.key}}
    return Visit(chance, user.visitor, start, common)


def _first_visit(chance: random.Random, user: _User, start: datetime) -> Visit:
    visit, company = _start(chance, user, start), user.company
    referrer = chance.choice(["https://www.google.com/", "https://www.linkedin.com/", ""])
    more: Event = {"referrer": referrer} if referrer else {}
    visit.add("page_view", page_url=f"{_APP}/signup", **more)
    person = {
        "email": email(user.visitor),
        "name": user.visitor.name,
        "company": company.name,
        "role": chance.choice(["owner", "analyst", "developer", "marketer"]),
    }
    visit.add("signed_up", properties={"method": chance.choice(["email", "google"])})
    visit.add("$identify", properties={"$set": person})
    _describe(visit, company)
    if user.variant:
        exposure = {"$feature_flag": _EXPERIMENT, "$feature_flag_response": user.variant}
        visit.add("$feature_flag_called", properties=exposure)
    if chance.random() < (0.72 if user.variant == "test" else 0.55):
        visit.add("project_created", properties={"template": chance.choice(["blank", "board"])})
        if chance.random() < 0.4:
            visit.add("invite_sent", properties={"invites": chance.randrange(1, 5)})
    return visit


def _visit(chance: random.Random, user: _User, start: datetime, ago: int) -> Visit:
    visit = _start(chance, user, start)
    visit.common["app_version"] = "2.4.0" if ago > _RELEASE_DAYS_AGO else "2.5.0"
    visit.add("page_view", page_url=f"{_APP}/home")
    for _ in range(chance.randrange(1, 4)):
        area = chance.choice(["boards", "reports", "files", "settings"])
        visit.add("page_view", page_url=f"{_APP}/{area}")
        if area == "reports":
            report = chance.choice(["burndown", "velocity"])
            visit.add("report_viewed", properties={"report": report})
        elif area == "boards":
            visit.add("task_completed", properties={"tasks": chance.randrange(1, 9)})
    if user.company.plan == "free" and chance.random() < 0.02:
        user.company.plan = chance.choice(["team", "team", "business"])
        plan = {"plan": user.company.plan, "revenue": _PLANS[user.company.plan], "currency": "USD"}
        visit.add("page_view", page_url=f"{_APP}/billing")
        visit.add("subscription_started", properties={"plan": user.company.plan})
        visit.add("purchase", properties={**plan, "order_id": visit.session_id})
        _describe(visit, user.company)
    elif user.company.plan != "free" and chance.random() < 0.002:
        visit.add("subscription_cancelled", properties={"plan": user.company.plan})
        user.company.plan = "free"
    return visit


def _describe(visit: Visit, company: _Company) -> None:
    described = {"name": company.name, "industry": company.industry, "plan": company.plan}
    visit.add(
        "$groupidentify",
        properties={
            "$group_type": "company",
            "$group_key": company.key,
            "$group_set": described,
        },
    )


def _notes(calendar: Calendar) -> list[Note]:
    morning = timedelta(hours=9)
    return [
        (calendar.ago(_EXPERIMENT_DAYS_AGO) + morning, f"Experiment {_EXPERIMENT} begins"),
        (calendar.ago(_RELEASE_DAYS_AGO) + morning, "Release 2.5.0"),
    ]


def _experiments(calendar: Calendar) -> list[dict[str, Any]]:
    week = {"kind": "retention", "event": "page_view", "from_day": 7, "to_day": 13}
    return [
        {
            "name": "Onboarding checklist",
            "flag_key": _EXPERIMENT,
            "variants": [{"key": "control", "share": 0.5}, {"key": "test", "share": 0.5}],
            "metrics": [
                {"name": "Creates a project", "kind": "conversion", "event": "project_created"},
                {
                    "name": "Invites a colleague",
                    "role": "secondary",
                    "kind": "conversion",
                    "event": "invite_sent",
                },
                {"name": "Comes back in week 2", "role": "guardrail", **week},
            ],
            "starts_at": calendar.ago(_EXPERIMENT_DAYS_AGO).isoformat(),
            "planned_sample": 1_000,
        }
    ]


SAAS = Story(
    "Harbor (sample SaaS)", "app.harbor.example", _events, _notes, saved_items.SAAS, _experiments
)
