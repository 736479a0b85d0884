"""Trends of several projects over the gateway: what each caller may read of them."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.conftest import Installation


@pytest.fixture(scope="module")
def shops(installation: Installation) -> list[dict[str, Any]]:
    """Three shops with 1, 2 and 4 sales."""
    made = [installation.new_project(f"shop {number}") for number in range(3)]
    for number, project in enumerate(made):
        events = [{"event_name": "sold", "distinct_id": "ann"}] * 2**number
        assert installation.ingest(project["public_key"], events).status_code in {200, 202}
    installation.wait_until_stored()
    return made


def ask(
    installation: Installation, session: Any, board: int, ids: list[int], **options: Any
) -> requests.Response:
    """Ask the projects for their sales, as a tile of the project ``board`` does."""
    answer: requests.Response = session.post(
        f"{installation.url}/api/v1/analytics/{board}/insights/trends/projects",
        json={"series": [{"event": "sold"}], "project_ids": ids, "combine": "sum"},
        timeout=30,
        **options,
    )
    return answer


def test_rights_are_checked_for_each_project_at_each_answer(
    installation: Installation, shops: list[dict[str, Any]]
) -> None:
    first, second, third = (project["id"] for project in shops)
    owner = installation.login()
    assert ask(installation, owner, first, [first, second, third]).json()["lines"][0]["total"] == 7
    viewer = installation.new_user("viewer-of-shops@example.org", project_id=first)
    found = ask(installation, viewer, first, [first, second, third]).json()
    assert found["lines"][0]["total"] == 1
    assert found["missing"] == [
        {"project_id": id_, "name": None, "reason": "no_access"} for id_ in (second, third)
    ]
    # The way in is the dashboard's project.
    assert ask(installation, viewer, second, [first]).status_code == 404
    _leave(installation, viewer, first)
    assert ask(installation, viewer, first, [first]).status_code == 404


def test_a_secret_key_reads_its_own_project_only(
    installation: Installation, shops: list[dict[str, Any]]
) -> None:
    first, second, third = shops
    headers = {"X-API-Key": second["secret_key"]}
    ids = [project["id"] for project in shops]
    found = ask(installation, requests, second["id"], ids, headers=headers).json()
    assert found["lines"][0]["total"] == 2
    assert [one["project_id"] for one in found["missing"]] == [first["id"], third["id"]]


def test_a_tile_of_several_projects_is_stored_and_not_shown_behind_a_link(
    installation: Installation, shops: list[dict[str, Any]]
) -> None:
    first, second, _ = (project["id"] for project in shops)
    owner = installation.login()
    api = f"{installation.url}/api/v1/analytics"
    saved = owner.post(
        f"{api}/{first}/saved-insights/",
        json={"name": "Sales", "kind": "trends", "query": {"series": [{"event": "sold"}]}},
        timeout=10,
    ).json()
    projects = {"ids": [first, second], "combine": "lines"}
    tiles = {"items": [{"insight_id": saved["id"], "projects": projects}, {"text": "Read me"}]}
    board = owner.post(
        f"{api}/{first}/dashboards/", json={"name": "All shops", "tiles": tiles}, timeout=10
    ).json()
    assert [tile["projects"] for tile in board["tiles"]["items"]] == [projects, None]
    refused = owner.patch(
        f"{api}/{first}/dashboards/{board['id']}",
        json={"tiles": {"items": [{"text": "x", "projects": projects}]}},
        timeout=10,
    )
    assert refused.status_code == 422
    link = owner.post(f"{api}/{first}/dashboards/{board['id']}/share", json={}, timeout=10).json()[
        "token"
    ]
    shared = f"{api}/shared/dashboards/{link}"
    shown = requests.get(shared, timeout=10).json()
    assert [tile["text"] for tile in shown["tiles"]] == ["Read me"]
    assert requests.get(f"{shared}/insights/{saved['id']}", timeout=10).status_code == 404


def _leave(installation: Installation, session: requests.Session, project_id: int) -> None:
    """Leave a project."""
    me = session.get(f"{installation.url}/api/v1/auth/me", timeout=10).json()["id"]
    url = f"{installation.url}/api/v1/projects/{project_id}/members/{me}"
    assert session.delete(url, timeout=10).status_code == 204
