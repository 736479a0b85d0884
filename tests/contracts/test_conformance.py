"""Schemathesis over the gateway: what the OpenAPI documents promise is what the services do.

Every operation is called with data that fits its document and with data that does not: nothing
breaks (no 5xx), every status, content type and body is documented, and wrong data is refused.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from deploy.openapi import DOCUMENTED, document
from tests.conftest import Installation
from tests.contracts.matrix import ROWS

_EXAMPLES = 12
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def _operations() -> list[Any]:
    found = []
    for service in DOCUMENTED:
        schema = schemathesis.openapi.from_dict(document(service))
        found += [one.ok() for one in schema.get_all_operations()]
    return [one for one in found if one.label in ROWS]


def _prepare(installation: Installation, label: str) -> tuple[dict[str, str], dict[str, Any]]:
    """An account and a project for one operation alone, so that no call disturbs another's."""
    email = f"{uuid.uuid4().hex[:12]}@example.org"
    account, base = installation.new_user(email), f"{installation.url}/api/v1"
    project = account.post(f"{base}/projects/", json={"name": label[:100]}, timeout=10).json()
    user_id = account.get(f"{base}/auth/me", timeout=10).json()["id"]
    if ROWS[label].kind == "superuser":
        made = installation.login().patch(
            f"{base}/users/{user_id}", json={"is_superuser": True}, timeout=10
        )
        assert made.status_code == 200
    if ROWS[label].kind == "key":
        headers = {"X-API-Key": project["public_key"]}
    else:
        headers = {"Authorization": f"Bearer {account.cookies['access_token']}"}
    path: dict[str, Any] = {}
    if "{project_id}" in label:
        path["project_id"] = project["id"]
    if "/users/{user_id}" in label:
        path["user_id"] = user_id
    return headers, path


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", _operations(), ids=lambda one: one.label)
def test_an_operation_does_what_its_document_says(
    installation: Installation, operation: Any, mode: GenerationMode
) -> None:
    named = {one.name for one in operation.iter_parameters()} - {"project_id", "user_id"}
    if mode is GenerationMode.NEGATIVE and not named and not operation.body:
        return  # there is nothing that could be wrong
    headers, path = _prepare(installation, operation.label)
    checks = list(_CHECKS)
    if mode is GenerationMode.NEGATIVE:
        checks.append(negative_data_rejection)

    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode, path_parameters=path or None))
    def run(case: Any) -> None:
        case.call_and_validate(
            base_url=installation.url, headers=headers, checks=checks, timeout=30
        )

    run()
