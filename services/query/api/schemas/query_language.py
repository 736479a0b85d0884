"""The OpenAPI schemas of filters, event selectors and cohort queries.

They document what ``services/query/parsing`` takes, which alone decides: whatever it takes fits
these schemas (``tests/unit/query/test_query_language.py``), and errors name fields as it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.query.parsing.filters import (
    ID_SCOPES,
    IS_SET_OPERATORS,
    LIST_OPERATORS,
    MAX_CONDITIONS,
    MAX_TEXT_LENGTH,
    MAX_VALUES,
    NUMBER_OPERATORS,
    SCOPES,
    TIME_OPERATORS,
)
from services.query.parsing.previous_period import COMPARISONS
from services.query.parsing.regular_expressions import MAX_REGEX_LENGTH
from services.query.parsing.time_range import PERIODS
from services.query.reports.registry import INSIGHTS
from services.query.saved.cohorts import MAX_AT_LEAST
from shared.web.openapi import described_by, reference

Schema = dict[str, Any]


def _any_of(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def _text(minimum: int, maximum: int, **more: Any) -> Schema:
    return {"type": "string", "minLength": minimum, "maxLength": maximum, **more}


def _list(item: Schema, minimum: int, maximum: int) -> Schema:
    return {"type": "array", "items": item, "minItems": minimum, "maxItems": maximum}


def _object(description: str, required: Sequence[str] = (), /, **properties: Schema) -> Schema:
    found = {
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": False,
    }
    return found | ({"required": list(required)} if required else {})


def _condition(
    description: str, operators: Sequence[str], value: Schema, required: Sequence[str]
) -> Schema:
    """Return the schema of a condition on a property of an event, a person or a session."""
    return _object(
        description,
        ["property", *required],
        property=_text(1, 200),
        scope={
            "type": "string",
            "enum": [scope for scope in SCOPES if scope not in ID_SCOPES],
            "description": "Whose property: event, person or session. Default: event.",
        },
        operator={"type": "string", "enum": list(operators)},
        value=value,
    )


_ID: Schema = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}


def _by_id(description: str, scope: str) -> Schema:
    """Return the schema of a condition that names saved objects by their ids."""
    return _object(
        description,
        ["scope", "value"],
        scope={"type": "string", "enum": [scope]},
        property=_text(1, 200, description="Ignored."),
        operator={"type": "string", "enum": list(ID_SCOPES[scope])},
        value=_any_of(_ID, _list(_ID, 1, MAX_VALUES)),
    )


_NUMBER = _any_of({"type": "number"}, {"type": "string", "description": "A number as text."})
_TIME = _any_of({"type": "string", "description": "ISO 8601."}, {"type": "number"})
_NULLABLE_TIME: Schema = {"type": "string", "nullable": True, "description": "ISO 8601."}
_REGEX = _text(1, MAX_REGEX_LENGTH)
_OPERATOR_AND_VALUE = ("operator", "value")
_CONDITIONS: dict[str, Schema] = {
    "ListCondition": _condition(
        "Compares a property with any of several values. Default operator: is.",
        LIST_OPERATORS,
        _any_of(reference("FilterValue"), _list(reference("FilterValue"), 1, MAX_VALUES)),
        ["value"],
    ),
    "NumberCondition": _condition(
        "Compares a property with a number.",
        NUMBER_OPERATORS,
        _any_of(_NUMBER, _list(_NUMBER, 1, 1)),
        _OPERATOR_AND_VALUE,
    ),
    "BetweenCondition": _condition(
        "Compares a property with two numbers, both included.",
        ["between"],
        _list(_NUMBER, 2, 2),
        _OPERATOR_AND_VALUE,
    ),
    "RegexCondition": _condition(
        "Matches a property with a regular expression.",
        ["regex"],
        _any_of(_REGEX, _list(_REGEX, 1, 1)),
        _OPERATOR_AND_VALUE,
    ),
    "TimeCondition": _condition(
        "Compares a property with a date or an instant.",
        TIME_OPERATORS,
        _any_of(_TIME, _list(_TIME, 1, 1)),
        _OPERATOR_AND_VALUE,
    ),
    "IsSetCondition": _condition(
        "Checks whether a property has a value.",
        IS_SET_OPERATORS,
        {"description": "Any JSON. It is ignored."},
        ["operator"],
    ),
    "CohortCondition": _by_id(
        "Checks whether a person is in any of several cohorts. Default operator: is.", "cohort"
    ),
    "SegmentCondition": _by_id(
        "Passes what passes the filters of any of several segments. Under `and`, one each: of all.",
        "segment",
    ),
}
_PARTS = _list(reference("FilterPart"), 0, MAX_CONDITIONS)

COMPONENTS: dict[str, Schema] = {
    "InsightQuery": {
        **_any_of(
            *(reference(insight.request.__name__) for insight in INSIGHTS.values()),
            {
                "type": "object",
                "additionalProperties": {},
                "description": "An unfinished query. It is refused when it runs.",
            },
        ),
        "description": "The body of a request for an insight of this kind.",
    },
    "FilterValue": {
        **_any_of(_text(0, MAX_TEXT_LENGTH), {"type": "number"}, {"type": "boolean"}),
        "description": "What a property is compared with.",
    },
    **_CONDITIONS,
    "FilterAnd": _object("A group whose parts must all pass.", ["and"], **{"and": _PARTS}),
    "FilterOr": _object("A group of whose parts any must pass.", ["or"], **{"or": _PARTS}),
    "FilterPart": {
        **_any_of(
            *(reference(name) for name in _CONDITIONS),
            reference("FilterAnd"),
            reference("FilterOr"),
        ),
        "description": "A condition, or a group of them.",
    },
    "Filter": {
        **_any_of(
            reference("FilterPart"),
            {**_PARTS, "description": "Parts that must all pass."},
            {"type": "object", "maxProperties": 0, "description": "Everything passes."},
        ),
        "description": f"Up to {MAX_CONDITIONS} conditions, in groups that nest.",
        "example": {"and": [{"property": "country", "value": ["CA"]}]},
    },
    "EventSelector": {
        **_any_of(
            _text(1, 100, description="The name of the events."),
            _object(
                "Events of a name that pass a filter.",
                event=_text(1, 100, nullable=True, description="Null or left out: any event."),
                filters={**described_by("Filter"), "nullable": True},
                label=_text(0, 200),
            ),
        ),
        "description": "Which events.",
        "example": {"event": "level_completed"},
    },
    "Compare": {
        **_any_of({"type": "boolean"}, {"type": "string", "enum": list(COMPARISONS)}),
        "description": (
            "What the range is compared with; true is the previous period. weekdays: as many "
            "whole weeks before as the range covers, which sets Mondays beside Mondays."
        ),
    },
    "CohortQuery": _object(
        "The persons with a number of events in a range, which is the last 7 days by default; or, "
        "with flag, who have a value of a feature flag when they are counted.",
        event=_text(1, 100, nullable=True, description="Null or left out: any event."),
        filters={**described_by("Filter"), "nullable": True},
        at_least={
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_AT_LEAST,
            "description": "Number of events. Default: 1.",
        },
        period={"type": "string", "enum": list(PERIODS), "nullable": True},
        **dict.fromkeys(("from", "to"), _NULLABLE_TIME),
        flag=_text(1, 200, description="Key of a feature flag; beside it only value."),
        value={
            **_any_of({"type": "boolean"}, {"type": "string"}),
            "description": "true (default): any value but off; false, or the key of a variant.",
        },
    ),
}
"""By name."""
