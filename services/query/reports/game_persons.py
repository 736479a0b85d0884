"""The persons behind a row of a game's metrics: of a level, or of a resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from sqlalchemy import ColumnElement, func

from services.query.execution.context import open_query
from services.query.execution.figure import Figure, FoundPersons, PersonsPage, found
from services.query.parsing.request import QueryRequest
from services.query.reports.game import GamePlan, GameRequest, level_name, parse_game
from services.query.sources.event_columns import event_text
from services.query.sources.persons_of_rows import persons_of_events
from shared.models import Event
from shared.requests import Param

STATUSES = ("start", "fail", "complete")


class GamePersonsRequest(GameRequest, PersonsPage):
    """A query of game metrics, and a row of the levels or the resources."""

    table: Annotated[Literal["progression", "resources"], Param(default="progression")]
    level: Annotated[str, Param("Of the progression.", default="", maximum=32_768)]
    status: Annotated[
        str | None, Param("Of the progression. Null: any.", default=None, choices=STATUSES)
    ]
    currency: Annotated[str | None, Param("Of a resource.", default=None, maximum=32_768)]
    item: Annotated[str | None, Param("Of a resource.", default=None, maximum=32_768)]


@dataclass(frozen=True, slots=True)
class GamePersonsPlan:
    """Which row of which game metrics."""

    game: GamePlan
    table: Literal["progression", "resources"]
    level: str
    status: str | None
    currency: str | None
    item: str | None


def parse_game_persons(request: QueryRequest[GamePersonsRequest]) -> GamePersonsPlan:
    """Parse a request for the persons behind a row of a game's metrics."""
    data = request.data
    return GamePersonsPlan(
        parse_game(request),
        data["table"],
        data["level"],
        data["status"],
        data["currency"],
        data["item"],
    )


def run_game_persons(plan: GamePersonsPlan) -> FoundPersons:
    """Return the persons with an event of the row."""
    if plan.table == "progression":
        tests = [Event.event_name == plan.game.progression_event, level_name() == plan.level]
        if plan.status is not None:
            tests.append(func.lower(event_text("status")) == plan.status)
    else:
        tests = [
            Event.event_name == plan.game.resource_event,
            _is(event_text("properties.currency"), plan.currency),
            _is(event_text("item"), plan.item),
        ]
    with open_query(plan.game.query) as context:
        return found(context.meta, persons_of_events(context, tests))


GAME_PERSONS = Figure("game", GamePersonsRequest, parse_game_persons, run_game_persons)


def _is(text: ColumnElement[str], value: str | None) -> ColumnElement[bool]:
    return text.is_(None) if value is None else text == value
