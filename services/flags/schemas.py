"""Response schemas of flags, for the OpenAPI document."""

from __future__ import annotations

from marshmallow import Schema, fields

from shared.web.posthog_config import PostHogConfigResponse


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
