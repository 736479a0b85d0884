"""Request and response schemas of feature flags: auth keeps them, query previews them."""

from __future__ import annotations

from typing import Any, get_args

from marshmallow import Schema, ValidationError, fields, validate

from shared.flags.definition import VALUE_COUNTS, Operator
from shared.web.openapi import one_of
from shared.web.schemas import (
    FiniteNumber,
    Instant,
    PlainText,
    StorableObject,
    StorableText,
    TrueOrFalse,
    WholeNumber,
    refuse_unstorable,
)

_MAX_CONDITIONS = 50
_MAX_FILTERS = 50
_MAX_VALUES = max(most for _, most in VALUE_COUNTS.values())
_MAX_VARIANTS = 50
_MAX_OVERRIDES = 1000
_MAX_TEXT = 2000
_KEY = validate.Regexp(
    r"[A-Za-z0-9][A-Za-z0-9_./-]{0,199}\Z",
    error="Use 1 to 200 letters, digits and . _ - /, and begin with a letter or digit.",
)
_EXAMPLE = [{"property": "plan", "operator": "is", "value": ["pro"]}]


class _Percentage(FiniteNumber):
    """A share of persons in a JSON body, from 0 to 100."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(0, 100), **kwargs)


def _check_scalar(value: object) -> None:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        FiniteNumber().deserialize(value)
    elif not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise ValidationError(
            f"Use a text of at most {_MAX_TEXT} characters, a number, true or false."
        )
    refuse_unstorable(value)


def _check_flag_value(value: object) -> None:
    if not isinstance(value, bool | str):
        raise ValidationError("Use true, false or the key of a variant.")
    refuse_unstorable(value)


class FlagFilter(Schema):
    """A test of a property of a person or a group, of another flag, of an event, or of cohorts."""

    property = StorableText(
        required=True,
        validate=validate.Length(1, 200),
        metadata={
            "description": "A property; of scope `group` after the group's type and a point, such "
            "as `company.plan`; of `flag` a flag's key, of `event` an event's name, of `cohort` "
            "always `id`."
        },
    )
    operator = fields.String(load_default="is", validate=validate.OneOf(get_args(Operator)))
    value = fields.List(
        fields.Raw(validate=_check_scalar, metadata=one_of("string", "number", "boolean")),
        load_default=list,
        validate=validate.Length(max=_MAX_VALUES),
    )
    scope = fields.String(
        load_default="person",
        validate=validate.OneOf(("person", "group", "flag", "event", "cohort")),
    )


class FlagCondition(Schema):
    """Who gets the flag: persons that pass all filters, up to a share of them."""

    filters = fields.List(
        fields.Nested(FlagFilter),
        load_default=list,
        validate=validate.Length(max=_MAX_FILTERS),
        metadata={"example": _EXAMPLE},
    )
    rollout_percentage = _Percentage(
        load_default=None,
        allow_none=True,
        metadata={"description": "Share of these persons. Null: that of the flag."},
    )
    variant = StorableText(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 200),
        metadata={"description": "Their variant. Null: by the variants' shares."},
    )


class FlagVariant(Schema):
    """One of several values of a flag."""

    key = StorableText(required=True, validate=_KEY)
    rollout_percentage = _Percentage(required=True)
    name = PlainText(load_default="", validate=validate.Length(max=200))


class FlagUpdateRequest(Schema):
    """Changes to a flag; fields that are not sent keep their values. Its key never changes."""

    name = PlainText(validate=validate.Length(max=200))
    description = PlainText(validate=validate.Length(max=2000))
    is_active = TrueOrFalse(metadata={"description": "False: off for everybody."})
    rollout_percentage = _Percentage(
        metadata={"description": "Share of persons, where a condition names none."}
    )
    conditions = fields.List(
        fields.Nested(FlagCondition),
        validate=validate.Length(max=_MAX_CONDITIONS),
        metadata={"description": "The first that is met decides. None: everybody."},
    )
    variants = fields.List(
        fields.Nested(FlagVariant),
        validate=validate.Length(max=_MAX_VARIANTS),
        metadata={"description": "Their shares add up to 100."},
    )
    payloads = StorableObject()  # JSON values by variant, or under `true` without variants
    overrides = fields.Dict(
        keys=StorableText(validate=validate.Length(1, 400)),
        values=fields.Raw(validate=_check_flag_value, metadata=one_of("boolean", "string")),
        validate=validate.Length(max=_MAX_OVERRIDES),
        metadata={
            "description": "Values of single persons, by distinct id; of groups by their key."
        },
    )
    starts_at = Instant(allow_none=True, metadata={"description": "Off before. Null: no start."})
    ends_at = Instant(allow_none=True, metadata={"description": "Off from then on. Null: no end."})
    group_type = StorableText(
        allow_none=True,
        validate=validate.Length(1, 200),
        metadata={
            "description": "For groups of this type, such as `company`: all persons of a group "
            "have the same value, and shares are of groups. Null: for persons."
        },
    )


class FlagRequest(FlagUpdateRequest):
    """A new flag. It is on for everybody, unless more is sent."""

    key = StorableText(
        required=True,
        validate=_KEY,
        metadata={"description": "As code names the flag.", "example": "new-checkout"},
    )


class ProposedFlagChangeResponse(Schema):
    """A change of a flag that waits until somebody else accepts it."""

    id = fields.Integer(required=True)
    changes = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "By field: its value now (`from`) and then (`to`)."},
    )
    proposed_by = fields.Integer(required=True, metadata={"description": "Id of a user."})
    proposed_by_email = fields.String(required=True)
    proposed_at = fields.AwareDateTime(required=True)


class FlagResponse(Schema):
    """A flag."""

    id = fields.Integer(required=True)
    project_id = fields.Integer(required=True)
    key = fields.String(required=True)
    version = fields.Integer(
        required=True, metadata={"description": "Number of the flag's changes, from 1."}
    )
    name = fields.String(required=True)
    description = fields.String(required=True)
    is_active = fields.Boolean(required=True)
    rollout_percentage = fields.Float(required=True)
    conditions = fields.List(fields.Nested(FlagCondition), required=True)
    variants = fields.List(fields.Nested(FlagVariant), required=True)
    payloads = fields.Dict(keys=fields.String(), required=True)
    overrides = fields.Dict(keys=fields.String(), required=True)
    starts_at = fields.String(required=True, allow_none=True)
    ends_at = fields.String(required=True, allow_none=True)
    group_type = fields.String(required=True, allow_none=True)
    created_by = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    proposed_change = fields.Nested(
        ProposedFlagChangeResponse,
        required=True,
        allow_none=True,
        metadata={"description": "What waits for a second person. Null: nothing."},
    )


class FlagListResponse(Schema):
    """A project's flags, by key."""

    items = fields.List(fields.Nested(FlagResponse), required=True)


