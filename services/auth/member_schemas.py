"""What auth takes and answers about members and invitations."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.auth.project_schemas import ROLES
from services.auth.schemas import email_field
from shared.web.schemas import StorableText


class MemberAnswer(Schema):
    """Somebody who may see a project."""

    user_id = fields.Integer(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class MemberListAnswer(Schema):
    """A project's members."""

    items = fields.List(fields.Nested(MemberAnswer), required=True)


class RoleRequest(Schema):
    """What a member may do."""

    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class InvitationRequest(Schema):
    """Whom to invite to a project, and as what."""

    email = email_field(required=True)
    role = fields.String(load_default="viewer", validate=validate.OneOf(ROLES))


class AccountInvitationRequest(Schema):
    """Whom to invite to the installation."""

    email = email_field(required=True)


class InvitationAnswer(Schema):
    """An invitation that was not accepted yet."""

    id = fields.Integer(required=True)
    email = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)


class InvitationListAnswer(Schema):
    """Invitations that were not accepted yet, newest first."""

    items = fields.List(fields.Nested(InvitationAnswer), required=True)


class NewInvitationAnswer(InvitationAnswer):
    """An invitation that was just made; pass its link on, it is never shown again."""

    link = fields.String(required=True)


class InvitationTokenRequest(Schema):
    """The token of an invitation's link."""

    token = StorableText(required=True, validate=validate.Length(1, 200))


class InvitationView(Schema):
    """What an invitation is to, for whoever holds its link."""

    email = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    project_name = fields.String(required=True, allow_none=True)
    has_account = fields.Boolean(required=True)
    expires_at = fields.AwareDateTime(required=True)


class AcceptedAnswer(Schema):
    """What was joined."""

    project_id = fields.Integer(required=True, allow_none=True)
