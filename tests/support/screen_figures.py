"""Figures that the dashboard shows, each with the API's answer and a count of exported events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.events.dimensions import PAGE_EVENTS

Row = dict[str, Any]
Rows = Sequence[Row]


@dataclass(frozen=True)
class ScreenFigure:
    """A figure: where it stands, what the API says of it, and how it is counted by hand."""

    page: str
    """Below the project's address."""
    door: str
    """Beginning of the name of its door."""
    api: tuple[str, dict[str, Any] | None]
    """The path, and the body of a POST."""
    read: Callable[[Any], Any]
    """Reads the figure in the API's answer."""
    count: Callable[[Rows], float]
    is_of_persons: bool = True
    """Whether it counts different persons, as many as its door lists."""
    as_table: bool = False
    """Whether it stands in the table of a chart."""


def persons(rows: Rows, passes: Callable[[Row], bool] = lambda _: True) -> set[int]:
    """The persons with an event that passes."""
    return {row["person_id"] for row in rows if passes(row)}


def named(*names: str) -> Callable[[Row], bool]:
    """Whether an event has one of the names."""
    return lambda row: row["event_name"] in names


def number(value: object) -> Decimal | None:
    """The number that a value is, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return Decimal(str(value).strip())
    except ArithmeticError:
        return None


def text(value: object) -> str | None:
    """A value as a breakdown has it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def euros(rows: Rows) -> list[tuple[int, Decimal]]:
    """Who paid which amounts in euros."""
    found = []
    for row in filter(named("purchase"), rows):
        amount = number(row["properties"].get("revenue"))
        currency = str(row["properties"].get("currency") or "").strip().upper()
        if amount is not None and currency == "EUR":
            found.append((row["person_id"], amount))
    return found


def paying(rows: Rows) -> set[int]:
    """Those whose amounts add up to more than zero."""
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for person, amount in euros(rows):
        sums[person] += amount
    return {person for person, total in sums.items() if total > 0}


def in_order(rows: Rows, *steps: str) -> set[int]:
    """Those who did the steps one after the other."""
    reached: dict[int, int] = defaultdict(int)
    for row in rows:
        step = reached[row["person_id"]]
        if step < len(steps) and row["event_name"] == steps[step]:
            reached[row["person_id"]] += 1
    return {person for person, step in reached.items() if step == len(steps)}


def days_of(rows: Rows) -> dict[int, set[str]]:
    """The days of each person."""
    days: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        days[row["person_id"]].add(row["timestamp"][:10])
    return days


def new_on_the_last_day(rows: Rows) -> int:
    """How many came on the last of the days on which anybody came for the first time."""
    first = [min(days) for days in days_of(rows).values()]
    return first.count(max(first))


def visitors_with(rows: Rows, browser: str) -> set[int]:
    """Those with a visit whose first event is of a browser."""
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row["session_id"], row)
    return persons([*first.values()], lambda row: row["browser"] == browser)


is_view = named(*PAGE_EVENTS)


def metric(name: str) -> Callable[[Any], Any]:
    """Reads a key metric."""
    return lambda answer: next(one["value"] for one in answer["metrics"] if one["metric"] == name)


def total(answer: Any) -> Any:
    """Reads the total of the only series."""
    return answer["series"][0]["total"]


SALES = {"series": [{"event": "purchase", "metric": "sum", "property": "revenue"}]}
PLANS = {"series": [{"event": None, "metric": "unique_persons"}], "breakdown": {"property": "plan"}}
STEPS = {"steps": [{"event": "opened"}, {"event": "signup"}]}
BUYERS = {"series": [{"event": "purchase", "metric": "unique_persons"}]}


def figures(goal: int) -> list[ScreenFigure]:
    """The figures, of a project with a goal; addresses and questions lack the range."""
    return [*_home(), *_web(), *_trends(), *_other_insights(), *_goals(goal), *_game()]


def _home() -> list[ScreenFigure]:
    """Of Home."""
    keys = ("key-metrics", None)
    return [
        ScreenFigure("", "Users ·", keys, metric("unique_users"), lambda rows: len(persons(rows))),
        ScreenFigure("", "New users ·", keys, metric("new_users"), lambda rows: len(persons(rows))),
        ScreenFigure(
            "", "Sessions ·", keys, metric("unique_sessions"),
            lambda rows: len({row["session_id"] for row in rows}), is_of_persons=False,
        ),
        ScreenFigure(
            "", "Page views ·", keys, metric("page_views"),
            lambda rows: sum(map(is_view, rows)), is_of_persons=False,
        ),
        ScreenFigure("", "Events ·", keys, metric("total_events"), len, is_of_persons=False),
    ]  # fmt: skip


