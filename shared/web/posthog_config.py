"""What PostHog's browser SDK is told when it starts."""

from __future__ import annotations

from typing import Any


def browser_config(token: str) -> dict[str, Any]:
    """Everything that Tidemark does not do is off, so that the SDK does not load it.

    ``surveys`` is missing on purpose: told that there are none, the SDK loads its script for them.
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
