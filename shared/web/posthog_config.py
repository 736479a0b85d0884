"""The configuration that PostHog's browser SDK loads when it starts."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields


def browser_config(token: str) -> dict[str, Any]:
    """Return the configuration; features that Tidemark lacks are off, so that the SDK skips them.

    ``surveys`` is left out on purpose: even when it is false, the SDK loads its script for them.
    """
    return {
        "token": token,
        "supportedCompression": ["gzip", "gzip-js"],
        "hasFeatureFlags": False,
        "analytics": {"endpoint": "/i/v0/e/"},
        "elementsChainAsString": True,
        "defaultIdentifiedOnly": False,
        "sessionRecording": False,
        "heatmaps": False,
        "capturePerformance": False,
        "captureDeadClicks": False,
        "autocaptureExceptions": False,
        "autocapture_opt_out": False,
        # posthog-js 1.50 to 1.100 capture clicks and changes only where /decide says so.
        "config": {"enable_collect_everything": True},
        "siteApps": [],
    }


class PostHogAnalytics(Schema):
    """Where the SDK sends events."""

    endpoint = fields.String(required=True)


class PostHogAutocapture(Schema):
    """What old SDKs read of automatic capture."""

    enable_collect_everything = fields.Boolean(required=True)


class PostHogConfigResponse(Schema):
    """Configuration of the SDK. What Tidemark does not do is off."""

    token = fields.String(required=True)
    supportedCompression = fields.List(fields.String(), required=True)  # noqa: N815 (the SDK's name)
    analytics = fields.Nested(PostHogAnalytics, required=True)
    elementsChainAsString = fields.Boolean(required=True)  # noqa: N815
    hasFeatureFlags = fields.Boolean(required=True)  # noqa: N815
    defaultIdentifiedOnly = fields.Boolean(required=True)  # noqa: N815
    sessionRecording = fields.Boolean(required=True)  # noqa: N815
    heatmaps = fields.Boolean(required=True)
    capturePerformance = fields.Boolean(required=True)  # noqa: N815
    captureDeadClicks = fields.Boolean(required=True)  # noqa: N815
    autocaptureExceptions = fields.Boolean(required=True)  # noqa: N815
    autocapture_opt_out = fields.Boolean(required=True)
    config = fields.Nested(PostHogAutocapture, required=True)
    siteApps = fields.List(fields.String(), required=True)  # noqa: N815
