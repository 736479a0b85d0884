"""What evaluating flags costs is bounded: by what is compared, and by a project's share."""

from __future__ import annotations

import itertools
from datetime import datetime, timezone
from typing import Any

import pytest

from services.flags.evaluation_budget import (
    BURST_SECONDS,
    OTHERS_SECONDS,
    SHARE,
    EvaluationBudget,
)
from services.flags.routes import callers
from services.flags.routes.callers import FlagsOfKey
from services.flags.served_flags import ServedFlags
from shared.errors import TooManyRequests
from shared.flags.definition import Flag, FlagSet, from_json
from shared.flags.evaluation import Person
from shared.flags.prepared import PreparedFlags
from tests.support.factories import a_policy

_NOW = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)


class _Text(str):
    """A text that counts how often it is compared without upper case."""

    lowered = 0

    def lower(self) -> str:
        _Text.lowered += 1
        return super().lower()


class _Meter:
    """A clock, and the processor time of a thread."""

    now = used = 0.0


def _value(operator: str, expected: str, actual: Any, filters: int = 1) -> Any:
    values = [] if operator == "is_set" else [expected]
    tests = [{"property": "a", "operator": operator, "value": values}] * filters
    flag = from_json({"key": "a", "conditions": [{"filters": tests}]})
    person = Person("ada", {"a": actual})
    return PreparedFlags(FlagSet(1, 1, (Flag(1, 1, flag),))).evaluate(person, _NOW)["a"].value


def test_a_property_is_made_a_text_once_for_all_filters() -> None:
    _Text.lowered = 0
    assert _value("is_not", "b", _Text("a"), filters=50) is True
    assert _Text.lowered == 1


@pytest.mark.parametrize("length", [8_192, 8_193])
def test_values_that_are_stored_of_no_person_count_as_missing(length: int) -> None:
    is_kept = length == 8_192
    nested = {"k": "x" * (length - len('{"k":""}'))}
    for actual in ("x" * length, nested):
        assert _value("contains", "xx", actual) is is_kept
        assert _value("not_contains", "xx", actual) is not is_kept
        assert _value("is_set", "", actual) is is_kept


def test_beside_others_a_project_has_its_share_of_the_processor_and_a_burst() -> None:
    meter = _Meter()
    budget = EvaluationBudget(lambda: meter.now, lambda: meter.used)

    def evaluate(project_id: int, seconds: float) -> None:
        with budget.spend(project_id):
            meter.used += seconds
            meter.now += seconds

    def use_one_core_all_the_time() -> None:
        for _ in range(10_000):
            evaluate(1, 0.01)

    use_one_core_all_the_time()  # alone: 100 s
    # Another one comes: the first has its burst no more, and its share from then on, however long.
    evaluate(2, 0.01)
    with pytest.raises(TooManyRequests) as refused:
        use_one_core_all_the_time()
    assert (refused.value.retry_after_seconds or 0) >= 1
    began, used, turned_down = meter.now, meter.used, 0
    while meter.now < began + 5 * OTHERS_SECONDS:
        if turned_down % 100 == 99:
            evaluate(2, 0.0)  # does not wait
        try:
            evaluate(1, 0.01)
        except TooManyRequests:
            turned_down += 1
            meter.now += 0.01
    assert turned_down > 1_000
    assert meter.used - used == pytest.approx(5 * OTHERS_SECONDS * SHARE, rel=0.05)
    # When nobody else is there any more, it may use all again.
    meter.now += OTHERS_SECONDS
    use_one_core_all_the_time()


def test_a_project_that_was_not_busy_has_a_burst_beside_others() -> None:
    meter = _Meter()
    budget = EvaluationBudget(lambda: meter.now, lambda: meter.used)

    def use_one_core_all_the_time() -> None:
        for _ in range(10_000):
            with budget.spend(1):
                meter.used += 0.01
                meter.now += 0.01
            with budget.spend(2):
                pass

    with pytest.raises(TooManyRequests):
        use_one_core_all_the_time()
    assert meter.used == pytest.approx(BURST_SECONDS / (1 - SHARE), abs=0.1)


def test_an_evaluation_that_fails_is_counted_too() -> None:
    meter = _Meter()
    budget = EvaluationBudget(lambda: meter.now, lambda: meter.used)

    def fail() -> None:
        with budget.spend(1):
            meter.used += 10 * BURST_SECONDS
            raise ValueError("broken")

    with budget.spend(2):
        pass
    with pytest.raises(ValueError, match="broken"):
        fail()
    with pytest.raises(TooManyRequests):
        fail()


def test_evaluating_flags_is_charged_to_the_account_of_several_projects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    readings = itertools.count()
    # Each block takes twice the burst.
    budget = EvaluationBudget(lambda: 0.0, lambda: 2 * BURST_SECONDS * next(readings))
    monkeypatch.setattr(callers, "_budget", lambda: budget)
    mine = {"project_id": 1, "owner_id": 5}, {"project_id": 2, "owner_id": 5}
    others = {"project_id": 3, "owner_id": 6}, {"project_id": 5}
    costly, same, other, ownerless = (
        FlagsOfKey(ServedFlags(FlagSet(one["project_id"], 1)), a_policy(**one).account)
        for one in (*mine, *others)
    )
    assert callers.evaluate(other, Person("ada"), "used") == {}
    assert callers.evaluate(costly, Person("ada"), "used") == {}
    for one in (costly, same):
        with pytest.raises(TooManyRequests):
            callers.evaluate(one, Person("ada"), "used")
    for one in (other, ownerless):
        assert callers.evaluate(one, Person("ada"), "used") == {}
