"""Schemathesis over the gateway: what the OpenAPI documents promise is what the services do.

Every operation is called with data that fits its document and with data that does not: nothing
breaks (no 5xx), every status, content type and body is documented, and wrong data is refused.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
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
from schemathesis.config import SchemathesisConfig

from tests.conftest import Installation
from tests.support.access_matrix import ROWS
from tools.openapi import DOCUMENTED, committed_document

_EXAMPLES = 10
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
_OF_PROJECT = "/api/v1/analytics/{project_id}"
_ANY_TEXT = ({"type": "string", "minLength": 1}, {"type": "string", "default": ""})


_CONFIGURATION = {
    # Who may call is the matter of test_tenancy.py; here everybody may.
    "generation": {"with-security-parameters": False},
    "checks": {
        "negative_data_rejection": {
            # 413 and 414 are the gateway's: such a call is refused before a service reads it.
            "expected-statuses": [400, 401, 403, 404, 405, 406, 409, 413, 414, 415, 422, 429],
        }
    },
}


def _operations() -> list[Any]:
    found = []
    for service in DOCUMENTED:
        config = SchemathesisConfig.from_dict(_CONFIGURATION)
        schema: Any = schemathesis.openapi.from_dict(committed_document(service), config=config)
        found += [one.ok() for one in schema.get_all_operations()]
    return [one for one in found if one.label in ROWS]


@dataclass
class Tenant:
    """Somebody with an account, who makes a project for every operation."""

    installation: Installation
    account: requests.Session

    def prepare(self, label: str) -> tuple[dict[str, str], dict[str, Any]]:
        """Headers and path of an operation's calls; no call disturbs another operation's."""
        kind, base = ROWS[label].kind, f"{self.installation.url}/api/v1"
        path: dict[str, Any] = {}
        account = self.account
        if kind in {"own", "superuser"}:  # such calls end logins, or the account itself
            account = self.installation.new_user(f"{uuid.uuid4().hex[:12]}@example.org")
            path["user_id"] = account.get(f"{base}/auth/me", timeout=10).json()["id"]
        if kind == "superuser":
            made = self.installation.login().patch(
                f"{base}/users/{path['user_id']}", json={"is_superuser": True}, timeout=10
            )
            assert made.status_code == 200
        headers = {"Authorization": f"Bearer {account.cookies['access_token']}"}
        if kind in {"project", "reader", "key"}:
            project = account.post(f"{base}/projects/", json={"name": label[:100]}, timeout=10)
            assert project.status_code == 201, project.text
            path["project_id"] = project.json()["id"]
            path |= self._made(account, label, path["project_id"])
            if kind == "key":
                headers = {"X-API-Key": project.json()["public_key"]}
        return headers, {name: value for name, value in path.items() if f"{{{name}}}" in label}

    def _made(self, account: requests.Session, label: str, project_id: int) -> dict[str, Any]:
        """Something in the list that an operation's path goes through, such as an annotation."""
        _, _, path = label.partition(" ")
        collection, _, rest = path.removeprefix("/api/v1/").partition("/{project_id}/")
        kind, _, name = rest.partition("/{")
        ways = [f"POST /api/v1/{collection}/{{project_id}}/{kind}{end}" for end in ("", "/")]
        row = next((ROWS[way] for way in ways if way in ROWS), None)
        if row is None or not name:
            return {}
        if kind == "experiments":
            # To ship or to roll back changes the flag.
            flag = {"key": row.body["flag_key"]}
            flags = f"{self.installation.url}/api/v1/projects/{project_id}/feature-flags/"
            assert account.post(flags, json=flag, timeout=10).status_code == 201
        made = self._post(account, f"{collection}/{project_id}", kind, row.body)
        return {name.partition("}")[0]: made}

    def _post(self, account: requests.Session, base: str, kind: str, body: Any) -> int | str:
        """Create something, and before it what its body names, ``{dashboards}``; return its id.

        A community's and a division's id is a text that its owner chose.
        """
        body = {
            field: self._post(account, base, other, ROWS[f"POST {_OF_PROJECT}/{other}/"].body)
            if isinstance(value, str) and (other := value.strip("{}")) != value
            else value
            for field, value in body.items()
        }
        made = account.post(f"{self.installation.url}/api/v1/{base}/{kind}/", json=body, timeout=10)
        assert made.status_code == 201, made.text
        created: int | str = made.json()["id"]
        return created


@pytest.fixture(scope="module")
def tenant(installation: Installation) -> Iterator[Tenant]:
    with installation.new_user(f"conformance-{uuid.uuid4().hex[:8]}@example.org") as account:
        yield Tenant(installation, account)


@pytest.mark.sweep
@pytest.mark.parametrize("operation", _operations(), ids=lambda one: one.label)
def test_an_operation_does_what_its_document_says(tenant: Tenant, operation: Any) -> None:
    headers, path = tenant.prepare(operation.label)

    def calls(mode: GenerationMode, checks: list[Any]) -> None:
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
                base_url=tenant.installation.url,
                headers=headers,
                checks=checks,
                timeout=30,
                allow_redirects=False,
            )

        run()

    calls(GenerationMode.POSITIVE, _CHECKS)
    if _can_be_wrong(operation, path):
        calls(GenerationMode.NEGATIVE, [*_CHECKS, negative_data_rejection])


def _can_be_wrong(operation: Any, given: dict[str, Any]) -> bool:
    """Not so where everything is as good as anything else: then there is no wrong data to make."""
    wanted = [one.raw_schema for one in operation.iter_parameters() if one.name not in given]
    wanted += [one.definition["schema"] for one in operation.body]
    return any(schema not in ({}, *_ANY_TEXT) for schema in wanted)
