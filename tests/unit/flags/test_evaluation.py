"""The rules of feature flags, without I/O."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from shared.flags.bucketing import bucket
from shared.flags.definition import Filter, Flag, FlagSet, Operator, from_json
from shared.flags.evaluation import Evaluation, Person
from shared.flags.matching import ComparedProperties, prepare
from shared.flags.prepared import PreparedFlags
from shared.flags.stored_names import cohort_question

_NOW = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)


def _evaluate(
    definitions: list[dict[str, Any]], distinct_id: str = "ada", **properties: Any
) -> dict[str, Evaluation]:
    flags = tuple(
        Flag(number, 1, from_json(one)) for number, one in enumerate(definitions, start=1)
    )
    return PreparedFlags(FlagSet(1, 1, flags)).evaluate(Person(distinct_id, properties), _NOW)


def _one(definition: dict[str, Any], distinct_id: str = "ada", **properties: Any) -> Evaluation:
    [found] = _evaluate([{"key": "a", **definition}], distinct_id, **properties).values()
    return found


def test_a_condition_on_a_group_sees_the_group_of_its_type() -> None:
    tests: list[dict[str, Any]] = [
        {"property": "company.plan", "scope": "group", "value": ["pro"]},
        {"property": "company.$group_key", "scope": "group", "value": ["acme"]},
        {"property": "guild.plan", "scope": "group", "operator": "is_not", "value": ["pro"]},
    ]
    definition = {"key": "a", "conditions": [{"filters": tests}]}
    flags = PreparedFlags(FlagSet(1, 1, (Flag(1, 1, from_json(definition)),)))
    acme = {"$group_key": "acme", "plan": "PRO"}
    for groups, expected in (
        ({"company": acme}, True),
        ({"company": acme, "guild": {"plan": "free"}}, True),
        ({"company": acme, "guild": {"plan": "pro"}}, False),
        ({"company": {**acme, "$group_key": "other"}}, False),
        ({"guild": acme}, False),
        ({}, False),
    ):
        # Properties of the person of the same name are others.
        person = Person("ada", {"plan": "pro", "company.plan": "pro"}, groups)
        assert flags.evaluate(person, _NOW)["a"].value is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    # printf 'KEY.ID' | sha1sum | cut -c1-15, as a share of fffffffffffffff
    [
        (("simple-flag", "user-1"), 0xBCB4B30A13E1F13),
        (("ä", "1"), 0x2CF340164C14141),
    ],
)
def test_a_bucket_is_the_share_that_other_systems_compute(
    text: tuple[str, str], expected: int
) -> None:
    assert bucket(*text) == expected / 0xFFFFFFFFFFFFFFF


def test_what_switches_a_flag_off_stands_above_everything_else() -> None:
    overrides = {"overrides": {"ada": True}}
    assert _one({**overrides, "is_active": False}).reason == "disabled"
    assert _one({**overrides, "starts_at": "2026-06-01T12:00:01Z"}).reason == "not_scheduled"
    assert _one({**overrides, "ends_at": "2026-06-01T12:00:00Z"}).reason == "not_scheduled"
    running = {"starts_at": "2026-06-01T12:00:00Z", "ends_at": "2026-06-01T12:00:01Z"}
    assert _one({**overrides, **running, "rollout_percentage": 0}).value is True


def test_the_first_condition_that_is_met_decides() -> None:
    definition = {
        "variants": [
            {"key": "x", "rollout_percentage": 100},
            {"key": "y", "rollout_percentage": 0},
        ],
        "conditions": [
            {"filters": [{"property": "plan", "value": ["pro"]}], "rollout_percentage": 0},
            {"filters": [{"property": "plan", "value": ["pro"]}], "variant": "y"},
            {},
        ],
        "payloads": {"y": {"a": 1}},
    }
    pro, free = _one(definition, plan="PRO"), _one(definition, plan="free")
    assert (pro.value, pro.condition_index, pro.payload) == ("y", 1, {"a": 1})
    assert (free.value, free.condition_index, free.payload) == ("x", 2, None)
    only_first = {**definition, "conditions": definition["conditions"][:1]}  # type: ignore[index]
    assert _one(only_first, plan="pro").reason == "out_of_rollout"
    assert _one(only_first).reason == "no_condition_match"


def test_overrides_come_before_conditions() -> None:
    definition = {"rollout_percentage": 0, "overrides": {"ada": True, "bob": False}}
    assert (_one(definition).value, _one(definition).reason) == (True, "override")
    everybody = {**definition, "rollout_percentage": 100}
    assert _one(everybody, "bob").value is False
    assert _one(everybody, "eve").value is True


def test_a_flag_follows_the_flags_that_it_depends_on() -> None:
    def needs(key: str, value: Any) -> list[dict[str, Any]]:
        return [{"filters": [{"property": key, "scope": "flag", "value": [value]}]}]

    found = _evaluate(
        [
            {"key": "on-a", "conditions": needs("split", "a")},
            {"key": "on-b", "conditions": needs("split", "b")},
            {"key": "on-any", "conditions": needs("split", True)},
            {"key": "unless-any", "conditions": needs("on-any", False)},
            {"key": "of-nothing", "conditions": needs("deleted", False)},
            {"key": "split", "variants": [{"key": "a", "rollout_percentage": 100}]},
        ]
    )
    values = {key: one.value for key, one in found.items()}
    assert values == {
        "on-a": True,
        "on-b": False,
        "on-any": True,
        "unless-any": False,
        "of-nothing": False,
        "split": "a",
    }


@pytest.mark.parametrize(
    ("operator", "value", "actual", "expected"),
    [
        ("is", ["Pro", 5], "PRO", True),
        ("is", ["5"], 5, True),
        ("is", ["true"], True, True),
        ("is", [True], "no", False),
        ("is", ["null"], None, True),
        ("is_not", ["pro"], "Pro", False),
        ("contains", ["EX"], "a@example.org", True),
        ("not_contains", ["EX"], "a@example.org", False),
        ("gt", [9], "10", True),
        ("gt", [9], "ten", False),
        ("lt", [9], True, False),
        ("gte", [10], 10, True),
        ("lte", ["1e1"], 10.5, False),
        ("between", [1, 3], 3, True),
        ("between", [1, 3], 3.01, False),
        ("lt", [5], float("nan"), False),
        ("is_set", [], None, True),
        ("is_not_set", [], "", False),
        ("before", ["2026-01-01"], "2025-12-31T23:59:59", True),
        ("before", ["2026-01-01"], "2026-01-01T01:00:00+02:00", True),
        ("after", ["2026-01-01T00:00:00Z"], 1_767_225_601, True),
        ("after", [0], "yesterday", False),
        ("after", [0], 10**40, False),
    ],
)
def test_an_operator_compares_as_the_sdks_do(
    operator: Any, value: list[Any], actual: object, expected: bool
) -> None:
    test = Filter("name", operator, tuple(value))
    assert prepare(test)(ComparedProperties({"name": actual})) is expected


_POSITIVE: tuple[Operator, ...] = ("is", "contains", "gt", "between", "before", "is_set")
_NEGATIONS: tuple[Operator, ...] = ("is_not", "not_contains", "is_not_set")


def test_a_missing_property_fails_all_but_negations() -> None:
    for operator in (*_POSITIVE, *_NEGATIONS):
        test = Filter("name", operator, ("1", "2"))
        assert prepare(test)(ComparedProperties({})) == (operator in _NEGATIONS), operator


def test_a_distinct_id_is_a_property() -> None:
    definition = {"conditions": [{"filters": [{"property": "distinct_id", "value": ["ada"]}]}]}
    assert _one(definition).value is True
    assert _one(definition, "bob").value is False


@pytest.mark.parametrize(
    ("did", "passes", "passes_not"),
    [(True, True, False), (False, False, True), (None, False, False)],
)
def test_what_is_unknown_of_a_person_is_neither_done_nor_not_done(
    did: bool | None, passes: bool, passes_not: bool
) -> None:
    known = {} if did is None else {("bought", 7): did}
    person = Person("ada", did={**known, ("bought", 30): True})
    for operator, expected in (("did", passes), ("did_not", passes_not)):
        test = {"property": "bought", "scope": "event", "operator": operator, "value": [7]}
        definition = from_json({"key": "a", "conditions": [{"filters": [test]}]})
        [found] = (
            PreparedFlags(FlagSet(1, 1, (Flag(1, 1, definition),))).evaluate(person, _NOW).values()
        )
        assert found.value is expected


@pytest.mark.parametrize(
    ("members", "is_in", "is_outside"),
    [
        ({1: True, 2: False}, True, False),
        ({1: False, 2: False}, False, True),
        ({1: False}, False, False),
        ({1: True}, True, False),
        ({}, False, False),
    ],
)
def test_a_person_is_in_any_of_the_cohorts_or_in_none(
    members: dict[int, bool], is_in: bool, is_outside: bool
) -> None:
    """Of a cohort that is not there it is unknown who is in."""
    person = Person("ada", did={cohort_question(one): known for one, known in members.items()})
    for operator, expected in (("is", is_in), ("is_not", is_outside)):
        test = {"property": "id", "scope": "cohort", "operator": operator, "value": [1, 2]}
        flag = Flag(1, 1, from_json({"key": "a", "conditions": [{"filters": [test]}]}))
        found = PreparedFlags(FlagSet(1, 1, (flag,))).evaluate(person, _NOW)
        assert found["a"].value is expected
