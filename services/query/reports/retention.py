"""Retention: of those who began in an interval, how many came back in the ones after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from services.query.columns import Array
from services.query.questions import Pick, Scope, intervals
from services.query.reading import Answer, reading
from services.query.reports.activity import active, first_of_each, number_of, seen_before

KINDS = ("first_time", "recurring")
RULES = ("strict", "rolling")


@dataclass(frozen=True, slots=True)
class Retention:
    """The question."""

    scope: Scope
    target: Pick
    """What one begins with."""
    returning: Pick
    interval: str
    kind: str = "first_time"
    """first_time: a person is in the cohort of the first target event ever. recurring: in the
    cohort of every interval with one."""
    rule: str = "strict"
    """strict: came back in that interval. rolling: in that one or a later one of the range."""
    now: datetime | None = None


def retention(plan: Retention) -> dict[str, Any]:
    """Cohorts by interval: ``returned[n]`` persons came back n intervals later.

    ``returned[0]`` is the size. Intervals that have not begun are left out; the last one may
    still be running.
    """
    answer = Answer(plan.scope.span)
    answer.took_from("raw")
    starts = intervals(plan.scope.span, plan.interval)
    begun = number_of(starts, plan.now) if plan.now is not None else len(starts)
    with reading() as session:
        (began, began_at), (came, came_at) = active(
            session, plan.scope, [plan.target, plan.returning], starts
        )
        if plan.kind == "first_time":
            first = first_of_each(began)
            began, began_at = began[first], began_at[first]
            known = np.isin(began, seen_before(session, plan.scope, plan.target))
            began, began_at = began[~known], began_at[~known]
    table = cohort_table(began, began_at, came, came_at, len(starts), rule=plan.rule)
    cohorts = [
        {
            "date": start.isoformat(),
            "size": int(table[place][0]),
            "returned": [int(number) for number in table[place][: begun - place]],
        }
        for place, start in enumerate(starts[:begun])
    ]
    return answer.frame({"interval": plan.interval, "cohorts": cohorts})


def cohort_table(
    began: Array, began_at: Array, came: Array, came_at: Array, count: int, *, rule: str
) -> Array:
    """Persons by cohort and intervals later. Pairs are unique and sorted."""
    table = np.zeros((count, count), np.int64)
    if len(began):
        np.add.at(table[:, 0], began_at, 1)
    for cohort in range(count):
        members = began[began_at == cohort]
        later = np.isin(came, members) & (came_at > cohort)
        person, offset = came[later], came_at[later] - cohort
        if rule == "rolling" and len(person):
            # The last time of each: there, and at every offset before it.
            last = np.append(first_of_each(person)[1:], len(person)) - 1
            counts = np.bincount(offset[last], minlength=count)
            table[cohort, 1:] = counts[::-1].cumsum()[::-1][1:]
        elif len(person):
            table[cohort, 1:] = np.bincount(offset, minlength=count)[1:]
    return table