class FlagVersionResponse(Schema):
    """A version of a flag, and what it changed."""

    version = fields.Integer(required=True)
    changed_by = fields.Integer(required=True, metadata={"description": "Id of a user."})
    changed_by_email = fields.String(required=True)
    changed_at = fields.AwareDateTime(required=True)
    approved_by = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Id of the user who accepted it. Null: nobody had to."},
    )
    approved_by_email = fields.String(required=True, allow_none=True)
    definition = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    changes = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": "By field: its value before (`from`) and after (`to`). Empty for the "
            "oldest of the last 500 versions, which are kept."
        },
    )


class FlagHistoryResponse(Schema):
    """A page of a flag's versions, newest first."""

    items = fields.List(fields.Nested(FlagVersionResponse), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class FlagRollbackRequest(Schema):
    """The version whose definition the flag gets again."""

    version = WholeNumber(required=True, validate=validate.Range(1, 2**31 - 1))


class FlagProposalRequest(Schema):
    """The change that is accepted or refused, so that it is the one that was seen."""

    id = WholeNumber(
        required=True,
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "Of the flag's `proposed_change`."},
    )


class FlagProjectQuery(Schema):
    """The project, where the path does not name it."""

    project_id = fields.Integer(
        load_default=None,
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "Default: the user's only project.", "example": 1},
    )


class FlagInProjectRequest(FlagRequest):
    """A new flag, and its project."""

    project_id = WholeNumber(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "Default: the user's only project."},
    )
