"""Lifecycle: each interval's persons as new, returning or resurrecting, and those who left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np

from services.query.questions import Pick, Scope, intervals
from services.query.ranges import Range
from services.query.reading import Answer, reading
from services.query.reports.activity import active, first_of_each, seen_before

STATES = ("new", "returning", "resurrecting", "dormant")


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The question: about any event, or one."""

    scope: Scope
    pick: Pick
    interval: str


def lifecycle(plan: Lifecycle) -> dict[str, Any]:
    """Persons by interval and state.

    new: never active before. returning: active in the interval before. resurrecting: active
    before that, but not then. dormant (negative): active in the interval before, not in this one.
    """
    answer = Answer(plan.scope.span)
    answer.took_from("raw")
    starts = intervals(plan.scope.span, plan.interval)
    # The interval before the first one decides who returns, and who went dormant, in the first.
    before = intervals(
        Range(starts[0] - timedelta(seconds=1), starts[0], plan.scope.span.zone), plan.interval
    )[0]
    wide = replace(plan.scope, span=Range(before, plan.scope.span.end, plan.scope.span.zone))
    with reading() as session:
        [(person, place)] = active(session, wide, [plan.pick], [before, *starts])
        earlier = seen_before(session, wide, plan.pick)
    count = len(starts) + 1
    first = np.zeros(len(person), bool)
    first[first_of_each(person)] = True
    stays = np.zeros(len(person), bool)
    stays[1:] = ~first[1:] & (place[1:] == place[:-1] + 1)
    is_new = first & ~np.isin(person, earlier)
    by_state = {
        "new": np.bincount(place[is_new], minlength=count),
        "returning": np.bincount(place[stays], minlength=count),
        "resurrecting": np.bincount(place[~is_new & ~stays], minlength=count),
    }
    total = np.bincount(place, minlength=count)
    by_state["dormant"] = np.zeros(count, np.int64)
    by_state["dormant"][1:] = -(total[:-1] - by_state["returning"][1:])
    dates = [start.isoformat() for start in starts]
    series = [
        {
            "label": state,
            "dates": dates,
            "values": by_state[state][1:].tolist(),
            "total": int(by_state[state][1:].sum()),
        }
        for state in STATES
    ]
    return answer.frame({"interval": plan.interval, "series": series})
