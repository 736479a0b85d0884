"""Channels: where alerts and reports of a project go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

from services.query.parsing.errors import invalid_field
from services.query.saved import store
from services.query.saved.objects import ObjectType, find
from shared.channels.kinds import KINDS, InvalidChannel, check_channel
from shared.channels.sealed_secrets import UnreadableSecrets, seal, unseal
from shared.channels.webhook_keys import new_signing_key, replace_key
from shared.errors import Conflict, ErrorCode
from shared.models import Channel
from shared.outgoing.networks import parse_targets
from shared.outgoing.urls import Url, check_address, resolve_soon
from shared.responses import Doc, Timestamp
from shared.runtime.database import session_scope
from shared.runtime.settings import get_settings

MAX_CHANNELS = 50
"""Channels of a project."""
_PLAIN = ("name", "is_enabled")


@dataclass(frozen=True, slots=True)
class ChannelResponse:
    """A channel, without what is secret."""

    id: int
    name: str
    kind: Annotated[str, Doc(choices=KINDS)]
    is_enabled: Annotated[bool, Doc("Whether alerts and reports are sent to it.")]
    recipients: Annotated[list[str], Doc("E-mail: the addresses. Otherwise empty.")]
    server: Annotated[
        str | None,
        Doc("Where it sends to, without the secret rest.", example="https://hooks.slack.com"),
    ]
    chat_id: Annotated[str | None, Doc("Telegram: the chat.")]
    created_by: Annotated[int | None, Doc("Id of a user; null: created with a secret key.")]
    created_at: Timestamp
    updated_at: Timestamp


@dataclass(frozen=True, slots=True)
class SigningKeyResponse:
    """The key that a webhook is signed with, which is shown only once."""

    signing_key: Annotated[str, Doc(example="whsec_…")]
    previous_valid_until: Annotated[
        Timestamp | None,
        Doc("Until then messages are signed with the key before, too; null: it could not be read."),
    ]


@dataclass(frozen=True, slots=True)
class CreatedChannelResponse(ChannelResponse):
    """A new channel."""

    signing_key: Annotated[
        str | None, Doc("Webhooks: the key that they are signed with, shown only now.")
    ]


@dataclass(frozen=True, slots=True)
class MailSetup:
    """Whether this installation can send e-mail."""

    is_set_up: bool
    missing: Annotated[list[str], Doc("Settings that the operator has to make.")]


def _serialize(row: Channel) -> ChannelResponse:
    return ChannelResponse(
        id=row.id,
        name=row.name,
        kind=row.kind,
        is_enabled=row.is_enabled,
        recipients=list(row.settings.get("recipients", ())),
        server=row.settings.get("server"),
        chat_id=row.settings.get("chat_id"),
        created_by=row.created_by,
        created_at=row.created_at.isoformat(),
        updated_at=row.updated_at.isoformat(),
    )


CHANNELS = ObjectType("channel", Channel, _serialize)


def create_channel(
    project_id: int, data: dict[str, Any], user_id: int | None
) -> CreatedChannelResponse:
    """Create a channel. A webhook gets a new key.

    Raises:
        Unprocessable: a field cannot be used, or no request may go to the address.
        Conflict: the project has as many channels as it may.
    """
    key = new_signing_key() if data["kind"] == "webhook" else None
    stored = _stored(data["kind"], {**data, "signing_key": key})
    if data["kind"] == "email" and not mail_setup().is_set_up:
        raise invalid_field(
            "kind",
            "This installation cannot send e-mail yet. The operator has to set "
            f"{' and '.join(mail_setup().missing)}.",
        )
    with session_scope() as session:
        if len(store.list_after(session, Channel, project_id, None, MAX_CHANNELS)) >= MAX_CHANNELS:
            raise Conflict(
                f"A project has at most {MAX_CHANNELS} channels. Delete one first.",
                code=ErrorCode.TOO_MANY_OBJECTS,
            )
        plain = {name: data[name] for name in _PLAIN}
        row = Channel(
            project_id=project_id, kind=data["kind"], created_by=user_id, **plain, **stored
        )
        created = _serialize(store.add(session, row))
    return CreatedChannelResponse(**asdict(created), signing_key=key)


def update_channel(project_id: int, key: str, data: dict[str, Any]) -> ChannelResponse:
    """Change the given fields of a channel; its kind stays.

    Raises:
        Unprocessable: a field cannot be used, or no request may go to the address.
    """
    with session_scope() as session:
        row = find(session, CHANNELS, project_id, key)
        changes = {name: data[name] for name in _PLAIN if name in data}
        if data.keys() - {*_PLAIN, "kind"}:
            fields = _fields_of(row)
            if row.kind == "webhook" and "signing_key" not in fields:
                fields["signing_key"] = new_signing_key()
            changes |= _stored(row.kind, {**fields, **data})
        return _serialize(store.update(session, row, changes))


def renew_signing_key(project_id: int, key: str, now: datetime) -> SigningKeyResponse:
    """Replace the key of a webhook. The one before stays valid beside it for 24 hours.

    Raises:
        Conflict: the channel is no webhook.
    """
    new = new_signing_key()
    with session_scope() as session:
        row = find(session, CHANNELS, project_id, key)
        if row.kind != "webhook":
            raise Conflict("Only webhooks are signed with a key. Choose a channel of that kind.")
        fields = replace_key(_fields_of(row), new, now)
        store.update(session, row, _stored(row.kind, fields))
    return SigningKeyResponse(new, fields["previous_valid_until"])


def mail_setup() -> MailSetup:
    """Return whether e-mail can be sent, and what is missing otherwise."""
    settings = get_settings()
    wanted = {"SMTP_HOST": settings.smtp_host, "MAIL_FROM": settings.mail_from}
    missing = [name for name, value in wanted.items() if not value]
    return MailSetup(not missing, missing)


def _fields_of(row: Channel) -> dict[str, Any]:
    try:
        return {**row.settings, **unseal(row.secrets, get_settings().secret_key)}
    except UnreadableSecrets:
        # They have to be entered again, which is what the caller may be doing.
        return dict(row.settings)


def _stored(kind: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of checked fields."""
    try:
        checked = check_channel(kind, fields, _check_url)
    except InvalidChannel as error:
        raise invalid_field(error.field, error.message) from error
    return {
        "settings": checked.settings,
        "secrets": seal(checked.secrets, get_settings().secret_key),
    }


def _check_url(address: str) -> Url:
    settings = get_settings()
    allowed = parse_targets(settings.outgoing_allowed, settings.outgoing_ports)
    return check_address(address, allowed, resolve_soon)
