"""Channels: where alerts and reports go, and how sending to them went."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.query.api.query_request import utc_now
from services.query.api.responses import json_response
from services.query.api.schemas import channels as schemas
from services.query.saved import channels
from services.query.saved.channel_deliveries import (
    DeliveryResponse,
    delete_channel,
    list_deliveries,
    order_retry,
    order_test,
)
from services.query.saved.channels import (
    CHANNELS,
    ChannelResponse,
    CreatedChannelResponse,
    MailSetup,
    SigningKeyResponse,
)
from services.query.saved.objects import get_object, list_objects
from shared.auth.access import current_caller, project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import list_schema, response_schema
from shared.web.schemas import PageQuery

blueprint = Blueprint(
    "channels",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/channels",
    description="Channels",
)


@blueprint.get("/")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, list_schema(ChannelResponse))
def list_channels(query: dict[str, Any], project_id: int) -> Response:
    """List channels."""
    project_for(project_id)
    return json_response(list_objects(CHANNELS, project_id, query["limit"], query["cursor"]))


@blueprint.post("/")
@blueprint.arguments(schemas.ChannelRequest)
@blueprint.response(201, response_schema(CreatedChannelResponse))
def create_channel(data: dict[str, Any], project_id: int) -> Response:
    """Create a channel. The key of a webhook is shown only once."""
    project_for(project_id, "member")
    created = channels.create_channel(project_id, data, current_caller().user_id)
    return json_response(created, 201)


@blueprint.get("/mail-setup")
@blueprint.response(200, response_schema(MailSetup))
def get_mail_setup(project_id: int) -> Response:
    """Tell whether this installation can send e-mail, and which settings are missing."""
    project_for(project_id)
    return json_response(channels.mail_setup())


@blueprint.get("/<string:key>")
@blueprint.response(200, response_schema(ChannelResponse))
def get_channel(project_id: int, key: str) -> Response:
    """Get a channel."""
    project_for(project_id)
    return json_response(get_object(CHANNELS, project_id, key))


@blueprint.patch("/<string:key>")
@blueprint.arguments(schemas.CHANNEL_UPDATE)
@blueprint.response(200, response_schema(ChannelResponse))
def update_channel(data: dict[str, Any], project_id: int, key: str) -> Response:
    """Change the given fields of a channel. What is secret and not given stays."""
    project_for(project_id, "member")
    return json_response(channels.update_channel(project_id, key, data))


@blueprint.delete("/<string:key>")
@blueprint.response(204)
def remove_channel(project_id: int, key: str) -> tuple[str, int]:
    """Delete a channel. Messages that wait for it are not sent."""
    project_for(project_id, "member")
    delete_channel(project_id, key)
    return "", 204


@blueprint.post("/<string:key>/signing-key")
@blueprint.response(200, response_schema(SigningKeyResponse))
def renew_signing_key(project_id: int, key: str) -> Response:
    """Replace the key that a webhook is signed with; the new one is shown only once.

    For 24 hours messages are signed with the key before, too.
    """
    project_for(project_id, "member")
    return json_response(channels.renew_signing_key(project_id, key, utc_now()))


@blueprint.post("/<string:key>/test")
@blueprint.response(202, response_schema(DeliveryResponse))
def send_test(project_id: int, key: str) -> Response:
    """Send a test message, also to a channel that is switched off. It is tried once."""
    project_for(project_id, "member")
    return json_response(order_test(project_id, key, utc_now()), 202)


@blueprint.get("/<string:key>/deliveries/")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, list_schema(DeliveryResponse))
def list_channel_deliveries(query: dict[str, Any], project_id: int, key: str) -> Response:
    """List the messages of a channel of the last 30 days, the newest first."""
    project_for(project_id)
    return json_response(list_deliveries(project_id, key, query["limit"], query["cursor"]))


@blueprint.post("/<string:key>/deliveries/<int:delivery_id>/retry")
@blueprint.response(202, response_schema(DeliveryResponse))
def retry_delivery(project_id: int, key: str, delivery_id: int) -> Response:
    """Send a message again that was given up, or whose next attempt is minutes away."""
    project_for(project_id, "member")
    return json_response(order_retry(project_id, key, delivery_id, utc_now()), 202)
