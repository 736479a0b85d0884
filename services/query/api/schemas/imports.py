"""Requests for imports of events."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.imports.presets import PRESETS
from shared.imports.reading import FORMATS
from shared.web.schemas import PlainText, StorableObject, StorableText, WholeNumber

MAX_HEAD_CHARACTERS = 200_000
MAX_PREVIEW_ROWS = 100


class ImportRequest(Schema):
    """A file that is to be imported. Its parts follow."""

    name = PlainText(required=True, validate=validate.Length(1, 200))
    format = fields.String(required=True, validate=validate.OneOf(FORMATS))
    size = WholeNumber(
        required=True,
        validate=validate.Range(1, 2**53),
        metadata={"description": "Bytes of the file."},
    )
    mapping = StorableObject(required=True, schema="ImportMapping")


class ImportPreviewRequest(Schema):
    """The beginning of a file, and how it would be imported."""

    format = fields.String(required=True, validate=validate.OneOf(FORMATS))
    head = StorableText(
        required=True,
        validate=validate.Length(1, MAX_HEAD_CHARACTERS),
        metadata={"description": "The beginning of the file, with whole rows."},
    )
    mapping = StorableObject(load_default=None, allow_none=True, schema="ImportMapping")
    preset = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(sorted(PRESETS)),
        metadata={"description": "The system that wrote the file, instead of a mapping."},
    )
    rows = WholeNumber(load_default=20, validate=validate.Range(1, MAX_PREVIEW_ROWS))
