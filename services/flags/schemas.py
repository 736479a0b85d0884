"""Response schemas of flags, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

import msgspec
from marshmallow import Schema, ValidationError, fields, post_load, validate

from shared.web.factory import Error
from shared.web.posthog_config import PostHogConfigResponse
from shared.web.schemas import StorableText


class FlagsResponse(Schema):
    """The flags of a person by key."""

    flags = fields.Dict(required=True)
    errorsWhileComputingFlags = fields.Boolean(required=True)  # noqa: N815 (the SDK's name)
    requestId = fields.UUID(required=True)  # noqa: N815
    evaluatedAt = fields.Integer(required=True)  # noqa: N815


class DecideResponse(PostHogConfigResponse):
    """The flags of a person and the SDK's configuration, in the shape of older SDKs."""

    featureFlags = fields.Dict()  # noqa: N815
    featureFlagPayloads = fields.Dict()  # noqa: N815
    flags = fields.Dict()
    errorsWhileComputingFlags = fields.Boolean(required=True)  # noqa: N815


class FlagDefinitionsResponse(Schema):
    """All flags of a project."""

    flags = fields.List(fields.Dict(), required=True)
    group_type_mapping = fields.Dict(required=True)
    cohorts = fields.Dict(required=True)


class OfrepEvaluation(Schema):
    """The value of a flag for a person."""

    key = fields.String(required=True)
    value = fields.Raw(
        metadata={
            "description": "Any JSON: true or false, a variant's key, or the variant's payload. "
            "Not there: code uses its own default."
        }
    )
    variant = fields.String(required=True)
    reason = fields.String(
        required=True,
        validate=validate.OneOf(("STATIC", "TARGETING_MATCH", "SPLIT", "DEFAULT", "DISABLED")),
    )
    metadata = fields.Dict(keys=fields.String(), required=True)


class OfrepEndpoint(Schema):
    """Where a stream is, at the origin that was asked."""

    requestUri = fields.String(required=True)  # noqa: N815 (the protocol's name)


class OfrepEventStream(Schema):
    """A stream of server-sent events that tells when to ask again."""

    type = fields.String(required=True, validate=validate.Equal("sse"))
    endpoint = fields.Nested(OfrepEndpoint, required=True)


class OfrepBulkResponse(Schema):
    """The values of all flags for a person."""

    flags = fields.List(fields.Nested(OfrepEvaluation), required=True)
    eventStreams = fields.List(  # noqa: N815 (the protocol's name)
        fields.Nested(OfrepEventStream),
        metadata={"description": "Not there for secret keys, which are in no address."},
    )


class OfrepFailure(Error):
    """Why flags were not evaluated, also in the fields of OFREP."""

    key = fields.String()
    errorCode = fields.String()  # noqa: N815 (the protocol's name)
    errorDetails = fields.String()  # noqa: N815


class PersonQuery(Schema):
    """The person whose flags are evaluated."""

    distinct_id = StorableText(required=True, validate=validate.Length(1, 400))
    groups = fields.String(
        metadata={
            "description": "The person's groups: a JSON object with the key of the group by type.",
            "example": '{"company": "acme"}',
        },
    )

    @post_load
    def read_groups(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Read the keys of groups by type: texts or numbers."""
        try:
            found = msgspec.json.decode(data.get("groups", "{}"), type=dict[str, str | int | float])
        except (msgspec.DecodeError, UnicodeEncodeError) as error:
            raise ValidationError(
                'Is no JSON object with the keys of groups by type. Send {"company": "acme"}.',
                "groups",
            ) from error
        return {**data, "groups": found}


class PublicFlag(Schema):
    """A flag that is switched on for somebody."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    is_active = fields.Boolean(required=True)
    rollout_percentage = fields.Float(required=True)
    variants = fields.List(fields.String(), required=True)


class PublicFlagsResponse(Schema):
    """The flags that are switched on for somebody now, by key."""

    items = fields.List(fields.Nested(PublicFlag), required=True)


class FlagsOfPersonResponse(Schema):
    """The values of all flags for a person, by key."""

    distinct_id = fields.String(required=True)
    flags = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "true, false, or the key of a variant."},
    )
    payloads = fields.Dict(keys=fields.String(), required=True)
