"""Flags for groups: everybody of a group has the same value."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from shared.errors import Conflict, Unprocessable
from shared.flags.bucketing import bucket
from shared.flags.checks import check_definition, check_dependents
from shared.flags.definition import Flag, FlagDefinition, FlagSet, from_json
from shared.flags.evaluation import Evaluation, Person
from shared.flags.prepared import PreparedFlags

_NOW = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)
_HALF = [{"key": key, "rollout_percentage": 50} for key in ("a", "b")]


def _flag(key: str = "a", **fields: Any) -> FlagDefinition:
    return from_json({"key": key, "group_type": "company", **fields})


def _evaluate(
    flag: FlagDefinition, person: str, company: str | None = None, **properties: Any
) -> Evaluation:
    flags = PreparedFlags(FlagSet(1, 1, (Flag(1, 1, flag),)))
    keys = {} if company is None else {"company": company}
    groups = {"company": {"$group_key": company, **properties}} if keys else {}
    return flags.evaluate(Person(person, {"plan": "pro"}, groups, keys), _NOW)[flag.key]


def test_the_key_of_the_group_decides_and_not_that_of_the_person() -> None:
    rollout, variants = _flag(rollout_percentage=40), _flag(variants=_HALF)
    on = set()
    for number in range(200):
        company = f"company {number}"
        values = [_evaluate(rollout, f"person {one}", company).value for one in range(5)]
        assert values == [bucket("a", company) <= 0.4] * 5
        chosen = {_evaluate(variants, f"person {one}", company).value for one in range(5)}
        assert chosen == {"a" if bucket("a", company, "variant") < 0.5 else "b"}
        on |= {company} if values[0] else set()
    assert 50 < len(on) < 110


def test_whoever_is_in_no_such_group_does_not_have_the_flag() -> None:
    for flag in (_flag(), _flag(overrides={"ann": True, "": True}), _flag(variants=_HALF)):
        found = _evaluate(flag, "ann")
        assert (found.value, found.reason) == (False, "no_group")
    assert _evaluate(_flag(is_active=False), "ann").reason == "disabled"


def test_conditions_and_overrides_are_of_the_group() -> None:
    condition = {"filters": [{"property": "company.plan", "scope": "group", "value": ["team"]}]}
    flag = _flag(conditions=[condition], overrides={"acme": True, "evil": False, "ann": False})
    assert _evaluate(flag, "ann", "other", plan="Team").value is True
    assert _evaluate(flag, "ann", "other").reason == "no_condition_match"
    assert _evaluate(flag, "ann", "acme").reason == "override"
    assert _evaluate(flag, "ann", "evil", plan="team").value is False


@pytest.mark.parametrize(
    "test",
    [
        {"property": "plan", "value": ["pro"]},
        {"property": "guild.plan", "scope": "group", "value": ["pro"]},
        {"property": "bought", "scope": "event", "operator": "did", "value": [7]},
        {"property": "id", "scope": "cohort", "value": [7]},
        {"property": "for-persons", "scope": "flag", "value": [True]},
    ],
    ids=lambda test: str(test["property"]),
)
def test_what_persons_of_a_group_do_not_have_alike_is_refused(test: dict[str, Any]) -> None:
    others = {"for-persons": from_json({"key": "for-persons"}), "for-groups": _flag("for-groups")}
    alike = [
        {"property": "company.plan", "scope": "group", "value": ["pro"]},
        {"property": "for-groups", "scope": "flag", "value": [True]},
    ]
    check_definition(_flag(conditions=[{"filters": alike}]), others)
    with pytest.raises(Unprocessable) as refused:
        check_definition(_flag(conditions=[{"filters": [*alike, test]}]), others)
    assert list(refused.value.errors or {}) == ["conditions.0.filters.2"]
    # A flag for persons may ask for all of it.
    for_persons = {"key": "b", "conditions": [{"filters": [*alike, test]}]}
    check_definition(from_json(for_persons), others)


def test_a_flag_that_flags_for_groups_depend_on_stays_one_for_groups() -> None:
    needed = {"property": "needed", "scope": "flag", "value": [True]}
    others = {"needs": _flag("needs", conditions=[{"filters": [needed]}])}
    check_dependents("needed", _flag("needed", rollout_percentage=5), others)
    for changed in (from_json({"key": "needed"}), _flag("needed", group_type="guild")):
        with pytest.raises(Conflict, match="needs"):
            check_dependents("needed", changed, others)


def test_a_type_that_no_condition_can_name_is_refused() -> None:
    with pytest.raises(Unprocessable) as refused:
        check_definition(_flag(group_type="my.company"), {})
    assert list(refused.value.errors or {}) == ["group_type"]
