"""Evaluate flags for a person: pure, from definitions alone, the same answer every time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from shared.flags.bucketing import is_in_rollout, variant_of
from shared.flags.definition import (
    Condition,
    Filter,
    Flag,
    FlagSet,
    FlagValue,
    days_of,
    group_property,
)
from shared.flags.evaluation import Evaluation, Person, Reason, is_running
from shared.flags.matching import ComparedProperties, prepare
from shared.flags.stored_names import cohort_question

_EVERYBODY = (Condition(),)
_MAX_OUTCOMES = 1_000
"""Evaluations of one flag that are kept: there are as many as conditions times variants."""


class PreparedFlags:
    """The flags of a project, ready to be evaluated for many persons."""

    def __init__(self, flags: FlagSet) -> None:
        self._flags = {one.definition.key: _PreparedFlag(one) for one in flags.flags}

    def evaluate(
        self, person: Person, now: datetime, keys: Iterable[str] | None = None
    ) -> dict[str, Evaluation]:
        """Return the values of flags for a person, by key.

        Args:
            person: whom they are evaluated for.
            now: the current instant, for schedules.
            keys: the flags to evaluate; None: all. Unknown ones are left out.
        """
        run = _Run(self._flags, person, now)
        asked = self._flags if keys is None else dict.fromkeys(keys)
        return {key: run.evaluate(key) for key in asked if key in self._flags}


class _PreparedFlag:
    """A flag with what its evaluations need."""

    __slots__ = ("_outcomes", "conditions", "flag", "has_schedule")

    def __init__(self, flag: Flag) -> None:
        definition = flag.definition
        self.flag = flag
        self.has_schedule = definition.starts_at is not None or definition.ends_at is not None
        self.conditions = tuple(
            _PreparedCondition(index, one, definition.rollout_percentage)
            for index, one in enumerate(definition.conditions or _EVERYBODY)
        )
        self._outcomes: dict[tuple[FlagValue, Reason, int | None], Evaluation] = {}

    def outcome(self, value: FlagValue, reason: Reason, index: int | None = None) -> Evaluation:
        """Return an evaluation, the same object each time."""
        key = (value, reason, index)
        found = self._outcomes.get(key)
        if found is None:
            found = Evaluation(self.flag, value, reason, index)
            if len(self._outcomes) < _MAX_OUTCOMES:
                self._outcomes[key] = found
        return found


class _PreparedCondition:
    """A condition with its filters as functions of a run."""

    __slots__ = ("index", "share", "tests", "variant")

    def __init__(self, index: int, condition: Condition, share_of_flag: float) -> None:
        share = condition.rollout_percentage
        self.index = index
        self.tests = tuple(_test(one) for one in condition.filters)
        self.share = share_of_flag if share is None else share
        self.variant = condition.variant

    def passes(self, run: _Run) -> bool:
        """Return whether all filters pass; a loop, as all(…) takes longer than the filters."""
        for passes in self.tests:  # noqa: SIM110
            if not passes(run):
                return False
        return True


class _Run:
    """One evaluation: flags that others depend on are evaluated once."""

    def __init__(self, flags: Mapping[str, _PreparedFlag], person: Person, now: datetime) -> None:
        self.did = person.did
        self.properties = ComparedProperties(
            {"distinct_id": person.distinct_id, **person.properties}
        )
        self._groups = person.groups
        self._group_keys = person.group_keys
        self._compared_groups: dict[str, ComparedProperties] = {}
        self._flags = flags
        self._id = person.distinct_id
        self._now = now
        self._found: dict[str, Evaluation] = {}

    def evaluate(self, key: str) -> Evaluation:
        """Return the value of a flag that there is."""
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._evaluate(self._flags[key])
        return found

    def group(self, group_type: str) -> ComparedProperties:
        """Return the properties of the person's group of a type; none: they are in no such one."""
        found = self._compared_groups.get(group_type)
        if found is None:
            found = ComparedProperties(self._groups.get(group_type, {}))
            self._compared_groups[group_type] = found
        return found

    def value_of(self, key: str) -> FlagValue | None:
        """Return the value of a flag; None: there is none of this key."""
        return self.evaluate(key).value if key in self._flags else None

    def _evaluate(self, flag: _PreparedFlag) -> Evaluation:
        definition = flag.flag.definition
        if not definition.is_active:
            return flag.outcome(False, "disabled")
        if flag.has_schedule and not is_running(definition, self._now):
            return flag.outcome(False, "not_scheduled")
        group_type = definition.group_type
        target = self._id if group_type is None else self._group_keys.get(group_type)
        if target is None:
            return flag.outcome(False, "no_group")
        if target in definition.overrides:
            return flag.outcome(definition.overrides[target], "override")
        reason: Reason = "no_condition_match"
        for condition in flag.conditions:
            if not condition.passes(self):
                continue
            if is_in_rollout(definition.key, target, condition.share):
                value = condition.variant
                if value is None:
                    value = variant_of(definition.key, target, definition.variants)
                return flag.outcome(value or True, "condition_match", condition.index)
            reason = "out_of_rollout"
        return flag.outcome(False, reason)


def _test(test: Filter) -> Callable[[_Run], bool]:
    if test.scope == "person":
        of_properties = prepare(test)
        return lambda run: of_properties(run.properties)
    if test.scope == "group":
        group_type, name = group_property(test)
        of_group = prepare(test, name)
        return lambda run: of_group(run.group(group_type))
    if test.scope == "event":
        question, expected = (test.property, days_of(test)), test.operator == "did"
        # What is unknown passes neither "did" nor "did not".
        return lambda run: run.did.get(question) is expected
    return _test_of_cohorts(test) if test.scope == "cohort" else _test_of_flag(test)


def _test_of_cohorts(test: Filter) -> Callable[[_Run], bool]:
    questions = [cohort_question(int(number)) for number in test.value]
    if test.operator == "is":
        return lambda run: any(run.did.get(one) is True for one in questions)
    return lambda run: all(run.did.get(one) is False for one in questions)


def _test_of_flag(test: Filter) -> Callable[[_Run], bool]:
    key, [value] = test.property, test.value
    if value is True:
        return lambda run: run.value_of(key) not in (None, False)
    return lambda run: run.value_of(key) == value
