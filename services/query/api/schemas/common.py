"""Requests that several modules share."""

from __future__ import annotations

from marshmallow import Schema, fields, missing, validate

from services.query.parsing.insight_request import RangeParameters
from shared.web.request_schemas import url_field
from shared.web.schemas import PlainText


class RangeRequest(Schema):
    """The time range: a named period, a number of days, or from and to."""

    period = url_field(RangeParameters, "period")
    days = fields.Integer(
        load_default=None,
        validate=validate.Range(1, 3_700),
        metadata={"description": "So many local days; today is the last one.", "example": 30},
    )
    start = url_field(RangeParameters, "start")
    end = url_field(RangeParameters, "end")


def filters_field() -> PlainText:
    """Return the field for the filters of a report whose request is a URL."""
    return PlainText(
        load_default=None,
        validate=validate.Length(max=20_000),
        metadata={"description": "A filter as of an insight, as JSON text."},
    )


class FilteredRangeRequest(RangeRequest):
    """The time range, and which events count."""

    filters = filters_field()


def project_field() -> fields.Integer:
    """Return the field for the project, where the path does not name it."""
    return fields.Integer(
        load_default=None,
        validate=validate.Range(1, 2**31 - 1),
        metadata={
            "description": "Default: the project of the secret key, or the user's only project.",
            "example": 1,
        },
    )


class ProjectRequest(Schema):
    """The project, where the path does not name it."""

    project_id = project_field()


def update_schema(create: type[Schema]) -> Schema:
    """Return the schema of a change: the fields of ``create``, none required or filled in."""
    name = f"{create.__name__.removesuffix('Request')}UpdateRequest"
    # By name: an object inside a field, such as a tile, is given as a whole.
    schema: Schema = type(name, (create,), {})(partial=tuple(create().fields))
    for field in schema.load_fields.values():
        field.load_default = missing
    return schema
