"""What auth takes and answers about projects, their settings, sources and keys."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, validate

from shared.web.schemas import (
    PageQuery,
    PlainText,
    Share,
    TimeZoneName,
    TrueOrFalse,
    WholeNumber,
)

ROLES = ("viewer", "member", "admin", "owner")
_MAX_GRACE_HOURS = 720
_MAX_PER_MINUTE = 100_000_000
_MAX_QUOTA = 1_000_000_000_000_000
_HOST = re.compile(r"[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,30}")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_EXACT = "Not an exact origin. Write it like https://example.org or http://localhost:3000."


class Origin(PlainText):
    """An exact origin, as browsers write it: scheme, host, and a port that is not the usual one."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            parts = urlsplit(text)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise ValidationError(_EXACT) from error
        if "@" in parts.netloc or parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise ValidationError(_EXACT)
        if not host.isascii():
            host = _ascii_host(host)
        host = f"[{host}]" if ":" in host else host
        if not _SCHEME.fullmatch(parts.scheme) or not _HOST.fullmatch(host):
            raise ValidationError(_EXACT)
        shown = f":{port}" if port and port != _DEFAULT_PORTS.get(parts.scheme) else ""
        return f"{parts.scheme}://{host}{shown}"


def _ascii_host(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError as error:
        raise ValidationError(_EXACT) from error


def _unique(values: list[Any]) -> None:
    if len(set(values)) != len(values):
        raise ValidationError("Something stands in the list twice.")


def _source_name(**kwargs: Any) -> PlainText:
    return PlainText(validate=validate.Length(1, 100), **kwargs)


def _events(doc: str, most: int, **kwargs: Any) -> WholeNumber:
    return WholeNumber(validate=validate.Range(1, most), metadata={"description": doc}, **kwargs)


class ProjectSettings(Schema):
    """How a project treats its events. Apps are treated by it within 5 seconds."""

    timezone = TimeZoneName(
        metadata={"description": "IANA name; its days are the days of every report."}
    )
    allowed_sources = fields.List(
        _source_name(),
        validate=[validate.Length(max=200), _unique],
        metadata={"description": "Empty: every source may send."},
    )
    allowed_origins = fields.List(
        Origin(),
        validate=[validate.Length(max=200), _unique],
        metadata={"description": "Exact origins of pages that may send; empty: all."},
    )
    rate_limit_per_minute = _events("Events a minute.", _MAX_PER_MINUTE)
    client_rate_limit_per_minute = _events(
        "Events a minute from one client address by public key; null: no limit of their own.",
        _MAX_PER_MINUTE,
        allow_none=True,
    )
    daily_quota = _events("Events a UTC day; null: no quota.", _MAX_QUOTA, allow_none=True)
    monthly_quota = _events("Events a UTC month; null: no quota.", _MAX_QUOTA, allow_none=True)
    sample_rate = Share(metadata={"description": "Share of persons whose events are kept."})
    filter_bots = TrueOrFalse(metadata={"description": "Refuse events of known bots."})
    ip_mode = fields.String(
        validate=validate.OneOf(["none", "hash", "full"]),
        metadata={"description": "What is stored of the client address."},
    )
    do_not_track = fields.String(
        validate=validate.OneOf(["ignore", "anonymise", "refuse"]),
        metadata={"description": "What a Do-Not-Track or Global Privacy Control header means."},
    )
    consent = fields.String(
        validate=validate.OneOf(["implied", "anonymise", "refuse"]),
        metadata={"description": "What becomes of events that do not say that consent was given."},
    )
    retention_days = WholeNumber(
        validate=validate.Range(1, 36_500),
        allow_none=True,
        metadata={"description": "Days of event time that raw events are kept; null: for good."},
    )
    session_timeout_minutes = WholeNumber(
        validate=validate.Range(1, 1440),
        metadata={
            "description": "A session without the client's id ends after so long without an event."
        },
    )


class ProjectRequest(Schema):
    """A new project."""

    name = PlainText(required=True, validate=validate.Length(1, 100))
    timezone = TimeZoneName(load_default="UTC")


class ProjectChanges(Schema):
    """What to change of a project; what is left out stays."""

    name = PlainText(validate=validate.Length(1, 100))
    timezone = TimeZoneName()
    allowed_sources = fields.List(
        _source_name(),
        validate=[validate.Length(max=200), _unique],
        metadata={"description": "Empty: every source may send."},
    )
    rate_limit_per_minute = _events("Events a minute.", _MAX_PER_MINUTE)
    is_active = TrueOrFalse(metadata={"description": "Off: its keys are refused."})


class ProjectListQuery(PageQuery):
    """Which projects."""

    deleted = fields.Boolean(
        load_default=False,
        metadata={"description": "Those that were deleted, and can still be restored."},
    )


class ProjectAnswer(Schema):
    """A project as its members see it."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True)
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


class NewProjectAnswer(ProjectAnswer):
    """A project that was just made, with the secret key that is never shown again."""

    secret_key = fields.String(required=True)


class ProjectListAnswer(Schema):
    """A page of projects."""

    items = fields.List(fields.Nested(ProjectAnswer), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class Grace(Schema):
    """How long a replaced key goes on working."""

    grace_hours = WholeNumber(
        load_default=0,
        validate=validate.Range(0, _MAX_GRACE_HOURS),
        metadata={"description": "Hours that the old key still works; 0: it ends at once."},
    )


class RotateRequest(Grace):
    """Which key to replace."""

    kind = fields.String(required=True, validate=validate.OneOf(["public", "secret"]))


class RotateAnswer(Schema):
    """The new key; a secret one is never shown again."""

    kind = fields.String(required=True)
    key = fields.String(required=True)


class KeyRequest(Schema):
    """One more key."""

    kind = fields.String(required=True, validate=validate.OneOf(["public", "secret"]))
    name = PlainText(load_default="", validate=validate.Length(max=100))


class KeyAnswer(Schema):
    """A key; of a secret one only its first characters are known."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    prefix = fields.String(required=True)
    public_key = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata={"description": "When a replaced key's grace period ends; null: no end."},
    )


