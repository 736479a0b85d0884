"""What a tile of a report shows: its main figures, its tables and what its picture is drawn from.

The values are those of the answer of the query service. Nothing is computed here but the number of
rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

_MAX_HEADLINES = 4
Unit = Literal["text", "time", "number", "share", "seconds", "amount"]
Cell = str | int | float | None
Answer = Mapping[str, Any]
Texts = Mapping[str, str]
"""The words of the product in a language, by key (``texts.py``)."""


@dataclass(frozen=True, slots=True)
class Headline:
    """One of the main figures of a tile."""

    label: str
    value: Cell
    unit: Unit = "number"
    previous: Cell = None
    """Of the period before; None: it was not asked for, or there was nothing to average."""
    has_previous: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    label: str
    unit: Unit = "number"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of figures; all of them are in the CSV file."""

    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    is_shown: bool = True
    """Whether the mail shows it, too."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines over time."""

    starts: Sequence[str]
    lines: Sequence[Sequence[float | None]]


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar for each row of the first table, in its order."""

    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Grid:
    """Shares from 0 to 1, row by row; rows may be shorter than the first."""

    rows: Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a tile shows of its answer."""

    headlines: Sequence[Headline] = ()
    tables: Sequence[Table] = ()
    picture: Lines | Bars | Grid | None = None
    currency: str | None = None
    """Of amounts; None: they have none, or there are none."""


def figures_of(kind: str, answer: Answer, t: Texts) -> Figures:
    """Return what a tile shows of the answer to an insight of a kind, in a language."""
    return _READERS[kind](answer, t)


def _trends(answer: Answer, t: Texts) -> Figures:
    series, previous = answer["series"], answer.get("previous")
    names = [_series_name(one, t) for one in series]
    before = [one["total"] for one in previous] if previous else [None] * len(series)
    headlines = [
        Headline(name, one["total"], "number", earlier, previous is not None)
        for name, one, earlier in zip(names, series, before, strict=True)
    ]
    totals = Table(
        (Column(t["series"], "text"), Column(t["total"]), Column(t["previous"])),
        [
            (name, one["total"], earlier)
            for name, one, earlier in zip(names, series, before, strict=True)
        ],
        is_shown=len(series) > 1,
    )
    few = headlines if len(series) <= _MAX_HEADLINES else ()
    return Figures(few, (totals, _by_time(names, series, t)), _lines(series))


def _series_name(series: Answer, t: Texts) -> str:
    if "is_other" not in series:
        return str(series["label"])
    value = t["other"] if series["is_other"] else _shown(series["breakdown"], t)
    return f"{series['label']}: {value}"


def _by_time(names: Sequence[str], series: Sequence[Answer], t: Texts) -> Table:
    return Table(
        (Column(t["series"], "text"), Column(t["time"], "time"), Column(t["value"])),
        [
            (name, start, value)
            for name, one in zip(names, series, strict=True)
            for start, value in zip(one["dates"], one["values"], strict=True)
        ],
        is_shown=False,
    )


def _lines(series: Sequence[Answer]) -> Lines | None:
    if not series:
        return None
    return Lines(series[0]["dates"], [one["values"] for one in series])


def _funnel(answer: Answer, t: Texts) -> Figures:
    steps = answer["steps"]
    table = Table(
        (
            Column(t["step"], "text"),
            Column(t["users"]),
            Column(t["conversion"], "share"),
            Column(t["from_previous"], "share"),
            Column(t["median_time"], "seconds"),
        ),
        [
            (
                f"{number}. {step['label']}",
                step["persons"],
                step["conversion"],
                step["from_previous"],
                step["median_seconds"],
            )
            for number, step in enumerate(steps, 1)
        ],
    )
    values = Table(
        (Column(t["value"], "text"), Column(t["step"], "text"), Column(t["users"])),
        [
            (_value(row, t), f"{number}. {step['label']}", step["persons"])
            for row in answer["breakdown"]
            for number, step in enumerate(row["steps"], 1)
        ],
        is_shown=False,
    )
    headlines = (
        Headline(t["conversion"], steps[-1]["conversion"], "share"),
        Headline(t["completed"], steps[-1]["persons"]),
    )
    return Figures(headlines, (table, values), Bars([step["persons"] for step in steps]))


def _value(row: Answer, t: Texts) -> str:
    return t["other"] if row["is_other"] else _shown(row["value"], t)


def _shown(value: str | None, t: Texts) -> str:
    """Tell a value that is not set from the empty text."""
    return t["none"] if value is None else value or t["empty_text"]


def _retention(answer: Answer, t: Texts) -> Figures:
    cohorts = answer["cohorts"]
    columns = max((len(cohort["returned"]) for cohort in cohorts), default=0)
    table = Table(
        (
            Column(t["began"], "time"),
            Column(t["users"]),
            *(Column(f"+{number}") for number in range(1, columns)),
        ),
        [
            (
                cohort["date"],
                cohort["size"],
                *cohort["returned"][1:],
                *[None] * (columns - len(cohort["returned"])),
            )
            for cohort in cohorts
        ],
    )
    shares = [
        [returned / cohort["size"] if cohort["size"] else 0.0 for returned in cohort["returned"]]
        for cohort in cohorts
    ]
    return Figures((), (table,), Grid(shares) if columns else None)


