"""Print the token with which Prometheus reads /metrics of every service."""

from __future__ import annotations

import argparse

from shared.runtime.settings import get_settings
from shared.web.metrics_access import metrics_token

NAME = "metrics_token"
ALIASES: list[str] = []


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare no arguments."""
    del parser


def run(_options: argparse.Namespace) -> int:
    """Print the token alone, so that it can be written to a file."""
    print(metrics_token(get_settings().secret_key))
    return 0
