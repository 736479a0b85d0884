"""What auth takes and answers."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.schemas import PlainEmail, PlainText, StorableText, TimeZoneName


class LoginRequest(Schema):
    """An account's address and password."""

    email = PlainEmail(required=True)
    password = StorableText(required=True, validate=validate.Length(1, 1024), load_only=True)


class UserAnswer(Schema):
    """An account."""

    id = fields.Integer(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    is_superuser = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)


class LoginAnswer(Schema):
    """The account that is now logged in; the tokens are in the cookies."""

    user = fields.Nested(UserAnswer, required=True)


class ProjectRequest(Schema):
    """A new project."""

    name = PlainText(required=True, validate=validate.Length(1, 100))
    timezone = TimeZoneName(load_default="UTC")


class ProjectChanges(Schema):
    """What to change of a project; what is left out stays."""

    name = PlainText(validate=validate.Length(1, 100))
    timezone = TimeZoneName()
    allowed_sources = fields.List(
        PlainText(validate=validate.Length(1, 100)),
        validate=validate.Length(max=200),
        metadata={"description": "Empty: every source may send."},
    )
    rate_limit_per_minute = fields.Integer(
        validate=validate.Range(1, 100_000_000), metadata={"description": "Events a minute."}
    )
    is_active = fields.Boolean(metadata={"description": "Off: its keys are refused."})


class ProjectAnswer(Schema):
    """A project as its members see it."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True)
    timezone = fields.String(required=True, metadata={"description": "IANA name."})
    allowed_sources = fields.List(fields.String(), required=True)
    rate_limit_per_minute = fields.Integer(required=True)
    is_active = fields.Boolean(required=True)
    role = fields.String(
        required=True, validate=validate.OneOf(["owner", "admin", "member", "viewer"])
    )
    public_key = fields.String(required=True, allow_none=True)
    secret_key_prefix = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class NewProjectAnswer(ProjectAnswer):
    """A project that was just made, with the secret key that is never shown again."""

    secret_key = fields.String(required=True)


class ProjectListAnswer(Schema):
    """A page of projects."""

    items = fields.List(fields.Nested(ProjectAnswer), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class RotateRequest(Schema):
    """Which key to replace."""

    kind = fields.String(required=True, validate=validate.OneOf(["public", "secret"]))


class RotateAnswer(Schema):
    """The new key; a secret one is never shown again."""

    kind = fields.String(required=True)
    key = fields.String(required=True)
