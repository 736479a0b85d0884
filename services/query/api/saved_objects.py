"""What people keep of a project, each with list, make, read, change and remove."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify
from marshmallow import Schema

from services.query.api.schemas import saved_objects as schemas
from services.query.saved import objects
from shared.auth.access import current_caller, project_for
from shared.web.blueprint import Blueprint
from shared.web.schemas import PageQuery

blueprint = Blueprint(
    "kept",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>",
    description="What people keep",
)

_KINDS: dict[str, tuple[objects.Kind, type[Schema]]] = {
    "saved-insights": (objects.SAVED, schemas.SavedIn),
    "dashboards": (objects.BOARDS, schemas.BoardIn),
    "annotations": (objects.ANNOTATIONS, schemas.AnnotationIn),
    "communities": (objects.COMMUNITIES, schemas.CommunityIn),
    "divisions": (objects.DIVISIONS, schemas.DivisionIn),
}


def _named(view: Callable[..., Any], verb: str, path: str, text: str) -> Callable[..., Any]:
    view.__name__ = f"{verb}_{path.replace('-', '_')}"
    view.__doc__ = text
    return view


def _collection(path: str, kind: objects.Kind, schema: type[Schema]) -> None:
    def listed(query: dict[str, Any], project_id: int) -> Response:
        project_for(project_id)
        return jsonify(objects.listed(kind, project_id, query["limit"], query["cursor"]))

    def made(data: dict[str, Any], project_id: int) -> tuple[Response, int]:
        project_for(project_id, "member")
        return jsonify(objects.made(kind, project_id, data, current_caller().user_id)), 201

    view = _named(listed, "list", path, "A page of them.")
    blueprint.get(f"/{path}/")(
        blueprint.arguments(PageQuery, location="query")(blueprint.response(200)(view))
    )
    view = _named(made, "make", path, "A new one.")
    blueprint.post(f"/{path}/")(blueprint.arguments(schema)(blueprint.response(201)(view)))


def _single(path: str, kind: objects.Kind, schema: type[Schema]) -> None:
    def found(project_id: int, key: str) -> Response:
        project_for(project_id)
        return jsonify(objects.found(kind, project_id, key))

    def changed(data: dict[str, Any], project_id: int, key: str) -> Response:
        project_for(project_id, "member")
        data.pop("id", None)
        return jsonify(objects.changed(kind, project_id, key, data))

    def removed(project_id: int, key: str) -> tuple[str, int]:
        project_for(project_id, "member")
        objects.removed(kind, project_id, key)
        return "", 204

    one = f"/{path}/<string:key>"
    blueprint.get(one)(blueprint.response(200)(_named(found, "get", path, "One of them.")))
    view = _named(changed, "change", path, "Other values in the fields that are given.")
    blueprint.patch(one)(blueprint.arguments(_partial(schema))(blueprint.response(200)(view)))
    blueprint.delete(one)(blueprint.response(204)(_named(removed, "remove", path, "Remove it.")))


def _partial(schema: type[Schema]) -> Schema:
    """The same fields, none of them needed and none filled in."""
    name = f"{schema.__name__.removesuffix('In')}Change"
    # By name: what lies inside a field, such as a tile, is given as a whole.
    found: Schema = type(name, (schema,), {})(partial=tuple(schema().fields))
    for field in found.load_fields.values():
        field.load_default = _MISSING
    return found


_MISSING = schemas.SavedIn().fields["name"].load_default

for _path, (_kind, _schema) in _KINDS.items():
    _collection(_path, _kind, _schema)
    _single(_path, _kind, _schema)


@blueprint.post("/dashboards/<string:key>/share")
@blueprint.response(200)
def share_dashboard(project_id: int, key: str) -> Response:
    """A public link, shown once; an older one stops working."""
    project_for(project_id, "member")
    return jsonify(objects.share(project_id, key))


@blueprint.delete("/dashboards/<string:key>/share")
@blueprint.response(204)
def unshare_dashboard(project_id: int, key: str) -> tuple[str, int]:
    """No link works any more."""
    project_for(project_id, "member")
    objects.unshare(project_id, key)
    return "", 204


@blueprint.put("/definitions/<any(event, property):kind>/<string:name>")
@blueprint.arguments(schemas.DefinitionIn)
@blueprint.response(200)
def put_definition(data: dict[str, Any], project_id: int, kind: str, name: str) -> Response:
    """Say what an event name or a property means."""
    project_for(project_id, "member")
    return jsonify(objects.defined(project_id, kind, name, data))
