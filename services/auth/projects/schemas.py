"""Request and response schemas about projects, their settings, sources and keys."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from shared.auth.roles import ROLES
from shared.web.origins import Origin, ascii_host
from shared.web.schemas import (
    PageQuery,
    PlainText,
    Share,
    TimeZoneName,
    TrueOrFalse,
    WholeNumber,
)

_MAX_GRACE_HOURS = 720
_MAX_PER_MINUTE = 100_000_000
_MAX_QUOTA = 1_000_000_000_000_000
_SAMPLE_RATE = "Share of distinct ids whose events are stored, above 0 and up to 1."
_DOMAIN = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*"
)


class Domain(PlainText):
    """A host name such as ``example.org``, in lower case and ASCII."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        host = super()._deserialize(value, attr, data, **kwargs).lower().removesuffix(".")
        host = host if host.isascii() else ascii_host(host)
        if not _DOMAIN.fullmatch(host):
            raise ValidationError("Not a host name. Use the form example.org.")
        return host


def _domain(**kwargs: Any) -> Domain:
    doc = "Host name of the project's site; null: none."
    return Domain(allow_none=True, metadata={"description": doc}, **kwargs)


def _unique(values: list[Any]) -> None:
    if len(set(values)) != len(values):
        raise ValidationError("The list contains duplicates. Name each entry once.")


def _source_name(**kwargs: Any) -> PlainText:
    return PlainText(validate=validate.Length(1, 100), **kwargs)


def _count(doc: str, maximum: int, **kwargs: Any) -> WholeNumber:
    return WholeNumber(validate=validate.Range(1, maximum), metadata={"description": doc}, **kwargs)


class ProjectSettings(Schema):
    """Settings of a project. Ingest applies changes within 5 seconds."""

    timezone = TimeZoneName(metadata={"description": "IANA name; reports use its local days."})
    allowed_sources = fields.List(
        _source_name(),
        validate=[validate.Length(max=200), _unique],
        metadata={"description": "Sources that may send events; empty: all."},
    )
    allowed_origins = fields.List(
        Origin(),
        validate=[validate.Length(max=200), _unique],
        metadata={"description": "Exact origins of pages that may send events; empty: all."},
    )
    rate_limit_per_minute = _count("Events a minute of the project.", _MAX_PER_MINUTE)
    client_rate_limit_per_minute = WholeNumber(
        validate=validate.Range(0, _MAX_PER_MINUTE),
        allow_none=True,
        metadata={
            "description": "Events a minute from one client address with a public key; null: the "
            "installation's default (12,000), 0: no limit per client."
        },
    )
    daily_quota = _count("Events a UTC day; null: no quota.", _MAX_QUOTA, allow_none=True)
    monthly_quota = _count("Events a UTC month; null: no quota.", _MAX_QUOTA, allow_none=True)
    daily_quota_bytes = _count(
        "Bytes of events, as held for storing, a UTC day; null: no quota.",
        _MAX_QUOTA,
        allow_none=True,
    )
    monthly_quota_bytes = _count(
        "Bytes of events, as held for storing, a UTC month; null: no quota.",
        _MAX_QUOTA,
        allow_none=True,
    )
    sample_rate = Share(metadata={"description": _SAMPLE_RATE})
    filter_bots = TrueOrFalse(
        metadata={
            "description": "Keep no events of known crawlers. They are counted apart either way."
        }
    )
    ip_mode = fields.String(
        validate=validate.OneOf(["none", "hash", "full"]),
        metadata={"description": "What is stored of the client address."},
    )
    store_user_agent = TrueOrFalse(
        metadata={
            "description": "Store the text of the user agent, as the event's property "
            "`$user_agent`. Browser, system and kind of device are stored without it."
        }
    )
    do_not_track = fields.String(
        validate=validate.OneOf(["ignore", "anonymise", "refuse"]),
        metadata={
            "description": "Treatment of events with Do-Not-Track or Global Privacy Control."
        },
    )
    consent = fields.String(
        validate=validate.OneOf(["implied", "anonymise", "refuse"]),
        metadata={
            "description": "Treatment of events without consent; `implied`: the field is optional."
        },
    )
    retention_days = WholeNumber(
        validate=validate.Range(1, 36_500),
        allow_none=True,
        metadata={
            "description": "Days for which raw events are stored (event time); null: no limit."
        },
    )
    session_timeout_minutes = WholeNumber(
        validate=validate.Range(1, 1440),
        metadata={"description": "Inactivity after which a session without a client id ends."},
    )
    flag_approval = TrueOrFalse(
        metadata={
            "description": "Changes of feature flags wait until another member accepts them. "
            "Switching a flag off never waits."
        }
    )