class KeyListAnswer(Schema):
    """A project's keys that work now, newest first."""

    items = fields.List(fields.Nested(KeyAnswer), required=True)


class NewKeyAnswer(KeyAnswer):
    """A key that was just made; a secret one is never shown again."""

    key = fields.String(required=True)


class SourceRequest(Schema):
    """What to decide about a source."""

    name = _source_name(required=True)
    description = PlainText(load_default="", validate=validate.Length(max=500))
    is_active = TrueOrFalse(
        load_default=True, metadata={"description": "Off: its events are refused."}
    )
    sample_rate = Share(
        load_default=1.0, metadata={"description": "Share of persons whose events are kept."}
    )


class SourceChanges(Schema):
    """What to decide otherwise; what is left out stays."""

    name = _source_name()
    description = PlainText(validate=validate.Length(max=500))
    is_active = TrueOrFalse()
    sample_rate = Share()


class SourceAnswer(Schema):
    """A source, and what was decided about it."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    is_active = fields.Boolean(required=True)
    sample_rate = fields.Float(required=True)
    created_at = fields.AwareDateTime(required=True)


class SourceListAnswer(Schema):
    """A project's sources, by name."""

    items = fields.List(fields.Nested(SourceAnswer), required=True)


class AuditEntryAnswer(Schema):
    """Who changed what, and when."""

    id = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    actor_id = fields.Integer(required=True, allow_none=True)
    actor_email = fields.String(required=True)
    address = fields.String(required=True)
    action = fields.String(required=True)
    details = fields.Dict(keys=fields.String(), required=True)


class AuditLogAnswer(Schema):
    """A page of the log, newest first."""

    items = fields.List(fields.Nested(AuditEntryAnswer), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
