"""The published contracts."""

from __future__ import annotations

import json

import pytest

from deploy.openapi import DOCUMENTED, document, path


@pytest.mark.parametrize("service", DOCUMENTED)
def test_the_document_is_what_the_service_publishes(backends: object, service: str) -> None:
    kept = json.loads(path(service).read_text())
    assert kept == json.loads(json.dumps(document(service))), "run: make openapi"
