"""What an evaluation asks, and the values in the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.alerts.definition import AlertDefinition
from shared.alerts.instants import DAY_MINUTES, Window

INGESTION = "ingestion"
"""The kind of the question about received events, beside those of insights."""
MAX_ROWS = 100
"""Rows of a breakdown among which one is looked for."""
DEFAULT_ROWS = 10
"""Rows of a breakdown that says nothing of how many."""
_RANGE_FIELDS = ("period", "from", "to", "compare", "interval")
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a project. Equal ones are asked once."""

    kind: str
    query: str
    """The body without its range, as JSON with sorted keys."""
    window: Window

    @property
    def body(self) -> dict[str, Any]:
        """The body with its range."""
        window = self.window
        return {
            **json.loads(self.query),
            "from": window.start.isoformat(),
            "to": window.end.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """A value that was read, and of how many events or persons it is."""

    value: float
    sample: float
    row: str | None = None
    """Of a breakdown: the value of the property."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier window had."""

    readings: Sequence[Reading]
    is_whole: bool = True
    """Whether a row that is not among them had nothing."""

    def of_row(self, row: str | None) -> float | None:
        """Return the value of a row: 0 where it had none; None: it is not known."""
        found = (one.value for one in self.readings if one.row == row)
        return next(found, 0.0 if self.is_whole else None)


def question_of(definition: AlertDefinition, window: Window) -> Question:
    """Return what an evaluation asks about one of its windows."""
    if definition.watch.kind in {"lag", "errors"}:
        return Question(INGESTION, "{}", window)
    kind, query = definition.kind, dict(definition.query)
    if definition.watch.kind == "silence":
        kind, query = "trends", {"series": [{}]}
    for name in _RANGE_FIELDS:
        query.pop(name, None)
    if kind == "trends":
        # Only the total is read: as few intervals as there can be.
        query["interval"] = "day" if definition.window_minutes >= DAY_MINUTES else "hour"
    if kind == "retention":
        query["interval"] = definition.query.get("interval") or "day"
    if query.get("breakdown"):
        query["breakdown"] = {**query["breakdown"], "limit": MAX_ROWS}
    return Question(kind or "", json.dumps(query, sort_keys=True), window)


def read_values(definition: AlertDefinition, answer: Answer) -> list[Reading] | None:
    """Return the values of an answer that an alert watches: one, or those of the insight's rows.

    None: the answer cannot tell. Retention has removed events that it needs, the value divides by
    nothing, or the row is beyond the ``MAX_ROWS`` most frequent ones.
    """
    found = _read(definition, answer)
    if found is not None and definition.watch.any_row:
        shown = found[: definition.query["breakdown"].get("limit", DEFAULT_ROWS)]
        return [one for one in shown if one is not None]
    return _if_complete(found)


def read_earlier_values(definition: AlertDefinition, answer: Answer) -> Earlier | None:
    """Return the values of an earlier window: of many rows all that the answer has.

    So a row that was further down then is known. None: as of ``read_values``.
    """
    found = _read(definition, answer)
    if found is not None and definition.watch.any_row:
        known = [one for one in found if one is not None]
        return Earlier(known, is_whole=not _has_more(definition, answer))
    known_or_none = _if_complete(found)
    return None if known_or_none is None else Earlier(known_or_none)


def _read(definition: AlertDefinition, answer: Answer) -> Sequence[Reading | None] | None:
    if answer.get("expired"):
        return None
    return _READERS[definition.watch.kind](definition, answer)


def _if_complete(found: Sequence[Reading | None] | None) -> list[Reading] | None:
    known = [one for one in found or () if one is not None]
    return known if found is not None and len(known) == len(found) else None


def _has_more(definition: AlertDefinition, answer: Answer) -> bool:
    """Return whether a row that the answer lacks may have another value than 0."""
    others = any(one.get("is_other") for one in answer.get("series", ()))
    return others or bool(answer.get("has_more")) or bool(definition.query.get("formula"))


def _series(definition: AlertDefinition, answer: Answer) -> Sequence[Reading | None]:
    watch, query = definition.watch, definition.query
    found: Sequence[Mapping[str, Any]] = answer["series"]
    if not query.get("breakdown"):
        return [_number(found[watch.index]["total"])]
    lines = 1 if query.get("formula") else len(query["series"])
    rows = [one for one in found[watch.index :: lines] if not one.get("is_other")]
    if watch.any_row:
        return [_number(one["total"], one["breakdown"]) for one in rows]
    named = [one["total"] for one in rows if one["breakdown"] == watch.value]
    return [_named(named, watch.value, has_more=_has_more(definition, answer))]


def _named(found: Sequence[float | None], row: str | None, *, has_more: bool) -> Reading | None:
    if found:
        return _number(found[0], row)
    return None if has_more else _number(0, row)


def _number(value: float | None, row: str | None = None) -> Reading | None:
    return None if value is None else Reading(float(value), abs(float(value)), row)


def _step(definition: AlertDefinition, answer: Answer) -> Sequence[Reading | None]:
    steps, watch = answer["steps"], definition.watch
    base = 0 if watch.measure == "conversion" else watch.index - 1
    persons = steps[base]["persons"]
    return [Reading(steps[watch.index]["persons"] / persons, persons) if persons else None]


def _cell(definition: AlertDefinition, answer: Answer) -> Sequence[Reading | None]:
    cohort = answer["cohorts"][0] if answer["cohorts"] else None
    if cohort is None or not cohort["size"] or len(cohort["returned"]) <= definition.watch.index:
        return [None]
    size = cohort["size"]
    return [Reading(cohort["returned"][definition.watch.index] / size, size)]


def _row(definition: AlertDefinition, answer: Answer) -> Sequence[Reading | None]:
    watch, items = definition.watch, answer["items"]
    if watch.any_row:
        return [_number(one[watch.measure], one["value"]) for one in items]
    named = [one[watch.measure] for one in items if one["value"] == watch.value]
    return [_named(named, watch.value, has_more=_has_more(definition, answer))]


def _silence(_definition: AlertDefinition, answer: Answer) -> Sequence[Reading | None]:
    return [_number(answer["series"][0]["total"])]


def _lag(_definition: AlertDefinition, answer: Answer) -> Sequence[Reading | None]:
    stored = answer["stored"]
    return [Reading(answer["max_wait_seconds"], stored) if stored else None]


def _errors(_definition: AlertDefinition, answer: Answer) -> Sequence[Reading | None]:
    received = answer["received"]
    return [Reading(answer["failed"] / received, received) if received else None]


_READERS = {
    "series": _series,
    "step": _step,
    "cell": _cell,
    "row": _row,
    "silence": _silence,
    "lag": _lag,
    "errors": _errors,
}


def is_known(window: Window, first_event: datetime | None) -> bool:
    """Return whether a project had events by the start of a window, so that a 0 means none."""
    return first_event is not None and window.start >= first_event
