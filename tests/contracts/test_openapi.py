"""The published contracts."""

from __future__ import annotations

import json

import pytest

from tools.openapi import DOCUMENTED, committed_document, document


@pytest.mark.parametrize("service", DOCUMENTED)
def test_the_document_is_what_the_service_publishes(backends: object, service: str) -> None:
    assert committed_document(service) == json.loads(json.dumps(document(service))), (
        "run: make openapi"
    )