def _paths(answer: Answer, t: Texts) -> Figures:
    table = Table(
        (
            Column(t["from"], "text"),
            Column(t["to"], "text"),
            Column(t["visits"]),
            Column(t["users"]),
        ),
        [
            (
                f"{edge['step']}. {edge['source'] or t['other']}",
                edge["target"] or t["other"],
                edge["count"],
                edge["persons"],
            )
            for edge in answer["edges"]
        ],
    )
    bars = Bars([edge["count"] for edge in answer["edges"]])
    return Figures((Headline(t["visits"], answer["visits"]),), (table,), bars)


def _lifecycle(answer: Answer, t: Texts) -> Figures:
    series = answer["series"]
    names = [t[one["label"]] for one in series]
    table = Table(
        (Column(t["state"], "text"), Column(t["users"])),
        [(name, one["total"]) for name, one in zip(names, series, strict=True)],
    )
    return Figures((), (table, _by_time(names, series, t)), _lines(series))


def _stickiness(answer: Answer, t: Texts) -> Figures:
    series = answer["series"]
    table = Table(
        (
            Column(t["series"], "text"),
            Column(t["intervals"]),
            Column(t["users"]),
            Column(t["at_least"]),
        ),
        [
            (one["label"], number, exactly, at_least)
            for one in series
            for number, (exactly, at_least) in enumerate(
                zip(one["values"], one["at_least"], strict=True), 1
            )
        ],
        is_shown=len(series) == 1,
    )
    totals = [Headline(one["label"], one["total"]) for one in series]
    return Figures(totals, (table,), Bars(series[0]["values"]) if series else None)


def _breakdown(answer: Answer, t: Texts) -> Figures:
    table = Table(
        (
            Column(t["value"], "text"),
            Column(t["events"]),
            Column(t["users"]),
            Column(t["share"], "share"),
        ),
        [
            (_shown(item["value"], t), item["events"], item["persons"], item["share"])
            for item in answer["items"]
        ],
    )
    headlines = (
        Headline(t["events"], answer["total_events"]),
        Headline(t["users"], answer["total_persons"]),
    )
    return Figures(headlines, (table,), Bars([item["events"] for item in answer["items"]]))


_SESSION_MEASURES: tuple[tuple[str, str, Unit], ...] = (
    ("sessions", "sessions", "number"),
    ("users", "persons", "number"),
    ("events_per_session", "events_per_session", "number"),
    ("average_time", "average_seconds", "seconds"),
    ("median_time", "median_seconds", "seconds"),
    ("bounce_rate", "bounce_rate", "share"),
)
_REVENUE_MEASURES: tuple[tuple[str, str, Unit], ...] = (
    ("revenue", "revenue", "amount"),
    ("purchases", "purchases", "number"),
    ("refunded", "refunded", "amount"),
    ("payers", "payers", "number"),
    ("active_users", "active", "number"),
    ("per_active", "per_active", "amount"),
    ("per_payer", "per_payer", "amount"),
)


def _measured(
    answer: Answer,
    t: Texts,
    measures: Sequence[tuple[str, str, Unit]],
    currency: str | None = None,
) -> Figures:
    """Return the figures of an answer that has the same measures in total and by interval."""
    by_time = Table(
        (Column(t["time"], "time"), *(Column(t[label], unit) for label, _, unit in measures)),
        [(row["date"], *(row[name] for _, name, _ in measures)) for row in answer["series"]],
        is_shown=False,
    )
    return Figures(
        [Headline(t[label], answer[name], unit) for label, name, unit in measures],
        (by_time,),
        Lines(
            [row["date"] for row in answer["series"]],
            [[row[measures[0][1]] for row in answer["series"]]],
        ),
        currency,
    )


def _sessions(answer: Answer, t: Texts) -> Figures:
    return _measured(answer, t, _SESSION_MEASURES)


def _revenue(answer: Answer, t: Texts) -> Figures:
    return _measured(answer, t, _REVENUE_MEASURES, answer["currency"])


def _game(answer: Answer, t: Texts) -> Figures:
    levels = Table(
        (
            Column(t["level"], "text"),
            Column(t["starts"]),
            Column(t["fails"]),
            Column(t["completes"]),
            Column(t["users"]),
        ),
        [
            (one["level"], one["starts"], one["fails"], one["completes"], one["persons"])
            for one in answer["progression"]
        ],
    )
    resources = Table(
        (
            Column(t["currency"], "text"),
            Column(t["item"], "text"),
            Column(t["gained"]),
            Column(t["spent"]),
            Column(t["users"]),
        ),
        [
            (
                _shown(one["currency"], t),
                _shown(one["item"], t),
                one["source"],
                one["sink"],
                one["persons"],
            )
            for one in answer["resources"]
        ],
    )
    headlines = (
        Headline(t["daily_active"], answer["daily_active_average"]),
        Headline(t["sessions"], answer["sessions"]),
        Headline(t["average_time"], answer["average_session_seconds"], "seconds"),
        *(Headline(t[f"day_{one['day']}"], one["rate"], "share") for one in answer["retention"]),
    )
    picture = Bars([one["starts"] for one in answer["progression"]]) if levels.rows else None
    return Figures(headlines, (levels, resources), picture)


_READERS: Mapping[str, Callable[[Answer, Texts], Figures]] = {
    "trends": _trends,
    "funnel": _funnel,
    "retention": _retention,
    "paths": _paths,
    "lifecycle": _lifecycle,
    "stickiness": _stickiness,
    "breakdown": _breakdown,
    "sessions": _sessions,
    "revenue": _revenue,
    "game": _game,
}
