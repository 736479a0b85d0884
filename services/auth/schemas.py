"""What auth takes and answers."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.schemas import PlainEmail, StorableText


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
