"""Request and response schemas about members and invitations."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.auth.email_field import email_field
from shared.auth.roles import ROLES
from shared.web.schemas import StorableText


class MemberResponse(Schema):
    """A member of a project."""

    user_id = fields.Integer(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class MemberListResponse(Schema):
    """A page of a project's members, oldest account first."""

    items = fields.List(fields.Nested(MemberResponse), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class RoleRequest(Schema):
    """A new role of a member."""

    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class InvitationRequest(Schema):
    """An invitation to a project."""

    email = email_field(required=True)
    role = fields.String(load_default="viewer", validate=validate.OneOf(ROLES))


class AccountInvitationRequest(Schema):
    """An invitation to the installation."""

    email = email_field(required=True)


class InvitationResponse(Schema):
    """An open invitation."""

    id = fields.Integer(required=True)
    email = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)


class InvitationListResponse(Schema):
    """Open invitations, newest first."""

    items = fields.List(fields.Nested(InvitationResponse), required=True)


class NewInvitationResponse(InvitationResponse):
    """A new invitation, with its link, which is never shown again."""

    link = fields.String(required=True)


class InvitationTokenRequest(Schema):
    """The token of an invitation's link."""

    token = StorableText(required=True, validate=validate.Length(1, 200))


class InvitationPreviewResponse(Schema):
    """What an invitation is for, as shown to the holder of its link."""

    email = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    project_name = fields.String(required=True, allow_none=True)
    has_account = fields.Boolean(required=True)
    expires_at = fields.AwareDateTime(required=True)


class InvitationAcceptedResponse(Schema):
    """The project that was joined; null: the installation."""

    project_id = fields.Integer(required=True, allow_none=True)
