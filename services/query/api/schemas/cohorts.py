"""Requests to create cohorts."""

from __future__ import annotations

from typing import get_args

from marshmallow import Schema, fields, validate

from services.query.api.schemas.persons import PersonSelection
from services.query.parsing.insight_kind import FigureKind
from shared.web.schemas import PlainText, StorableObject


class CohortFigureRequest(Schema):
    """A figure of an insight, whose persons become the members."""

    kind = PlainText(required=True, validate=validate.OneOf(get_args(FigureKind)))
    query = StorableObject(required=True)
    """The body that lists the persons of the figure."""


class CohortRequest(Schema):
    """The fields of a cohort: one of a query, distinct ids, a figure, and persons of a list."""

    name = PlainText(required=True, validate=validate.Length(1, 200))
    description = PlainText(load_default="", validate=validate.Length(max=2_000))
    query = StorableObject(load_default=None, allow_none=True, schema="CohortQuery")
    distinct_ids = fields.List(
        PlainText(validate=validate.Length(1, 200)),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 10_000),
    )
    figure = fields.Nested(CohortFigureRequest, load_default=None, allow_none=True)
    persons = fields.Nested(PersonSelection, load_default=None, allow_none=True)


class CohortChangeRequest(Schema):
    """The changed fields of a cohort. With another query its members are found again."""

    name = PlainText(validate=validate.Length(1, 200))
    description = PlainText(validate=validate.Length(max=2_000))
    query = StorableObject(schema="CohortQuery")
