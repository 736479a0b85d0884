"""The published contracts."""

from __future__ import annotations

import json

import pytest

from tools.openapi import DOCUMENTED, document, kept_document


@pytest.mark.parametrize("service", DOCUMENTED)
def test_the_document_is_what_the_service_publishes(backends: object, service: str) -> None:
    assert kept_document(service) == json.loads(json.dumps(document(service))), "run: make openapi"
