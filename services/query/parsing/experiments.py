"""An experiment as a query: who was exposed to which variant, and what is counted of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.query.parsing.errors import invalid_field
from services.query.parsing.events import EventQuery, EventSelector, parse_event_selector
from services.query.parsing.time_range import TimeRange

METRIC_KINDS = ("conversion", "count", "sum", "mean", "ratio", "retention")
METRIC_ROLES = ("primary", "secondary", "guardrail")
WORSE = ("lower", "higher")
COVARIATE_TIME = timedelta(days=14)
"""How long before the first exposure the covariate of CUPED is counted."""
_ADJUSTED = frozenset({"conversion", "count", "sum", "mean"})


@dataclass(frozen=True, slots=True)
class ExperimentMetric:
    """What is counted of each person from the first exposure on."""

    name: str
    kind: str
    """One of ``METRIC_KINDS``."""
    role: str
    """One of ``METRIC_ROLES``."""
    selector: EventSelector
    value_property: str | None = None
    """Whose values are added up; None: events are counted."""
    cap: float | None = None
    """The largest value of a person, of a mean."""
    denominator: EventSelector | None = None
    denominator_property: str | None = None
    from_day: int = 0
    """Of retention: 24 hours times this after the first exposure it begins."""
    to_day: int = 0
    """Of retention: 24 hours times this after the first exposure it ends."""
    worse: str = "lower"
    """One of ``WORSE``: which values are worse, such as higher ones of a number of crashes."""

    @property
    def is_share(self) -> bool:
        """Whether the value of a person is 0 or 1."""
        return self.kind in {"conversion", "retention"}

    @property
    def is_adjusted(self) -> bool:
        """Whether what persons did before the first exposure is a covariate."""
        return self.kind in _ADJUSTED


@dataclass(frozen=True, slots=True)
class ExperimentPlan:
    """Whose events count in an experiment, and how."""

    query: EventQuery
    """From the start of the experiment to its end, or the end of today."""
    flag_key: str
    variants: tuple[tuple[str, float], ...]
    """Keys with planned shares; the first is the control."""
    metrics: tuple[ExperimentMetric, ...]
    planned_sample: int
    until: datetime
    """Retention counts persons whose time ended before it."""

    @property
    def keys(self) -> list[str]:
        """The keys of the variants, the control first."""
        return [key for key, _ in self.variants]

    @property
    def with_history(self) -> TimeRange:
        """The range of all events that are read."""
        span = self.query.time_range
        return TimeRange(span.start - COVARIATE_TIME, span.end, span.zone)


def parse_metrics(raw: Sequence[Mapping[str, Any]]) -> tuple[ExperimentMetric, ...]:
    """Parse the metrics of an experiment, as its schema loaded them.

    Raises:
        Unprocessable: names the invalid field.
    """
    return tuple(_metric(one, f"metrics.{number}") for number, one in enumerate(raw))


def _metric(raw: Mapping[str, Any], field: str) -> ExperimentMetric:
    kind, prop, cap = raw["kind"], raw.get("value_property"), raw.get("cap")
    first, last = raw.get("from_day"), raw.get("to_day")
    if kind in {"sum", "mean"} and prop is None:
        raise invalid_field(
            f"{field}.value_property", f"Name the property whose {kind} is measured."
        )
    if (cap is not None) != (kind == "mean"):
        raise invalid_field(f"{field}.cap", "A mean needs a cap; other kinds have none.")
    if (raw.get("denominator") is not None) != (kind == "ratio"):
        raise invalid_field(
            f"{field}.denominator", "A ratio needs a denominator; other kinds have none."
        )
    if kind == "retention" and (first is None or last is None or last <= first):
        raise invalid_field(
            f"{field}.to_day", "Retention needs from_day, and a to_day that is larger."
        )
    below = raw.get("denominator")
    return ExperimentMetric(
        raw["name"],
        kind,
        raw.get("role", "primary"),
        parse_event_selector(_selector(raw), field),
        prop,
        cap,
        None if below is None else parse_event_selector(_selector(below), f"{field}.denominator"),
        None if below is None else below.get("value_property"),
        first or 0,
        last or 0,
        raw.get("worse", "lower"),
    )


def _selector(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {"event": raw["event"], "filters": raw.get("filters")}
