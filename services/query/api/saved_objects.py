"""The five routes of a kind of saved object: list, create, get, change and delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response
from marshmallow import Schema

from services.query.api.responses import json_response
from services.query.saved.objects import (
    ObjectType,
    create_object,
    delete_object,
    get_object,
    list_objects,
    update_object,
)
from services.query.saved.store import ProjectRow
from shared.auth.access import current_caller, project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import list_schema, response_schema
from shared.web.schemas import PageQuery

Check = Callable[[int, dict[str, Any], str | None], None]
"""Refuses what is sent for an object of a project: its id, None for a new one. Raises AppError."""


def _accept(project_id: int, data: dict[str, Any], key: str | None) -> None:
    """Accept everything."""


def add_object_routes(
    blueprint: Blueprint,
    kind: ObjectType[ProjectRow, Any],
    response: type,
    request: type[Schema],
    change: Schema,
    *,
    path: str = "",
    check: Check = _accept,
    deletion_note: str = "",
) -> None:
    """Add the routes of a kind whose objects readers read and members write.

    Args:
        blueprint: its path names the project.
        kind: the table of the objects.
        response: the class of an object in answers.
        request: what is sent to create an object.
        change: what is sent to change one.
        path: names the kind, if that of the blueprint does not.
        check: refuses what is sent, after access was checked.
        deletion_note: what the document adds about deleting one.
    """

    def list_all(query: dict[str, Any], project_id: int) -> Response:
        project_for(project_id)
        return json_response(list_objects(kind, project_id, query["limit"], query["cursor"]))

    def create(data: dict[str, Any], project_id: int) -> Response:
        project_for(project_id, "member")
        check(project_id, data, None)
        return json_response(create_object(kind, project_id, data, current_caller().user_id), 201)

    def get(project_id: int, key: str) -> Response:
        project_for(project_id)
        return json_response(get_object(kind, project_id, key))

    def update(data: dict[str, Any], project_id: int, key: str) -> Response:
        project_for(project_id, "member")
        check(project_id, data, key)
        return json_response(update_object(kind, project_id, key, data))

    def delete(project_id: int, key: str) -> tuple[str, int]:
        project_for(project_id, "member")
        delete_object(kind, project_id, key)
        return "", 204

    answers = blueprint.response(200, response_schema(response))
    in_url = blueprint.arguments(PageQuery, location="query")
    in_list, created = (
        blueprint.response(200, list_schema(response)),
        blueprint.response(201, response_schema(response)),
    )
    noun, one = kind.noun, f"an {kind.noun}" if kind.noun[0] in "aeiou" else f"a {kind.noun}"
    many = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"

    def add(
        method: str, item: str, action: str, text: str, view: Callable[..., Any], *parts: Any
    ) -> None:
        view.__doc__ = text
        view.__name__ = f"{action}_{noun}".replace(" ", "_")
        for part in reversed(parts):
            view = part(view)
        getattr(blueprint, method)(path + item)(view)

    add("get", "/", "list", f"List {many}.", list_all, in_url, in_list)
    add("post", "/", "create", f"Create {one}.", create, blueprint.arguments(request), created)
    add("get", "/<string:key>", "get", f"Get {one}.", get, answers)
    changes = blueprint.arguments(change)
    text = f"Change the given fields of {one}."
    add("patch", "/<string:key>", "update", text, update, changes, answers)
    text = f"Delete {one}. {deletion_note}".strip()
    add("delete", "/<string:key>", "delete", text, delete, blueprint.response(204))
