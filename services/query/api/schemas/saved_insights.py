"""Requests to create and change saved insights."""

from __future__ import annotations

from typing import get_args

from marshmallow import Schema, validate

from services.query.api.schemas.common import update_schema
from services.query.parsing.insight_kind import InsightKind
from shared.web.schemas import PlainText, StorableObject, TrueOrFalse


class SavedInsightRequest(Schema):
    """The fields of a saved insight."""

    name = PlainText(required=True, validate=validate.Length(1, 200))
    description = PlainText(load_default="", validate=validate.Length(max=2_000))
    kind = PlainText(required=True, validate=validate.OneOf(get_args(InsightKind)))
    query = StorableObject(required=True, schema="InsightQuery")
    view = StorableObject(load_default=dict)
    is_favourite = TrueOrFalse(load_default=False)


SAVED_INSIGHT_UPDATE = update_schema(SavedInsightRequest)
