"""The configuration that PostHog's browser SDK loads when it starts."""

from __future__ import annotations

from typing import Any


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
        "siteApps": [],
    }
