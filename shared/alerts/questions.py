"""What an evaluation asks, and the values in the answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.alerts.definition import AlertDefinition
from shared.alerts.instants import Window
from shared.alerts.watches.registry import watch_kind_of
from shared.alerts.watches.watch_kind import Answer, Reading, Readings

_RANGE_FIELDS = ("period", "from", "to", "compare", "interval")


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
class Earlier:
    """What an earlier window had."""

    readings: Sequence[Reading]
    is_whole: bool = True
    """Whether a row that is not among them had nothing."""
    shown: Sequence[Reading] = ()
    """Of any row: those that the insight showed."""

    def of_row(self, row: str | None) -> float | None:
        """Return the value of a row: 0 where it had none; None: it is not known."""
        found = (one.value for one in self.readings if one.row == row)
        return next(found, 0.0 if self.is_whole else None)


def question_of(definition: AlertDefinition, window: Window) -> Question:
    """Return what an evaluation asks about one of its windows."""
    watching = watch_kind_of(definition)
    query = {name: value for name, value in definition.query.items() if name not in _RANGE_FIELDS}
    kind = watching.question or definition.kind or ""
    return Question(kind, json.dumps(watching.ask(definition, query), sort_keys=True), window)


def read_values(definition: AlertDefinition, answer: Answer) -> list[Reading] | None:
    """Return the values of an answer that an alert watches: one, or those of the insight's rows.

    None: the answer cannot tell. Retention has removed events that it needs, the value divides by
    nothing, or the row is beyond those that an answer has.
    """
    found = _read(definition, answer)
    if found is not None and definition.watch.any_row:
        return _shown(definition, found)
    return _if_complete(found)


def read_earlier_values(definition: AlertDefinition, answer: Answer) -> Earlier | None:
    """Return the values of an earlier window: of many rows all that the answer has.

    So a row that was further down then is known. None: as of ``read_values``.
    """
    found = _read(definition, answer)
    if found is not None and definition.watch.any_row:
        known = [one for one in found if one is not None]
        has_more = watch_kind_of(definition).has_more(definition, answer)
        return Earlier(known, is_whole=not has_more, shown=_shown(definition, found))
    known_or_none = _if_complete(found)
    return None if known_or_none is None else Earlier(known_or_none)


def read_vanished(
    definition: AlertDefinition, answer: Answer, earlier: Sequence[Earlier | None]
) -> Iterator[Reading]:
    """Yield what rows have now that the insight showed in an earlier period and shows no more.

    That is 0 where the answer has all rows. A row whose value is not known is left out.
    """
    now = read_earlier_values(definition, answer)
    if now is None:
        return
    seen = {one.row for one in now.shown}
    for row in (one.row for period in earlier if period is not None for one in period.shown):
        value = None if row in seen else now.of_row(row)
        seen.add(row)
        if value is not None:
            yield Reading(value, abs(value), row)


def _read(definition: AlertDefinition, answer: Answer) -> Readings | None:
    if answer.get("expired"):
        return None
    return watch_kind_of(definition).read(definition, answer)


def _shown(definition: AlertDefinition, found: Readings) -> list[Reading]:
    limit = watch_kind_of(definition).shown_rows(definition)
    return [one for one in found[:limit] if one is not None]


def _if_complete(found: Readings | None) -> list[Reading] | None:
    known = [one for one in found or () if one is not None]
    return known if found is not None and len(known) == len(found) else None


def is_known(window: Window, first_event: datetime | None) -> bool:
    """Return whether a project had events by the start of a window, so that a 0 means none."""
    return first_event is not None and window.start >= first_event