class ProjectRequest(Schema):
    """A new project."""

    name = PlainText(required=True, validate=validate.Length(1, 100))
    timezone = TimeZoneName(load_default="UTC")
    domain = _domain(load_default=None)
    is_sample = TrueOrFalse(
        load_default=False,
        metadata={
            "description": "True: for generated data, such as that of `make demo-data`. Events "
            "up to 400 days old are accepted. It cannot be changed later."
        },
    )


class ProjectUpdateRequest(Schema):
    """Changes to a project; fields that are not sent keep their values."""

    name = PlainText(validate=validate.Length(1, 100))
    domain = _domain()
    timezone = TimeZoneName()
    allowed_sources = fields.List(
        _source_name(),
        validate=[validate.Length(max=200), _unique],
        metadata={"description": "Sources that may send events; empty: all."},
    )
    rate_limit_per_minute = _count("Events a minute of the project.", _MAX_PER_MINUTE)
    is_active = TrueOrFalse(metadata={"description": "False: its keys are refused."})


class ProjectListQuery(PageQuery):
    """Filters for the list of projects."""

    deleted = fields.Boolean(
        load_default=False,
        metadata={"description": "True: only deleted projects that can still be restored."},
    )


class ProjectResponse(Schema):
    """A project as its members see it."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True)
    domain = fields.String(required=True, allow_none=True)
    timezone = fields.String(required=True, metadata={"description": "IANA name."})
    allowed_sources = fields.List(fields.String(), required=True)
    rate_limit_per_minute = fields.Integer(required=True)
    is_active = fields.Boolean(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    public_key = fields.String(required=True, allow_none=True)
    secret_key_prefix = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    deleted_at = fields.AwareDateTime(required=True, allow_none=True)
    is_sample = fields.Boolean(
        required=True, metadata={"description": "Its data is generated, not collected."}
    )


class NewProjectResponse(ProjectResponse):
    """A new project, with its secret key, which is never shown again."""

    secret_key = fields.String(required=True)


class ProjectListResponse(Schema):
    """A page of projects."""

    items = fields.List(fields.Nested(ProjectResponse), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class RotateKeyRequest(Schema):
    """How long a replaced key stays valid."""

    grace_hours = WholeNumber(
        load_default=0,
        validate=validate.Range(0, _MAX_GRACE_HOURS),
        metadata={"description": "Hours for which the old key stays valid; 0: it ends at once."},
    )


class RotateKeysRequest(RotateKeyRequest):
    """The kind of keys to replace."""

    kind = fields.String(
        load_default="public",
        validate=validate.OneOf(["public", "secret"]),
        metadata={"description": "Default: public, the key that apps and pages send with."},
    )


class RotateKeysResponse(Schema):
    """The new key; a secret key is never shown again."""

    kind = fields.String(required=True)
    key = fields.String(required=True)


class KeyRequest(Schema):
    """A new key."""

    kind = fields.String(required=True, validate=validate.OneOf(["public", "secret"]))
    name = PlainText(load_default="", validate=validate.Length(max=100))


class KeyResponse(Schema):
    """A key; of a secret key only the first characters are stored."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    prefix = fields.String(required=True)
    public_key = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata={
            "description": "End of a replaced key's grace period; null: the key does not expire."
        },
    )


class KeyListResponse(Schema):
    """A project's valid keys, newest first."""

    items = fields.List(fields.Nested(KeyResponse), required=True)


class NewKeyResponse(KeyResponse):
    """A new key; a secret key is never shown again."""

    key = fields.String(required=True)


class SourceRequest(Schema):
    """Settings of a new source."""

    name = _source_name(required=True)
    description = PlainText(load_default="", validate=validate.Length(max=500))
    is_active = TrueOrFalse(
        load_default=True, metadata={"description": "False: its events are dropped."}
    )
    sample_rate = Share(load_default=1.0, metadata={"description": _SAMPLE_RATE})


class SourceUpdateRequest(Schema):
    """Changes to a source; fields that are not sent keep their values."""

    name = _source_name()
    description = PlainText(validate=validate.Length(max=500))
    is_active = TrueOrFalse()
    sample_rate = Share()


class SourceResponse(Schema):
    """A source with its settings."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    is_active = fields.Boolean(required=True)
    sample_rate = fields.Float(required=True)
    created_at = fields.AwareDateTime(required=True)


class SourceListResponse(Schema):
    """A project's configured sources, by name."""

    items = fields.List(fields.Nested(SourceResponse), required=True)


class AuditEntryResponse(Schema):
    """An entry of the audit log: who changed what, and when."""

    id = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    actor_id = fields.Integer(required=True, allow_none=True)
    actor_email = fields.String(required=True)
    address = fields.String(required=True)
    action = fields.String(required=True)
    details = fields.Dict(keys=fields.String(), required=True)


class AuditLogResponse(Schema):
    """A page of the audit log, newest first."""

    items = fields.List(fields.Nested(AuditEntryResponse), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