def _web() -> list[ScreenFigure]:
    """Of the Web page, with and without a filter."""
    foxes = '{"property":"browser","operator":"is","value":["Firefox"]}'
    web = ("web/", None)
    return [
        ScreenFigure(
            "web", "Visitors ·", web, lambda answer: answer["totals"]["visitors"],
            lambda rows: len(persons(rows)),
        ),
        ScreenFigure(
            "web?f=browser:is:Firefox", "Visitors ·", (f"web/?filters={foxes}", None),
            lambda answer: answer["totals"]["visitors"],
            lambda rows: len(visitors_with(rows, "Firefox")),
        ),
        ScreenFigure(
            "web", "Visitors · /prices", ("web/page", None),
            lambda answer: next(i["visitors"] for i in answer["items"] if i["value"] == "/prices"),
            lambda rows: len(persons(
                rows, lambda r: is_view(r) and "/prices" in (r["page_url"] or "")
            )),
        ),
        ScreenFigure(
            "web", "Visitors · Firefox", ("web/browser", None),
            lambda answer: next(i["visitors"] for i in answer["items"] if i["value"] == "Firefox"),
            lambda rows: len(visitors_with(rows, "Firefox")),
        ),
    ]  # fmt: skip


def _trends() -> list[ScreenFigure]:
    """Of trends."""
    return [
        ScreenFigure(
            "explore/trends", "Users behind", ("insights/trends", SALES), total,
            lambda rows: float(sum(
                number(r["properties"].get("revenue")) or 0 for r in filter(named("purchase"), rows)
            )), is_of_persons=False,
        ),
        ScreenFigure(
            "explore/trends", "Users behind purchase", ("insights/trends", BUYERS), total,
            lambda rows: len(persons(rows, named("purchase"))),
        ),
        ScreenFigure(
            "explore/trends?chart=bars", "Users behind 10:", ("insights/trends", PLANS),
            lambda answer: next(s["total"] for s in answer["series"] if s["breakdown"] == "10"),
            lambda rows: len(persons(rows, lambda r: text(r["properties"].get("plan")) == "10")),
        ),
    ]  # fmt: skip


def _other_insights() -> list[ScreenFigure]:
    """Of the other kinds of insight."""
    return [
        ScreenFigure(
            "explore/funnel", "Users who reached signup", ("insights/funnel", STEPS),
            lambda answer: answer["steps"][1]["persons"],
            lambda rows: len(in_order(rows, "opened", "signup")),
        ),
        ScreenFigure(
            "explore/retention", "Users of the cohort All", ("insights/retention", {}),
            lambda answer: sum(one["size"] for one in answer["cohorts"]),
            lambda rows: len(persons(rows)),
        ),
        ScreenFigure(
            "explore/lifecycle", "Users behind New ·", ("insights/lifecycle", {}),
            lambda answer: [value for value in answer["series"][0]["values"] if value][-1],
            new_on_the_last_day, as_table=True,
        ),
        ScreenFigure(
            "explore/stickiness", "Users behind Any event · 4 days",
            ("insights/stickiness", {"series": [{"event": None}]}),
            lambda answer: answer["series"][0]["values"][3],
            lambda rows: sum(len(days) == 4 for days in days_of(rows).values()), as_table=True,
        ),
    ]  # fmt: skip


def _goals(goal: int) -> list[ScreenFigure]:
    """Of Goals."""
    goals = ("goals/report", None)
    return [
        ScreenFigure(
            "goals", "Visitors who reached Sign-up", goals,
            lambda answer: next(i["visitors"] for i in answer["items"] if i["id"] == goal),
            lambda rows: len(persons(rows, named("signup"))),
        ),
    ]  # fmt: skip


def _game() -> list[ScreenFigure]:
    """Of Game."""
    return [
        ScreenFigure(
            "game/monetization", "Payers:", ("insights/revenue", {"currency": "EUR"}),
            lambda answer: answer["payers"], lambda rows: len(paying(rows)),
        ),
        ScreenFigure(
            "game/monetization", "Revenue:", ("insights/revenue", {"currency": "EUR"}),
            lambda answer: answer["revenue"],
            lambda rows: float(sum(amount for _, amount in euros(rows))), is_of_persons=False,
        ),
        ScreenFigure(
            "game/progression", "north · Users", ("insights/game", {}),
            lambda answer: next(
                one["persons"] for one in answer["progression"] if one["level"] == "north"
            ),
            lambda rows: len(persons(
                rows, lambda r: r["properties"].get("progression01") == "north"
            )),
        ),
        ScreenFigure(
            "game/economy", "gold · gem", ("insights/game", {}),
            lambda answer: answer["resources"][0]["persons"],
            lambda rows: len(persons(rows, named("resource"))),
        ),
    ]  # fmt: skip
