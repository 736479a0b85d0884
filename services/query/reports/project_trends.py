"""Trends of several projects: a line for each of them, or their sum."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from services.query.execution.responses import IntervalName
from services.query.parsing.errors import invalid_field
from services.query.parsing.filters import ID_SCOPES, filter_conditions, parse_filter
from services.query.parsing.insight_request import (
    COMBINE_PROJECTS,
    MAX_PROJECTS,
    MAX_SERIES,
    IntervalRequest,
)
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import interval_starts
from services.query.reports import trends
from services.query.sources.series import METRICS, Number
from shared.requests import Param
from shared.responses import Doc, Timestamp

SUMMABLE_METRICS = frozenset({"count", "unique_persons", "unique_sessions", "sum"})
"""Averages and extremes of projects do not add up."""


class ProjectTrendsRequest(IntervalRequest):
    """A trends query for several projects. Days are days of the time zone of the path's project."""

    series: Annotated[list[trends.SeriesRequest], Param(minimum=1, maximum=MAX_SERIES)]
    project_ids: Annotated[list[int], Param(minimum=1, maximum=MAX_PROJECTS)]
    combine: Annotated[
        str,
        Param(
            "One line for each project, or the sum of them.",
            default="lines",
            choices=COMBINE_PROJECTS,
        ),
    ]


@dataclass(frozen=True, slots=True)
class AskedProject:
    """A project that the caller may read."""

    id: int
    name: str
    timezone: str


@dataclass(frozen=True, slots=True)
class MissingProject:
    """A project that the answer lacks."""

    project_id: int
    name: Annotated[str | None, Doc("null: the caller may not see the project.")]
    reason: Annotated[
        Literal["no_access", "other_timezone"],
        Doc(
            "no_access: there is no such project, or the caller is not a member of it; "
            "other_timezone: its days are not those of the other projects."
        ),
    ]


@dataclass(frozen=True, slots=True)
class ProjectTrendsLine:
    """A series of one project, or of all of them together."""

    project_id: Annotated[int | None, Doc("null: the sum of all projects of the answer.")]
    project: Annotated[str | None, Doc("Name of the project; null: the sum.")]
    label: str
    event: Annotated[str | None, Doc("Null: any event.")]
    metric: Annotated[str, Doc(choices=METRICS)]
    values: Annotated[
        list[Number], Doc("One for each interval; null: there was nothing to average.")
    ]
    total: Annotated[
        Number,
        Doc(
            "Over the whole range. Persons and sessions belong to one project: in a sum, somebody "
            "who is in two of them counts twice."
        ),
    ]


@dataclass(frozen=True, slots=True)
class ProjectTrendsResponse:
    """Series over time, of several projects."""

    from_: Annotated[Timestamp, Doc("Start of the range.")]
    to: Annotated[Timestamp, Doc("End of the range, which is not part of it.")]
    timezone: Annotated[str, Doc("IANA name of the time zone of all projects of the answer.")]
    interval: IntervalName
    took_ms: Annotated[float, Doc("Milliseconds that answering took.")]
    as_of: Annotated[
        Timestamp | None,
        Doc("The answer has every event that was stored by this time; null: no project is in it."),
    ]
    dates: Annotated[list[Timestamp], Doc("Start of each interval.")]
    lines: list[ProjectTrendsLine]
    missing: Annotated[list[MissingProject], Doc("Projects that were asked for and left out.")]


def run_project_trends(
    zone: str,
    now: datetime,
    data: dict[str, Any],
    readable: Mapping[int, AskedProject],
) -> ProjectTrendsResponse:
    """Ask the same of each project, in the order of the request.

    Each project answers as it does on its own, from its own cache and in its own slot.

    Args:
        zone: IANA name; projects of other zones are left out, because their days differ.
        now: of all answers.
        data: the request, as its schema loaded it.
        readable: those of the requested projects that the caller may read, by id.

    Raises:
        Unprocessable: names the invalid field.
        Unavailable: too many queries of a project are running.
    """
    began = time.perf_counter()
    _check(data)
    request = QueryRequest(0, zone, now, data)
    time_range = request.time_range()
    interval = request.interval(time_range)
    dates = [start.isoformat() for start in interval_starts(time_range, interval)]
    asked = list(dict.fromkeys(data["project_ids"]))
    missing = [one for one in (_missing(id_, readable, zone) for id_ in asked) if one is not None]
    left_out = {one.project_id for one in missing}
    lines: list[ProjectTrendsLine] = []
    as_of: list[str] = []
    question = {**data, "interval": interval, "breakdown": None, "formula": None, "compare": False}
    for project in (readable[id_] for id_ in asked if id_ not in left_out):
        answer = trends.INSIGHT.answer(QueryRequest(project.id, zone, now, question))
        as_of.append(answer["as_of"])
        lines += [_line(project, series, dates) for series in answer["series"]]
    if data["combine"] == "sum":
        lines = _sums(lines, len(data["series"]))
    return ProjectTrendsResponse(
        from_=time_range.start.isoformat(),
        to=time_range.end.isoformat(),
        timezone=zone,
        interval=interval,
        took_ms=round((time.perf_counter() - began) * 1000, 1),
        as_of=min(as_of, default=None),
        dates=dates,
        lines=lines,
        missing=missing,
    )


def _check(data: dict[str, Any]) -> None:
    """Refuse what has no meaning over several projects."""
    raws = [("filters", data["filters"])]
    for index, series in enumerate(data["series"]):
        raws.append((f"series.{index}.filters", series["filters"]))
        if data["combine"] == "sum" and series["metric"] not in SUMMABLE_METRICS:
            raise invalid_field(
                f"series.{index}.metric",
                f"{series['metric']} of several projects cannot be added up. Use combine=lines.",
            )
    for field, raw in raws:
        for condition in filter_conditions(parse_filter(raw, field)):
            if condition.scope in ID_SCOPES:
                raise invalid_field(
                    f"{condition.field}.value",
                    f"A {condition.scope} belongs to one project. Use conditions on events.",
                )


def _missing(
    project_id: int, readable: Mapping[int, AskedProject], zone: str
) -> MissingProject | None:
    project = readable.get(project_id)
    if project is None:
        return MissingProject(project_id, None, "no_access")
    if project.timezone != zone:
        return MissingProject(project_id, project.name, "other_timezone")
    return None


def _line(
    project: AskedProject, series: Mapping[str, Any], dates: Sequence[str]
) -> ProjectTrendsLine:
    # By date: a cached answer may have been computed before the last interval began.
    by_date = dict(zip(series["dates"], series["values"], strict=True))
    return ProjectTrendsLine(
        project_id=project.id,
        project=project.name,
        label=series["label"],
        event=series["event"],
        metric=series["metric"],
        values=[by_date.get(date) for date in dates],
        total=series["total"],
    )


def _sums(lines: Sequence[ProjectTrendsLine], count: int) -> list[ProjectTrendsLine]:
    """Add up the lines of each series; every project has as many, in the same order."""
    sums = []
    for index in range(min(count, len(lines))):
        parts = lines[index::count]
        sums.append(
            ProjectTrendsLine(
                project_id=None,
                project=None,
                label=parts[0].label,
                event=parts[0].event,
                metric=parts[0].metric,
                values=[
                    sum(value or 0 for value in column)
                    for column in zip(*(part.values for part in parts), strict=True)
                ],
                total=sum(part.total or 0 for part in parts),
            )
        )
    return sums
